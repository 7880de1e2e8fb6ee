package toolchain

import (
	"cmp"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// libraryDirs are looked at below each root, after the driver's own search. %s is the multiarch triplet, by
// https://wiki.debian.org/Multiarch/Tuples.
var libraryDirs = []string{"lib/%s", "usr/lib/%s", "lib64", "usr/lib64", "lib", "usr/lib"}

// FindLibrary returns the host path of a library, by its soname or a loader's base name; "" where there is none. The path
// has no needless "..", and may be a symbolic link. Of several files, one for the driver's own machine is preferred: a
// cross compiler's search ends in the host's /lib. passed are the places that would have come first: what appears at one
// of them may be the answer the next time.
func (t *Toolchain) FindLibrary(ctx context.Context, name string) (path string, passed []string, err error) {
	if name == "" || name == "." || name == ".." || strings.Contains(name, "/") {
		return "", nil, nil
	}
	candidates, passed, err := t.candidates(ctx, name)
	if err != nil {
		return "", nil, err
	}
	target, err := t.ofTarget(ctx)
	if err != nil {
		return "", nil, err
	}
	for _, c := range candidates {
		if info, err := os.Stat(c); err == nil && info.Mode().IsRegular() {
			if a, isELF := archOf(c); !isELF || target == (elfArch{}) || a == target {
				return c, passed, nil
			}
			if path == "" {
				path = c // better than nothing: it lets the caller say what is wrong with it
			}
		}
		passed = append(passed, c)
	}
	return path, passed, nil
}

// candidates are the places where a library may be: the driver's answer, and those that it may not know of. passed are
// those that the driver looked at before it gave the answer.
func (t *Toolchain) candidates(ctx context.Context, name string) (list, passed []string, err error) {
	answer, err := t.fileName(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	dirs, err := t.librarySearch(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, dir := range dirs {
		p := filepath.Join(dir, name)
		if p == answer {
			break
		}
		passed = append(passed, p)
	}
	if answer != "" {
		list = append(list, answer)
	}
	for _, root := range append(slices.Clone(t.roots), "/") {
		for _, dir := range libraryDirs {
			list = append(list, filepath.Join(root, strings.ReplaceAll(dir, "%s", t.multiarch()), name))
		}
	}
	return list, passed, nil
}

// fileName asks for a file of the toolchain. The driver prints the bare name back when it has none.
func (t *Toolchain) fileName(ctx context.Context, name string) (string, error) {
	answer, err := t.line(ctx, "-print-file-name="+name)
	if err != nil || !filepath.IsAbs(answer) {
		return "", err
	}
	return tidy(answer), nil
}

// tidy removes the ".." that drivers are fond of. Where a link makes them mean something else than they look, the
// directory's real path is taken.
func tidy(p string) string {
	clean := filepath.Clean(p)
	if clean == p {
		return p
	}
	a, errA := os.Stat(p)
	b, errB := os.Stat(clean)
	if errA != nil || errB == nil && os.SameFile(a, b) {
		return clean
	}
	dir, err := filepath.EvalSymlinks(p[:strings.LastIndex(p, "/")+1])
	if err != nil {
		return p
	}
	return filepath.Join(dir, filepath.Base(p))
}

// multiarch is the machine as Debian's directories have it: all 32-bit x86 is i386 there.
func (t *Toolchain) multiarch() string {
	cpu, rest, _ := strings.Cut(t.Machine, "-")
	switch cpu {
	case "i486", "i586", "i686":
		cpu = "i386"
	}
	return cpu + "-" + rest
}

// findRoots lists the folders that stand for the target's root directory.
func (t *Toolchain) findRoots(ctx context.Context) ([]string, error) {
	var roots []string
	add := func(dir string) {
		if info, err := os.Stat(dir); err == nil && info.IsDir() && !slices.Contains(roots, dir) {
			roots = append(roots, dir)
		}
	}
	sysroot, err := t.line(ctx, "-print-sysroot")
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	// An error is an older clang, which does not know the option.
	if sysroot = filepath.Clean(sysroot); err == nil && filepath.IsAbs(sysroot) && sysroot != "/" {
		add(sysroot)
		if real, err := filepath.EvalSymlinks(sysroot); err == nil {
			add(real)
		}
	}
	add("/usr/" + t.Machine)
	slices.SortStableFunc(roots, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return roots, nil
}

// ImagePath returns the path that a file of the sysroot has on the target:
// /usr/i686-linux-gnu/lib/libc.so.6 is /lib/libc.so.6 there. Paths outside of the sysroot stay.
func (t *Toolchain) ImagePath(hostPath string) string {
	p := filepath.Clean(hostPath)
	for _, root := range t.roots {
		if rest, ok := strings.CutPrefix(p, root+"/"); ok {
			return "/" + rest
		}
	}
	return p
}

// elfArch is what tells ELF files for different machines apart: class, byte order, machine (e_ident, e_machine).
type elfArch struct {
	class, order byte
	machine      [2]byte
}

// archOf reads it from a file; false for what is not ELF.
func archOf(path string) (elfArch, bool) {
	f, err := os.Open(path)
	if err != nil {
		return elfArch{}, false
	}
	defer f.Close()
	var b [20]byte
	if _, err := io.ReadFull(f, b[:]); err != nil || string(b[:4]) != "\x7fELF" {
		return elfArch{}, false
	}
	return elfArch{b[4], b[5], [2]byte(b[18:20])}, true
}

// ofTarget returns the architecture of what the driver links, from a start file; zero where it has none.
func (t *Toolchain) ofTarget(ctx context.Context) (elfArch, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.arch != nil {
		return *t.arch, nil
	}
	path, err := t.fileName(ctx, "crt1.o")
	if err != nil {
		return elfArch{}, err
	}
	arch, _ := archOf(path)
	t.arch = &arch
	return arch, nil
}
