package build

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"mini/internal/toolchain"
)

// Identity is what of the host takes part in a node.
type Identity struct {
	// Properties are what the node's tools are, by content. They are in the key.
	Properties []Property
	// Hidden are host paths that the node's steps would come across although they are in none of Properties: headers
	// and libraries that no part of the C library are and that the node did not ask for.
	Hidden []string

	tools *toolset // of Properties, made once for the nodes that share them
}

// platform is what the key says of the host.
func (id Identity) platform() *toolset {
	if id.tools != nil {
		return id.tools
	}
	return platform(id.Properties)
}

// LocalHost is the machine that mini runs on.
type LocalHost struct {
	Look    func(name string) (string, error) // finds a program, as exec.LookPath does
	Env     []string                          // environment for asking compilers
	Digests *toolchain.Digests                // remembered between runs
	// Uncontained says that steps are not contained, because the user switched that off or the host does not allow it.
	// Then what they make may depend on more of the host than their keys know, so it is kept apart from what contained
	// steps make.
	Uncontained bool

	mu    sync.Mutex
	memo  map[string]Identity // by what a node asks for: a graph has many nodes and few such sets
	facts facts
}

// facts are what was found out of single tools, by name: the sets that nodes ask for have most of them in common.
type facts struct {
	tools     map[string]toolFact
	compilers map[string]*toolchain.Identity
}

type toolFact struct {
	part   toolchain.Component
	loaded []toolchain.Component
}

func newFacts() facts {
	return facts{tools: map[string]toolFact{}, compilers: map[string]*toolchain.Identity{}}
}

// Tool implements Host.
func (h *LocalHost) Tool(name string) (string, error) { return h.Look(name) }

// File implements Host.
func (h *LocalHost) File(path string) (string, error) { return h.Digests.File(path) }

// Identity implements Host. A tool is its bytes and those of the libraries that it loads, and a compiler is also the
// programs, start files, libraries and headers that it reaches for by itself: an upgraded host builds anew, an untouched
// one never does.
func (h *LocalHost) Identity(ctx context.Context, n *Node) (Identity, error) {
	asked := askedOf(n)
	h.mu.Lock()
	defer h.mu.Unlock()
	if id, ok := h.memo[asked]; ok {
		return id, nil
	}
	if h.memo == nil {
		h.memo, h.facts = map[string]Identity{}, newFacts()
	}
	id, err := h.look(ctx, n, h.facts)
	if err == nil {
		h.memo[asked] = id
	}
	return id, err
}

// askedOf is all of a node that its identity depends on, as one text. It is asked of each node of a graph, and most have many tools.
func askedOf(n *Node) string {
	libraries := ""
	if len(n.Libraries) > 0 {
		libraries = fmt.Sprintf("%#v", n.Libraries)
	}
	return strings.Join([]string{
		strconv.FormatBool(n.InProcess()), strings.Join(n.Tools, "\x00"), strings.Join(n.Compilers, "\x00"), libraries,
	}, "\x00\x00")
}

// Verify implements Host.
func (h *LocalHost) Verify(ctx context.Context, n *Node, before Identity) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Digests.Refresh()
	now, err := h.look(ctx, n, newFacts())
	if err != nil {
		return err
	}
	changed := changedProperties(before.Properties, now.Properties)
	if len(changed) == 0 && !slices.Equal(before.Hidden, now.Hidden) {
		changed = append(changed, "headers and libraries that it does not use")
	}
	if len(changed) > 0 {
		return fmt.Errorf("programs of this machine changed while it was built (%s), so nobody can say by which it was made; run mini again",
			strings.Join(changed, ", "))
	}
	return nil
}

// changedProperties names what differs between two lists.
func changedProperties(a, b []Property) []string {
	var names []string
	count := map[Property]int{}
	for _, p := range a {
		count[p]++
	}
	for _, p := range b {
		count[p]--
	}
	for p, n := range count {
		if n != 0 && !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names
}

func (h *LocalHost) look(ctx context.Context, n *Node, known facts) (Identity, error) {
	c := &collector{host: h, known: known, seen: map[Property]bool{}}
	if h.Uncontained {
		c.add("sandbox", "off")
	}
	tools := n.Tools
	if !n.InProcess() {
		tools = append([]string{"sh"}, tools...)
	}
	for _, name := range tools {
		if err := c.addTool(name); err != nil {
			return Identity{}, err
		}
	}
	for _, name := range n.Compilers {
		if err := c.addCompiler(ctx, name, n.Libraries); err != nil {
			return Identity{}, err
		}
	}
	c.show()
	return Identity{Properties: c.props, Hidden: c.hidden, tools: platform(c.props)}, nil
}

// collector puts one node's identity together.
type collector struct {
	host   *LocalHost
	known  facts
	props  []Property
	seen   map[Property]bool
	hidden []string
	needed []string // paths that must not be hidden
	loaded []toolchain.Component
}

func (c *collector) add(name, value string) {
	if p := (Property{name, value}); !c.seen[p] {
		c.seen[p] = true
		c.props = append(c.props, p)
	}
}

func (c *collector) addLoaded(parts []toolchain.Component) {
	for _, l := range parts {
		c.add("library:"+l.Name, l.SHA256)
	}
	c.loaded = append(c.loaded, parts...)
}

func (c *collector) addTool(name string) error {
	fact, ok := c.known.tools[name]
	if !ok {
		path, err := c.host.Look(name)
		if err != nil {
			return err
		}
		if fact.part, err = c.host.Digests.Tool(path); err != nil {
			return err
		}
		if fact.loaded, err = c.host.Digests.Loads(path); err != nil {
			return err
		}
		c.known.tools[name] = fact
	}
	c.add("tool:"+name, fact.part.SHA256)
	c.addLoaded(fact.loaded)
	return nil
}

func (c *collector) compiler(ctx context.Context, name string) (*toolchain.Identity, error) {
	if id, ok := c.known.compilers[name]; ok {
		return id, nil
	}
	path, err := c.host.Look(name)
	if err != nil {
		return nil, err
	}
	tc := &toolchain.Toolchain{CC: path, Env: c.host.Env}
	id, err := tc.Identity(ctx, c.host.Digests)
	if err == nil {
		c.known.compilers[name] = id
	}
	return id, err
}

func (c *collector) addCompiler(ctx context.Context, name string, libs []Library) error {
	id, err := c.compiler(ctx, name)
	if err != nil {
		return err
	}
	if len(libs) > 0 {
		wanted := make([]toolchain.Library, 0, len(libs))
		for _, l := range libs {
			wanted = append(wanted, toolchain.Library{Name: l.Name, Headers: l.Headers})
		}
		if id, err = id.With(ctx, c.host.Digests, wanted); err != nil {
			return err
		}
	}
	for _, p := range id.Parts {
		c.add("compiler:"+name+":"+p.Name, p.SHA256)
	}
	c.addLoaded(id.Loaded)
	c.needed = append(c.needed, id.Shown()...)
	c.hidden = append(c.hidden, id.Hidden...)
	return nil
}

// show takes from the hidden paths those that something of this node needs, and the directories on the way to it: of
// two compilers, one may not know what the other one has, and some libraries carry no number behind their .so.
func (c *collector) show() {
	needed := map[string]bool{}
	for _, l := range c.loaded {
		c.needed = append(c.needed, l.Path, filepath.Join(filepath.Dir(l.Path), l.Name))
	}
	for _, p := range c.needed {
		for ; len(p) > 1 && !needed[p]; p = filepath.Dir(p) {
			needed[p] = true
		}
	}
	slices.Sort(c.hidden)
	c.hidden = slices.DeleteFunc(slices.Compact(c.hidden), func(p string) bool { return needed[p] })
}
