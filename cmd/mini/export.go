package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"mini/build"
	"mini/builtins"
)

// export copies the results into a directory, and writes what explains them. Nothing is linked: a link would let a
// change in the directory reach the cache.
func (s *session) export(ctx context.Context, dir string, targets []target, images []made, results map[*build.Node]*build.Result) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	// A machine boots what other targets made: each artifact is written once, under the first name that it has.
	names := map[build.Artifact]string{}
	for _, m := range images {
		if _, twice := names[*m.artifact]; twice {
			continue
		}
		names[*m.artifact] = m.name
		if err := s.copyOut(ctx, m, results[m.artifact.Node], filepath.Join(dir, m.name)); err != nil {
			return err
		}
	}
	if err := s.writeScripts(ctx, dir, targets, results, names); err != nil {
		return err
	}
	manifest, err := s.manifest(ctx, images, names, results)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "manifest.json"), append(text, '\n'), 0o666)
}

// keepFor tells the cache what the exported files need.
func (s *session) keepFor(run *build.Run, dir string, images []made) error {
	var paths [3]string
	for i, p := range []string{dir, s.script.path, s.script.lockPath()} {
		var err error
		if paths[i], err = filepath.Abs(p); err != nil {
			return err
		}
	}
	var artifacts []*build.Artifact
	for _, m := range images {
		artifacts = append(artifacts, m.artifact)
	}
	return run.KeepFor(paths[0], paths[1], paths[2], artifacts)
}

// writeScripts writes a run.sh for each machine; with more than one they are called after their targets.
func (s *session) writeScripts(ctx context.Context, dir string, targets []target, results map[*build.Node]*build.Result, names map[build.Artifact]string) error {
	var machines []target
	for _, t := range targets {
		if _, ok := t.value.(*builtins.Machine); ok {
			machines = append(machines, t)
		}
	}
	for _, t := range machines {
		m := t.value.(*builtins.Machine)
		vm := emulated(m, m.Arch.QEMU, "tcg")
		vm.Kernel = names[*m.Kernel]
		if m.Initramfs != nil {
			vm.Initrd = names[*m.Initramfs]
		}
		name := "run.sh"
		if len(machines) > 1 {
			name = t.name + ".run.sh"
		}
		text := vm.Script(func(p string) string { return p })
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o777); err != nil {
			return err
		}
		if err := os.Chmod(filepath.Join(dir, name), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// copyOut puts an output at the path to, over what an earlier build left there. It writes beside the old one and renames, so that a
// reader finds the old or the new file, never a part; and what turns out to be damaged replaces nothing.
func (s *session) copyOut(ctx context.Context, m made, r *build.Result, to string) error {
	beside, err := os.MkdirTemp(filepath.Dir(to), "."+filepath.Base(to)+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(beside)
	fresh := filepath.Join(beside, filepath.Base(to))
	if err := s.engine.CopyOut(ctx, r, m.artifact, fresh); err != nil {
		return fmt.Errorf("write %s: %w", to, err)
	}
	if info, err := os.Lstat(to); err == nil && (m.object.IsTree || info.IsDir()) {
		if err := os.RemoveAll(to); err != nil { // a rename replaces only a file by a file
			return err
		}
	}
	return os.Rename(fresh, to)
}
