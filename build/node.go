package build

import (
	"slices"
	"strconv"
	"strings"
)

// A Node is one thing to be made: inputs, tools and steps in, named outputs out. Nodes are plain data: making one
// touches neither disk nor network, and nothing changes a node after its builtin returned it.
type Node struct {
	// Name is short, for events, logs and `mini log`: "busybox", "linux.compile". Graph.ID makes it unique.
	Name string
	// Title is what a person calls it: "linux 6.1.192 x86_64: compile".
	Title string
	// Pos is the place of the script's call that asked for it, file:line:col.
	Pos string

	// Inputs are laid out below the action's root before the first step.
	Inputs []Input
	// Steps are shell command lines, run one after the other by `sh -ex` in the action's root. A node whose steps
	// all begin with "mini step " is done by mini itself, in its own process. What a step needs of its inputs is in
	// its text by relative path, so the same text runs in a sandbox, in a plain directory and from a transcript.
	Steps []string
	// Tools are the host programs the steps may call: nothing else is on their PATH. With make among them the steps'
	// environment has MAKEFLAGS, by which make shares the processors with all else that runs: no step says -j itself.
	Tools []string
	// Compilers are those of Tools that are C compiler drivers: their headers, libraries and helper programs are part
	// of the key as well.
	Compilers []string
	// Libraries are those of the host, beyond the C library, that programs which a build makes for itself are compiled
	// with. The steps see no others, and these are part of the key.
	Libraries []Library
	// Env holds NAME=value settings beyond the fixed environment of every action.
	Env []string
	// Outputs are paths below the action's root: files, or whole trees.
	Outputs []string
	// Remark names a text among Outputs that may have something to tell those who plan: a first line "# note: …". It is no
	// part of the key.
	Remark string
	// HostFiles names a text among Outputs that says which files of the host the steps came across and took into their
	// outputs: lines of a SHA-256, two blanks and an absolute path, as sha256sum writes them, with step.Absent instead of the
	// SHA-256 where they looked for one and there was none. Which those are is known only when the steps have run, so they
	// are not in the key; a result counts only while they are as they were.
	HostFiles string
	// Recipe is raised by hand when the steps' text stays and their meaning changes.
	Recipe int

	// After are nodes that should be done before this one is run, although none of their outputs go into it: they may
	// find that its work would be for nothing. (An image that can't boot should be found before its kernel is
	// compiled.) They get processors first, and are waited for unless processors would stand idle meanwhile. If one
	// fails, this one is ended. They are not in the key.
	After []*Node
	// OrAfter are the After lists of the same node elsewhere, in a graph that Merge made: one list of them all is enough.
	OrAfter [][]*Node
	// Before are nodes that this one should be done before: as if it stood in their After, wherever this node is one of a
	// graph's roots. It brings none of them into the graph. They are not in the key.
	Before []*Node

	// Origins are places in the script, one for each line of what a step reads, for that step's error messages.
	// They are not in the key: a line that moves in the script rebuilds nothing.
	Origins []string

	// Quirks say what of its steps and inputs is there because the source would break without it. They are not in the key:
	// what they changed is.
	Quirks []Quirk
	// Causes are failures of its steps that somebody has met before. They are not in the key.
	Causes []Cause

	// Program is what somebody published and this node makes of its source, for those who ask what an image has in it; nil for
	// all other nodes. It is not in the key.
	Program *Program

	// Fetch says that this node is not made but brought here from outside: then it has no steps, and one output.
	Fetch *Fetch
}

// Program is something with a name, a version and a licence.
type Program struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Licence string `json:"licence,omitempty"` // an expression of SPDX; "" where nobody said
}

// Quirk is a known breakage of a source that a node works around.
type Quirk struct {
	Name   string `json:"name"`
	Remedy string `json:"remedy"` // what was done: "TC=n"
	Why    string `json:"why"`
	See    string `json:"see"` // where it was reported
}

// Cause is what a failure comes from that is known of one node's steps alone.
type Cause struct {
	Shows string `json:"shows"` // a regular expression that fits a line of what they print
	Says  string `json:"says"`  // what that means, and what to do
}

// Library is one of the host's, with its headers.
type Library struct {
	// Name is what follows -l: "elf".
	Name string `json:"name"`
	// Headers are C headers that the host's compiler must find: "libelf.h". They are checked before anything is
	// downloaded. With "openssl/evp.h" all of openssl/ comes.
	Headers []string `json:"headers,omitempty"`
	// Optional says that the steps may do without.
	Optional bool `json:"optional,omitempty"`
}

// Fetch is a file from outside, identified by its digest; any place that has those bytes will do.
type Fetch struct {
	// File is the file's base name, and the node's only output.
	File string `json:"file"`
	// SHA256 and Size identify the bytes. SHA256 is empty while nobody has decided which bytes are meant: then the
	// node is Unresolved and can be planned but not built.
	SHA256 string `json:"sha256,omitempty"`
	Size   int64  `json:"size,omitempty"` // 0 when it isn't known
	// Unresolved says in words what is to be found out, e.g. "the newest linux 6.1".
	Unresolved string `json:"unresolved,omitempty"`
	// Name, Version and From say what it is and where it was found, for those who fetch it and for the transcript.
	Name    string `json:"name,omitempty"`
	Version string `json:"version,omitempty"`
	From    string `json:"from,omitempty"`
	// URLs are places named by the script itself; without them the Fetcher knows where to look.
	URLs []string `json:"urls,omitempty"`
}

// Input is something below the action's root. Exactly one of From, Data and Host says what.
type Input struct {
	Path string // relative, clean
	// Label is what a person calls it, where the path doesn't say: "/etc/motd". It is not in the key.
	Label string
	From  *Artifact
	// Data is a literal text of the script; Exec its permission.
	Data []byte
	Exec bool
	// Host is a file of the user's, by absolute path; SHA256 is what the script says it must be, if it does.
	Host   string
	SHA256 string
	// Mode says what the steps may do with a tree.
	Mode InputMode
}

// InputMode says how a tree is laid into the action's root.
type InputMode int

const (
	// ReadOnly trees are mounted (or linked where mounts are not allowed) and must not be written to.
	ReadOnly InputMode = iota
	// Copied trees are the action's own copy, and may become part of an output.
	Copied
	// Overlaid trees may be written to, at the same path and with the same modification times, without the store's
	// copy ever changing; only the declared outputs below them are brought out.
	Overlaid
)

// Artifact names an output of a node, or one file in an output that is a tree.
type Artifact struct {
	Node   *Node
	Output string // one of Node.Outputs
	Sub    string // path below a tree output, "" for the output itself
}

// String names the artifact for people: "busybox: install/bin/busybox".
func (a *Artifact) String() string {
	s := a.Node.Name + ": " + a.Output
	if a.Sub != "" {
		s += "/" + a.Sub
	}
	return s
}

// InProcess reports whether mini does the node's steps itself.
func (n *Node) InProcess() bool {
	for _, s := range n.Steps {
		if !strings.HasPrefix(s, "mini step ") {
			return false
		}
	}
	return len(n.Steps) > 0
}

// A Graph is all nodes that some roots need, each once, every node after those it depends on.
type Graph struct {
	Nodes []*Node
	ids   map[*Node]string
	of    map[*Node]*Node   // in a merged graph: which of Nodes stands for a node of the sets
	first map[*Node][]*Node // roots that say so come before these
}

// NewGraph walks from the roots, in an order that depends on the script alone.
func NewGraph(roots []*Node) *Graph {
	g := &Graph{ids: map[*Node]string{}, first: map[*Node][]*Node{}}
	for _, n := range roots {
		for _, later := range n.Before {
			if !slices.Contains(g.first[later], n) {
				g.first[later] = append(g.first[later], n)
			}
		}
	}
	taken := map[string]int{} // how often a name was given, or the number it was last given with
	var visit func(*Node)
	visit = func(n *Node) {
		if _, seen := g.ids[n]; seen {
			return
		}
		g.ids[n] = "" // claims the node: a shared one is visited once
		for _, d := range n.deps() {
			visit(d)
		}
		for _, d := range g.earlier(n) {
			visit(d)
		}
		id := n.Name
		for i := taken[n.Name] + 1; taken[id] > 0; i++ {
			id = n.Name + "-" + strconv.Itoa(i)
			taken[n.Name] = i
		}
		taken[id] = max(taken[id], 1)
		g.ids[n] = id
		g.Nodes = append(g.Nodes, n)
	}
	for _, n := range roots {
		visit(n)
	}
	return g
}

// Node is the node that stands for n in a merged graph; in any other it is n itself.
func (g *Graph) Node(n *Node) *Node {
	if one := g.of[n]; one != nil {
		return one
	}
	return n
}

// In is Node for each of nodes.
func (g *Graph) In(nodes ...*Node) []*Node {
	all := make([]*Node, len(nodes))
	for i, n := range nodes {
		all[i] = g.Node(n)
	}
	return all
}

// ID is the node's name, made unique in this graph by numbering the later of equal names.
func (g *Graph) ID(n *Node) string { return g.ids[n] }

// deps are the nodes whose outputs go into n, in the order of its inputs.
func (n *Node) deps() []*Node {
	var deps []*Node
	for _, in := range n.Inputs {
		if in.From != nil {
			deps = append(deps, in.From.Node)
		}
	}
	return deps
}

// after are the nodes that n should come after in this graph.
func (g *Graph) after(n *Node) []*Node {
	if len(g.first[n]) == 0 {
		return n.After
	}
	return slices.Concat(n.After, g.first[n])
}

// earlier are the nodes that n waits for although it reads none of them: all that could be asked of it.
func (g *Graph) earlier(n *Node) []*Node {
	return slices.Concat(append([][]*Node{g.after(n)}, n.OrAfter...)...)
}
