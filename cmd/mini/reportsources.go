package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"mini/build"
	"mini/internal/licence"
	"mini/internal/reportpage"
	"mini/internal/source"
)

// verifiedText is how the bytes of a source are known to be the right ones, behind where they are from.
var verifiedText = map[string]string{
	source.VerifiedTable:     "; its checksum is mini's own",
	source.VerifiedSignature: "; its checksum is under the distribution's signature",
	source.VerifiedUnsigned:  "; this machine trusts the archive without a signature",
	source.VerifiedGiven:     "; the script has its checksum",
}

// sources are the programs of the graph with what they are built from, and what else it brings from outside.
func (r *reporter) sources(ctx context.Context) ([]reportpage.Source, error) {
	var all []reportpage.Source
	shown := map[*build.Fetch]bool{}
	for _, o := range programsIn(r.graph) {
		s, err := r.programSource(ctx, o)
		if err != nil {
			return nil, err
		}
		shown[o.fetch] = true
		all = append(all, s)
	}
	for _, n := range r.graph.Nodes {
		if n.Fetch == nil || shown[n.Fetch] {
			continue
		}
		s := r.brought(r.manifestSource(n.Fetch))
		s.NoLicence = "No program is built of it, so nobody looked."
		all = append(all, s)
	}
	return all, nil
}

func (r *reporter) programSource(ctx context.Context, o *origin) (reportpage.Source, error) {
	s := reportpage.Source{From: "the script’s own files", Licence: o.Licence}
	from, err := r.sourceOf(o)
	if err != nil {
		return s, err
	}
	if from != nil {
		s = r.brought(*from)
		s.Licence = o.Licence
	}
	s.Name = o.Name
	for _, n := range r.graph.Nodes {
		if o.tree != nil && slices.ContainsFunc(n.Inputs, func(in build.Input) bool { return in.From != nil && *in.From == *o.tree }) {
			s.Quirks = append(s.Quirks, quirksOf(n)...)
		}
	}
	if s.Version == "" {
		s.Version = o.Version
	}
	switch {
	case o.tree == nil:
		s.NoLicence = "Nobody said."
		return s, nil
	case r.failure != nil:
		s.NoLicence = "The build failed, so nobody looked."
		return s, nil
	}
	return s, r.licences(ctx, o.tree, &s)
}

// copied are the files of this machine that are in it.
func (r *reporter) copied(ctx context.Context) ([]reportpage.Copied, error) {
	plan, err := r.engine.Plan(ctx, r.graph, roots(r.targets)) // all hits
	if err != nil {
		return nil, err
	}
	files, err := r.hostFiles(ctx, plan)
	var all []reportpage.Copied
	for _, f := range files {
		all = append(all, reportpage.Copied{Path: f.Path, Package: strings.TrimSpace(f.Package + " " + f.Version), SHA256: f.SHA256})
	}
	return all, err
}

// quirksOf are the known breakages that a step works around.
func quirksOf(n *build.Node) []reportpage.Quirk {
	var all []reportpage.Quirk
	for _, q := range n.Quirks {
		all = append(all, reportpage.Quirk(q))
	}
	return all
}

// brought is what is known of something from outside.
func (r *reporter) brought(m manifestSource) reportpage.Source {
	s := reportpage.Source{Name: m.Name, Version: m.Version, File: m.File, SHA256: m.SHA256, From: m.From}
	if s.Name == "" {
		s.Name = m.File
	}
	if m.Size > 0 {
		s.Size = build.FormatSize(m.Size)
	}
	for _, from := range append([]string{m.From}, m.URLs...) {
		if strings.HasPrefix(from, "https://") || strings.HasPrefix(from, "http://") {
			s.URL = from
			break
		}
	}
	if pin, ok := r.script.pinned(m.SHA256); ok {
		s.From += verifiedText[pin.Verified]
	}
	return s
}

// licences looks into a source's tree.
func (r *reporter) licences(ctx context.Context, tree *build.Artifact, s *reportpage.Source) error {
	dir, err := (&scale{session: r.session, results: r.results}).path(ctx, tree)
	if err != nil {
		return err
	}
	found, err := licence.Detect(os.DirFS(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, f := range found {
		l := reportpage.Licence{SPDX: f.SPDX, File: f.File, How: "by the text of"}
		switch {
		case f.Says:
			l.How = "said in"
		case f.SPDX == "":
			l.SPDX = "Not recognised"
			l.How = "see"
		}
		s.Licences = append(s.Licences, l)
	}
	s.NoLicence = "There is no COPYING or LICENSE at its root."
	return nil
}
