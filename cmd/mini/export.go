package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"mini/build"
	"mini/builtins"
	"mini/internal/qemu"
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
		if err := replaceCopy(m.path, filepath.Join(dir, m.name), m.object); err != nil {
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
		vm := qemu.Machine{
			Program: m.Arch.QEMU, Type: m.Machine, CPU: m.CPU, Memory: m.Memory, CPUs: m.CPUs, Accel: "tcg",
			Cmdline: m.Cmdline, Args: m.Args, Kernel: names[*m.Kernel],
		}
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

// replaceCopy copies a file or tree over what an earlier build left at to.
func replaceCopy(from, to string, o build.Object) error {
	if o.IsTree {
		if err := os.RemoveAll(to); err != nil {
			return err
		}
		return build.CopyTree(from, to)
	}
	perm := fs.FileMode(0o644)
	if o.Exec {
		perm = 0o755
	}
	return copyFileOut(from, to, perm)
}

// copyFileOut writes beside the old file and renames, so that a reader finds the old or the new one, never a part.
func copyFileOut(from, to string, perm fs.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+"-")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name()) // fails after the rename, as it should
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Chmod(perm), out.Close()); err != nil {
		return fmt.Errorf("write %s: %w", to, err)
	}
	return os.Rename(out.Name(), to)
}
