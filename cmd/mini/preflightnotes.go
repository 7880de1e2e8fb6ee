package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"mini/build"
	"mini/builtins"
	"mini/internal/preflight"
)

// noteFindings tells of machines that will boot what won't work in them. What keeps one from booting has ended the build.
func (s *session) noteFindings(ctx context.Context, targets []target, results map[*build.Node]*build.Result) error {
	for _, t := range targets {
		m, ok := t.value.(*builtins.Machine)
		if !ok || m.Preflight() == nil {
			continue
		}
		n := m.Preflight()
		path, _, err := s.engine.CheckedPath(ctx, results[n], &build.Artifact{Node: n, Output: n.Outputs[0]})
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for line := range bytes.Lines(text) {
			var f preflight.Finding
			if err := json.Unmarshal(line, &f); err != nil {
				return fmt.Errorf("%s: %w", n.Title, err)
			}
			s.note(fmt.Sprintf("%s: %s: %s (mini check --boot tells what to do)", n.Pos, t.name, clean(f.What)))
		}
	}
	return nil
}
