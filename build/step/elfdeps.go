package step

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"mini/internal/elf"
	"mini/internal/toolchain"

	"github.com/spf13/pflag"
)

// elfdepsStep finds the shared libraries and program interpreters that ELF files need, in the sysroot of a compiler,
// and lays them out as a tree. Programs are read, never run, so it works for any architecture.
func elfdepsStep(flags *pflag.FlagSet) action {
	cc := flags.String("cc", "gcc", "the compiler whose libraries serve")
	deps := flags.StringArray("dep", nil, "a tree whose libraries come before those")
	from := flags.String("from", "", "a text that is to say which files of this machine it depends on")
	return func(ctx context.Context, env Env, args []string) error {
		if len(args) == 0 {
			return errors.New("mini step elfdeps: want an output directory")
		}
		driver, err := env.Tool(*cc)
		if err != nil {
			return err
		}
		tc, err := toolchain.Probe(ctx, driver, env.ToolEnv)
		if err != nil {
			return err
		}
		programs, own, err := programsIn(env, args[1:])
		if err != nil {
			return err
		}
		f := finder{tc: tc, asked: map[string][]string{}, passed: map[string]bool{}}
		for _, d := range *deps {
			top, err := filepath.EvalSymlinks(env.path(d))
			if err != nil {
				return err
			}
			f.deps = append(f.deps, top)
		}
		libs, err := elf.Closure(ctx, programs, own, f)
		if err != nil {
			return err
		}
		if err := layOut(env, env.path(args[0]), libs); err != nil || *from == "" {
			return err
		}
		return f.tell(env.path(args[0]), libs, env.path(*from))
	}
}

// Absent stands in the place of a digest for a path at which there was nothing.
const Absent = "absent"

// tell writes down which files of this machine were copied, and what they were, as sha256sum does; and of the places
// that were looked at before them, in the same way, what was there and could not serve, or that nothing was. What came
// from inputs is not among them.
func (f finder) tell(dir string, libs []elf.Library, to string) error {
	var lines []string
	add := func(sum, path string) {
		if line := sum + "  " + path + "\n"; !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	for _, lib := range libs {
		if slices.ContainsFunc(f.deps, func(top string) bool { return strings.HasPrefix(lib.HostPath, top+"/") }) {
			continue
		}
		sum, err := sumFile(filepath.Join(dir, filepath.FromSlash(lib.Path)))
		if err != nil {
			return err
		}
		add(sum, lib.HostPath)
		for _, link := range slices.Sorted(slices.Values(f.asked[lib.HostPath])) { // an upgrade may leave the file, and lead the link to another
			add(sum, link)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(f.passed)) {
		info, err := os.Stat(p)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			add(Absent, firstAbsent(p))
		case err == nil && info.Mode().IsRegular():
			sum, err := sumFile(p)
			if err != nil {
				return err
			}
			add(sum, p)
		}
	}
	return os.WriteFile(to, []byte(strings.Join(lines, "")), 0o644)
}

// firstAbsent is the first directory on the way to p that is not there, or p itself: several places have it in common.
func firstAbsent(p string) string {
	for {
		dir := filepath.Dir(p)
		if _, err := os.Stat(dir); dir == p || !errors.Is(err, fs.ErrNotExist) {
			return p
		}
		p = dir
	}
}

func sumFile(path string) (string, error) {
	b, err := os.ReadFile(path)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), err
}

// programsIn lists the ELF files below each AT=PATH, and where every file of them would be in the image.
func programsIn(env Env, args []string) ([]elf.Program, map[string]string, error) {
	var programs []elf.Program
	own := map[string]string{}
	add := func(image, host string) error {
		own[image] = host
		_, err := elf.Open(host)
		if errors.Is(err, elf.ErrNotELF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", image, err)
		}
		programs = append(programs, elf.Program{Path: image, HostPath: host})
		return nil
	}
	for _, arg := range args {
		at, rel := cutAt(arg)
		top, err := filepath.EvalSymlinks(env.path(rel))
		if err != nil {
			return nil, nil, err
		}
		err = filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(top, p)
			if err != nil {
				return err
			}
			image := path.Join("/", at, filepath.ToSlash(rel))
			if d.Type()&fs.ModeSymlink != 0 { // a library by its soname; what it leads to is looked at by itself
				own[image] = p
				return nil
			}
			return add(image, p)
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return programs, own, nil
}

// finder joins the two leaves: the closure asks; what the program was linked with answers, and then the compiler.
type finder struct {
	tc   *toolchain.Toolchain
	deps []string // trees that are laid over the image

	asked  map[string][]string // for a file of this machine, the links that led to it
	passed map[string]bool     // places of this machine that were looked at first
}

// depDirs are where packages install libraries.
var depDirs = []string{"lib", "usr/lib", "usr/local/lib", "lib64", "usr/lib64"}

func (f finder) Find(ctx context.Context, name string, like *elf.File) (elf.Found, error) {
	for _, top := range f.deps {
		for _, dir := range depDirs {
			host := filepath.Join(top, dir, name)
			if info, err := os.Stat(host); err == nil && info.Mode().IsRegular() && !strings.Contains(name, "/") {
				return elf.Found{HostPath: host, ImagePath: path.Join("/", dir, name)}, nil
			}
		}
	}
	host, passed, err := f.tc.FindLibrary(ctx, name)
	if err != nil {
		return elf.Found{}, err
	}
	for _, p := range passed {
		f.passed[p] = true
	}
	if host == "" {
		return elf.Found{}, fmt.Errorf("%w by %s", elf.ErrNotFound, f.tc.CC)
	}
	if real, err := filepath.EvalSymlinks(host); err == nil && real != host && !slices.Contains(f.asked[real], host) {
		f.asked[real] = append(f.asked[real], host)
	}
	return elf.Found{HostPath: host, ImagePath: f.tc.ImagePath(host)}, nil
}

func layOut(env Env, dir string, libs []elf.Library) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	made := map[string]bool{}
	for _, lib := range libs {
		to := filepath.Join(dir, filepath.FromSlash(lib.Path))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := copyTo(to, lib.HostPath); err != nil {
			return err
		}
		if err := os.Chmod(to, 0o755); err != nil {
			return err
		}
		for _, link := range lib.Links {
			if made[link.Path] {
				continue
			}
			made[link.Path] = true
			at := filepath.Join(dir, filepath.FromSlash(link.Path))
			if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
				return err
			}
			if err := os.Symlink(link.Target, at); err != nil {
				return err
			}
		}
		fmt.Fprintf(env.Log, "%s needed by %s\n", lib.Path, strings.Join(lib.NeededBy, ", "))
	}
	return openDirs(dir)
}

// openDirs gives directories the mode that they were meant to have: the user's umask took from it, and a root filesystem
// takes a directory's mode as it is.
func openDirs(dir string) error {
	return filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return os.Chmod(p, 0o755)
	})
}
