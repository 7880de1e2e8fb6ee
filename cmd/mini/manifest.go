package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"sort"

	"mini/build"
)

// manifest says what the files of an output directory are, and what is needed to make them again.
type manifest struct {
	Mini    string            `json:"mini"`
	Command []string          `json:"command"` // the command line
	Script  string            `json:"script"`
	SHA256  string            `json:"script_sha256"`
	Params  map[string]string `json:"params"`
	Modules []manifestModule  `json:"modules"` // that the script requires, loaded or not
	Files   []manifestFile    `json:"files"`
	Sources []manifestSource  `json:"sources"`
	// Programs are what was built of others' sources, with their licences: all that is in the files, but for what the script
	// says itself and HostFiles.
	Programs []manifestProgram `json:"programs"`
	// HostFiles are the libraries of this machine that elf_deps copied.
	HostFiles []hostFile        `json:"host_files"`
	Steps     []manifestStep    `json:"steps"`
	Quirks    []manifestQuirk   `json:"quirks"` // known breakages of sources that were worked around
	Tools     map[string]string `json:"tools"`  // by content: the SHA-256 of each program, and of each part of a compiler
	// Versions are what the programs call themselves.
	Versions map[string]string `json:"tool_versions"`
}

// manifestStep is one step of the build. Its key is the digest of an Action of the Remote Execution API, which
// `mini why --key` prints.
type manifestStep struct {
	Node string `json:"node"`
	What string `json:"what"`
	Key  string `json:"key"` // "hash/size"
}

// manifestQuirk is a known breakage of a source, and the step that works around it.
type manifestQuirk struct {
	build.Quirk
	Node string `json:"node"`
}

// manifestFile is one file or tree of the directory.
type manifestFile struct {
	Name   string `json:"name"`
	Target string `json:"target"`
	Pos    string `json:"pos"`
	What   string `json:"what"`
	SHA256 string `json:"sha256"` // for a tree: of its root Directory message
	Size   int64  `json:"size,omitempty"`
	Action string `json:"action"` // the digest of the action that made it
}

// manifestModule is a module whose files the script can load.
type manifestModule struct {
	Path     string `json:"path"`
	Version  string `json:"version,omitempty"`
	Sum      string `json:"sum,omitempty"`
	Override string `json:"override,omitempty"` // the directory that stood in for it
}

// modules lists what a script was given to load from.
func (s *script) modules() []manifestModule {
	list := []manifestModule{}
	for _, r := range s.set.Required {
		if _, overridden := s.set.Overrides[r.Path]; !overridden {
			list = append(list, manifestModule{Path: r.Path, Version: r.Version, Sum: r.Sum})
		}
	}
	for path, o := range s.set.Overrides {
		list = append(list, manifestModule{Path: path, Override: o.Dir})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Path < list[j].Path })
	return list
}

// manifestSource is something that came from outside.
type manifestSource struct {
	File    string   `json:"file"`
	SHA256  string   `json:"sha256"`
	Size    int64    `json:"size,omitempty"`
	Name    string   `json:"name,omitempty"`
	Version string   `json:"version,omitempty"`
	From    string   `json:"from"`
	URLs    []string `json:"urls,omitempty"`
}

// command is the command line that makes what the session makes: in a matrix, one of its systems alone.
func (s *session) command() []string {
	if s.alone != nil {
		return s.alone
	}
	return append([]string{"mini"}, s.app.args...)
}

func (s *session) manifest(ctx context.Context, images []made, names map[build.Artifact]string, results map[*build.Node]*build.Result) (*manifest, error) {
	m := &manifest{
		Mini: version(), Command: s.command(), Script: s.script.path,
		Params: s.script.paramTexts(), Modules: s.script.modules(), Sources: []manifestSource{}, Quirks: []manifestQuirk{}, Tools: map[string]string{},
	}
	text, err := os.ReadFile(s.script.path)
	if err != nil {
		return nil, err
	}
	m.SHA256 = fmt.Sprintf("%x", sha256.Sum256(text))
	var nodes []*build.Node
	for _, image := range images {
		nodes = append(nodes, image.artifact.Node)
		if names[*image.artifact] != image.name {
			continue // written under another target's name
		}
		f := manifestFile{
			Name: image.name, Target: image.target.name, Pos: image.target.pos.String(),
			What: image.artifact.Node.Title, SHA256: image.object.Digest.Hash, Size: image.size,
		}
		if r := results[image.artifact.Node]; r.Action != nil {
			f.Action = r.Action.Digest.Hash
		}
		m.Files = append(m.Files, f)
	}
	graph := build.NewGraph(nodes)
	plan, err := s.engine.Plan(ctx, graph, nodes) // all hits now
	if err != nil {
		return nil, err
	}
	for _, p := range plan {
		if p.Action != nil {
			m.Steps = append(m.Steps, manifestStep{p.ID, p.Node.Title, p.Action.Digest.String()})
		}
		for _, q := range p.Node.Quirks {
			m.Quirks = append(m.Quirks, manifestQuirk{q, p.ID})
		}
	}
	if m.Programs, err = s.manifestPrograms(graph, plan); err != nil {
		return nil, err
	}
	if m.HostFiles, err = s.hostFiles(ctx, plan); err != nil {
		return nil, err
	}
	tools := map[string]bool{"sh": true}
	for _, n := range graph.Nodes {
		for _, name := range n.Tools {
			tools[name] = true
		}
		if n.Fetch != nil {
			m.Sources = append(m.Sources, s.manifestSource(n.Fetch))
		}
		id, err := s.host.Identity(ctx, n)
		if err != nil {
			return nil, err
		}
		for _, t := range id.Properties {
			m.Tools[t.Name] = t.Value
		}
	}
	m.Versions = s.app.versions(ctx, sortedKeys(tools))
	sort.Slice(m.Sources, func(i, j int) bool { return m.Sources[i].File < m.Sources[j].File })
	return m, nil
}

func (s *session) manifestSource(f *build.Fetch) manifestSource {
	src := manifestSource{File: f.File, SHA256: f.SHA256, Size: f.Size, From: "script", URLs: f.URLs}
	if pin, ok := s.script.pinned(f.SHA256); ok {
		src.Name, src.Version, src.From, src.Size = pin.Name, pin.Version, pin.From, pin.Size
	}
	return src
}
