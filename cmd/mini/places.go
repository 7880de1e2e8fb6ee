package main

import (
	"context"
	"os"
	"regexp"

	"mini/build"
	"mini/builtins"
	"mini/internal/qemu"
)

// placesText says where in its kernel a guest died; "" when nothing is known of that. A small kernel prints addresses, which
// its System.map makes names of. That is linked when it is asked for, in seconds; where more than that would have to be made,
// addresses must do.
func (s *session) placesText(ctx context.Context, m *builtins.Machine, places []qemu.Place) string {
	if len(places) == 0 {
		return ""
	}
	var table qemu.SystemMap
	for _, p := range places {
		if p.Name == "" {
			table = s.systemMap(ctx, m)
			break
		}
	}
	for i, p := range places {
		places[i] = table.Name(p)
	}
	return placesIn(places)
}

// panicking are the kernel's own functions by which it tells of a panic: what matters is who called them.
var panicking = regexp.MustCompile(`^(dump_stack|dump_stack_lvl|show_stack|panic)\+`)

// placesIn tells places by their names. A caller that only may be one is called so, once.
func placesIn(places []qemu.Place) string {
	for len(places) > 1 && panicking.MatchString(places[0].Name) {
		places = places[1:]
	}
	text := "in the guest's kernel it was at "
	if places[0].Guess {
		text = "in the guest's kernel it was perhaps at "
	}
	text += places[0].String()
	for i, p := range places[1:] {
		switch before := places[i]; {
		case p.Guess && !before.Guess:
			text += ", perhaps called by "
		case i == 0:
			text += ", called by "
		default:
			text += ", "
		}
		text += p.String()
	}
	return text
}

// systemMap is the table of the functions of a machine's kernel; nil when it can't be had at once.
func (s *session) systemMap(ctx context.Context, m *builtins.Machine) qemu.SystemMap {
	file := m.SystemMap()
	if file == nil {
		return nil
	}
	a := file.Artifact()
	graph := build.NewGraph([]*build.Node{a.Node})
	plan, err := s.engine.Plan(ctx, graph, []*build.Node{a.Node})
	if err != nil {
		return nil
	}
	for _, p := range plan {
		if p.Node != a.Node && p.Status != build.StatusHit {
			return nil
		}
	}
	results, err := s.engine.NewRun(graph).Build(ctx, []*build.Node{a.Node})
	if err != nil {
		return nil
	}
	path, _, err := s.engine.CheckedPath(ctx, results[a.Node], a)
	if err != nil {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	table, err := qemu.ReadSystemMap(f)
	if err != nil {
		return nil
	}
	return table
}
