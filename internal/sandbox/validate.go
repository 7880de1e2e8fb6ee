package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// plan checks a Spec and turns it into the order for the init. What it refuses would otherwise fail half-way, with
// an errno for a message.
func (s *Spec) plan() (*order, error) {
	o := &order{
		Dir: s.Dir, Scratch: s.Scratch, Mounts: s.Mounts, Args: s.Args, Collect: s.Collect, Files: len(s.Files),
		Terminal: s.Terminal != nil, Streams: len(s.Streams) > 0, Resume: s.Resume,
	}
	if o.Streams && (len(s.Streams) != 3 || o.Terminal) {
		return nil, errors.New("an action has three streams of its own, or a terminal, or neither")
	}
	for _, d := range []struct{ what, path string }{{"working", s.Dir}, {"scratch", s.Scratch}} {
		if err := needDir(d.path); err != nil {
			return nil, fmt.Errorf("the %s directory of the action: %w", d.what, err)
		}
	}
	if err := checkMounts(s.Mounts); err != nil {
		return nil, err
	}
	if err := checkCollect(s.Collect, s.Mounts); err != nil {
		return nil, err
	}
	for _, d := range s.HostDirs {
		if err := checkHostDir(d); err != nil {
			return nil, err
		}
		o.HostDirs = append(o.HostDirs, filepath.Clean(d))
	}
	// A directory comes before what lies in it, or it would be laid over it.
	slices.Sort(o.HostDirs)
	for _, e := range s.Env {
		name, _, ok := strings.Cut(e, "=")
		if !ok || name == "" || strings.ContainsRune(e, 0) {
			return nil, fmt.Errorf("environment entry %q: want NAME=value", e)
		}
		if name != "PATH" {
			o.Env = append(o.Env, e)
		}
	}
	var err error
	if o.Veils, err = veils(s.Hide); err != nil {
		return nil, err
	}
	if o.Tools, err = checkTools(s.Tools); err != nil {
		return nil, err
	}
	if s.Front != nil {
		if o.FrontTool, err = s.Front.check(); err != nil {
			return nil, err
		}
		o.Front = s.Front
	}
	if len(s.Args) == 0 || s.Args[0] == "" {
		return nil, errors.New("there is no command to run")
	}
	if _, ok := s.Tools[s.Args[0]]; !ok && !strings.Contains(s.Args[0], "/") {
		return nil, fmt.Errorf("%q is not among the tools of this action: add it to them", s.Args[0])
	}
	return o, nil
}

func checkMounts(mounts []Mount) error {
	for i, m := range mounts {
		if !filepath.IsLocal(m.Target) || filepath.Clean(m.Target) != m.Target || m.Target == "." {
			return fmt.Errorf("mount target %q: want a clean path inside the action's directory", m.Target)
		}
		if m.Kind != ReadOnly && m.Kind != Writable {
			return fmt.Errorf("mount %s: unknown kind %d", m.Target, m.Kind)
		}
		info, err := statAbs(m.Source)
		if err != nil {
			return fmt.Errorf("mount %s: %w", m.Target, err)
		}
		if !info.IsDir() && (m.Kind == Writable || !info.Mode().IsRegular()) {
			return fmt.Errorf("mount %s: %s is not a directory", m.Target, m.Source)
		}
		for j, other := range mounts {
			if j == i {
				continue
			}
			// Inside a read-only target there is no place to hang another mount, and without namespaces the
			// target is a link into the store, where nothing may be created.
			if within(m.Target, other.Target) && (j > i || other.Kind == ReadOnly || m.Target == other.Target) {
				return fmt.Errorf("mount %s: it lies inside the mount %s, which is read-only or comes later", m.Target, other.Target)
			}
		}
	}
	return nil
}

func checkCollect(paths []string, mounts []Mount) error {
	for _, p := range paths {
		if !filepath.IsLocal(p) || filepath.Clean(p) != p {
			return fmt.Errorf("output %q: want a clean path inside the action's directory", p)
		}
		for _, m := range mounts {
			if m.Kind == ReadOnly && within(p, m.Target) {
				return fmt.Errorf("output %s: it lies inside the read-only %s, where no action can put it", p, m.Target)
			}
		}
	}
	return nil
}

// checkHostDir refuses directories that would lay themselves over what the sandbox puts there.
func checkHostDir(dir string) error {
	if err := needDir(dir); err != nil {
		return fmt.Errorf("host directory: %w", err)
	}
	for _, own := range []string{BuildDir, toolsDir, frontDir, "/proc", "/dev", "/sys", stageDir} {
		if within(dir, own) || within(own, dir) {
			return fmt.Errorf("host directory %s: the sandbox has its own %s", dir, own)
		}
	}
	if dir == "/tmp" || dir == "/etc" {
		return fmt.Errorf("host directory %s: the sandbox has its own; name the directory in it that is needed", dir)
	}
	return nil
}

func checkTools(tools map[string]string) ([]tool, error) {
	var list []tool
	for name, path := range tools {
		if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
			return nil, fmt.Errorf("tool %q: want a plain command name", name)
		}
		info, err := statAbs(path)
		if err != nil {
			return nil, fmt.Errorf("tool %s: %w", name, err)
		}
		if info.IsDir() || info.Mode()&0o111 == 0 {
			return nil, fmt.Errorf("tool %s: %s is not an executable file", name, path)
		}
		resolved, err := filepath.EvalSymlinks(path)
		if err != nil {
			return nil, fmt.Errorf("tool %s: %w", name, err)
		}
		list = append(list, tool{Name: name, Path: filepath.Clean(path), Resolved: resolved})
	}
	slices.SortFunc(list, func(a, b tool) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

func needDir(path string) error {
	info, err := statAbs(path)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a directory", path)
	}
	return err
}

// statAbs refuses relative paths: what they mean depends on a directory that may be gone.
func statAbs(path string) (os.FileInfo, error) {
	if !filepath.IsAbs(path) || strings.ContainsRune(path, 0) {
		return nil, fmt.Errorf("%q is not an absolute path", path)
	}
	return os.Stat(path)
}

// within reports whether path is dir or lies in it, by their text.
func within(path, dir string) bool {
	return path == dir || dir == "." || dir == "/" || strings.HasPrefix(path, dir+"/")
}
