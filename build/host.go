package build

import (
	"context"
	"sync"

	"mini/internal/toolchain"
)

// LocalHost is the machine that mini runs on.
type LocalHost struct {
	Look    func(name string) (string, error) // finds a program, as exec.LookPath does
	Env     []string                          // environment for asking compilers
	Digests *toolchain.Digests                // remembered between runs
	// Uncontained says that the user switched the sandbox off. Then what steps make may depend on more of the host than
	// their keys know, so it is kept apart from what contained steps make.
	Uncontained bool

	mu   sync.Mutex
	memo map[string][]toolchain.Component
}

// Tool implements Host.
func (h *LocalHost) Tool(name string) (string, error) { return h.Look(name) }

// Identity implements Host. A tool is its bytes, and a compiler is also the programs, start files, libraries and
// headers that it reaches for by itself: an upgraded host builds anew, an untouched one never does.
func (h *LocalHost) Identity(ctx context.Context, tools, compilers []string) ([]Property, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var props []Property
	if h.Uncontained {
		props = append(props, Property{"sandbox", "off"})
	}
	add := func(of string, parts []toolchain.Component) {
		for _, c := range parts {
			name := "tool:" + c.Name
			if of != "" {
				name = "compiler:" + of + ":" + c.Name
			}
			props = append(props, Property{name, c.SHA256})
		}
	}
	for _, name := range append([]string{"sh"}, tools...) {
		parts, err := h.once("tool "+name, func(path string) ([]toolchain.Component, error) {
			c, err := h.Digests.Tool(path)
			c.Name = name
			return []toolchain.Component{c}, err
		}, name)
		if err != nil {
			return nil, err
		}
		add("", parts)
	}
	for _, name := range compilers {
		parts, err := h.once("compiler "+name, func(path string) ([]toolchain.Component, error) {
			tc, err := toolchain.Probe(ctx, path, h.Env)
			if err != nil {
				return nil, err
			}
			return tc.Identity(ctx, h.Digests)
		}, name)
		if err != nil {
			return nil, err
		}
		add(name, parts)
	}
	return props, nil
}

// once asks for each tool once a run: a graph has many nodes and few tools.
func (h *LocalHost) once(key string, ask func(path string) ([]toolchain.Component, error), tool string) ([]toolchain.Component, error) {
	if parts, ok := h.memo[key]; ok {
		return parts, nil
	}
	path, err := h.Look(tool)
	if err != nil {
		return nil, err
	}
	parts, err := ask(path)
	if err != nil {
		return nil, err
	}
	if h.memo == nil {
		h.memo = map[string][]toolchain.Component{}
	}
	h.memo[key] = parts
	return parts, nil
}
