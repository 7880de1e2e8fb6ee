package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"

	"mini/build"
	"mini/internal/licence"
)

// origin is a program of others that a graph makes, with where its source comes from: from outside, or, with neither fetch nor
// archive, out of the script's own files.
type origin struct {
	*build.Program
	nodes   []*build.Node   // that make it
	tree    *build.Artifact // the source, unpacked
	fetch   *build.Fetch
	archive string // a file of this machine
	sha256  string // of fetch or archive, as far as somebody said
}

// programsIn lists the programs of a graph, each once, however many of its nodes make it.
func programsIn(graph *build.Graph) []*origin {
	type one struct {
		build.Program
		source string
	}
	var all []*origin
	seen := map[one]*origin{}
	for _, n := range graph.Nodes {
		if n.Program == nil {
			continue
		}
		o := originOf(n)
		key := one{*n.Program, fmt.Sprintf("%s %s %v", o.sha256, o.archive, o.tree)}
		if was := seen[key]; was != nil {
			was.nodes = append(was.nodes, n)
			continue
		}
		seen[key] = o
		all = append(all, o)
	}
	return all
}

func originOf(n *build.Node) *origin {
	o := &origin{Program: n.Program, nodes: []*build.Node{n}}
	for _, in := range n.Inputs {
		if in.Path != "src" || in.From == nil { // below src/ lie the script's own files
			continue
		}
		o.tree = in.From
		for _, packed := range in.From.Node.Inputs {
			switch {
			case packed.From != nil && packed.From.Node.Fetch != nil:
				o.fetch = packed.From.Node.Fetch
				o.sha256 = o.fetch.SHA256
			case packed.Host != "" && o.fetch == nil && o.archive == "": // patches of this machine come behind
				o.archive, o.sha256 = packed.Host, packed.SHA256
			}
		}
	}
	return o
}

// manifestProgram is what somebody published and was built: a part of an image, or something that a part was built with.
type manifestProgram struct {
	build.Program
	// Found is what the source's own files say where no licence was given, and the source is still unpacked in the cache.
	Found  []licence.Found `json:"licence_found,omitempty"`
	Source *manifestSource `json:"source,omitempty"` // nil: files that lie beside the script, or are in it
	Nodes  []string        `json:"nodes"`
}

func (s *session) manifestPrograms(graph *build.Graph, plan []*build.Planned) ([]manifestProgram, error) {
	all := []manifestProgram{}
	at := s.unpacked(plan)
	for _, o := range programsIn(graph) {
		p := manifestProgram{Program: *o.Program}
		for _, n := range o.nodes {
			p.Nodes = append(p.Nodes, graph.ID(n))
		}
		var err error
		if p.Source, err = s.sourceOf(o); err != nil {
			return nil, err
		}
		if p.Source != nil {
			p.Version = cmp.Or(p.Source.Version, p.Version) // what a series came to
		}
		if o.tree != nil && o.Licence == "" {
			if p.Found, err = licence.Detect(os.DirFS(at(o.tree))); err != nil && !os.IsNotExist(err) {
				return nil, err
			}
		}
		all = append(all, p)
	}
	return all, nil
}

func (s *session) sourceOf(o *origin) (*manifestSource, error) {
	switch {
	case o.fetch != nil:
		from := s.manifestSource(o.fetch)
		return &from, nil
	case o.archive == "":
		return nil, nil
	}
	sum := o.sha256
	if sum == "" {
		var err error
		if sum, err = fileSum(o.archive); err != nil {
			return nil, err
		}
	}
	return &manifestSource{File: filepath.Base(o.archive), SHA256: sum, From: "a file of this machine"}, nil
}
