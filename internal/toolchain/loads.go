package toolchain

import (
	"bufio"
	"debug/elf"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// needs is what a program names to be loaded with it.
type needs struct {
	SHA256 string   `json:"d"` // of the program
	Loader string   `json:"l,omitempty"`
	Libs   []string `json:"n,omitempty"`
	Paths  []string `json:"p,omitempty"` // its own directories for libraries, DT_RPATH and DT_RUNPATH
}

// Loads lists the libraries, loaders and script interpreters without which a program can't run, and what those need, by
// content, in the order in which they turn up. binutils keeps most of the assembler and the linker in such a library:
// the programs' own bytes stay when it is replaced. Where a library lies in several of the loader's directories, all of
// them are listed, as which is taken is the loader's business.
func (c *Digests) Loads(path string) ([]Component, error) {
	var found []Component
	seen := map[string]bool{}
	todo := []string{path}
	for i := 0; i < len(todo); i++ {
		part, err := c.Tool(todo[i])
		if err != nil {
			return nil, err
		}
		if seen[part.Path] {
			continue
		}
		seen[part.Path] = true
		if i > 0 {
			found = append(found, part)
		}
		n, err := c.needs(part.Path, part.SHA256)
		if err != nil {
			return nil, err
		}
		if n.Loader != "" && exists(n.Loader) {
			todo = append(todo, n.Loader)
		}
		for _, lib := range n.Libs {
			todo = append(todo, c.findLibrary(lib, n.Paths, filepath.Dir(part.Path))...)
		}
	}
	return found, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// needs reads what a program names, or remembers it.
func (c *Digests) needs(real, sum string) (needs, error) {
	c.mu.Lock()
	n, ok := c.kept.Needs[real]
	c.used[real] = true
	c.mu.Unlock()
	if ok && n.SHA256 == sum {
		return n, nil
	}
	n, err := readNeeds(real)
	if err != nil {
		return needs{}, err
	}
	n.SHA256 = sum
	// The digest comes from a file that is settled or was just read: if this is another file by now, its digest
	// will not be sum the next time.
	c.mu.Lock()
	c.kept.Needs[real] = n
	c.dirty = true
	c.mu.Unlock()
	return n, nil
}

// readNeeds reads the dynamic section of an ELF file, or the first line of a script. Any other file needs nothing.
func readNeeds(path string) (needs, error) {
	f, err := os.Open(path)
	if err != nil {
		return needs{}, err
	}
	defer f.Close()
	e, err := elf.NewFile(f)
	var format *elf.FormatError
	if errors.As(err, &format) || errors.Is(err, io.EOF) {
		return needs{Loader: interpreter(f)}, nil
	}
	if err != nil {
		return needs{}, err
	}
	n := needs{}
	for _, p := range e.Progs {
		if p.Type == elf.PT_INTERP {
			b, err := io.ReadAll(io.LimitReader(p.Open(), 4096))
			if err == nil {
				n.Loader = strings.TrimRight(string(b), "\x00")
			}
		}
	}
	n.Libs, _ = e.DynString(elf.DT_NEEDED) // a static program has none
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		lists, _ := e.DynString(tag)
		for _, l := range lists {
			n.Paths = append(n.Paths, filepath.SplitList(l)...)
		}
	}
	return n, nil
}

// interpreter is the program that runs a script.
func interpreter(f io.ReadSeeker) string {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return ""
	}
	line, _ := bufio.NewReader(io.LimitReader(f, 256)).ReadString('\n')
	rest, ok := strings.CutPrefix(line, "#!")
	if words := strings.Fields(rest); ok && len(words) > 0 && filepath.IsAbs(words[0]) {
		return words[0]
	}
	return ""
}

// findLibrary lists the files that a loader may take for a needed name: in the program's own directories, those of
// ld.so.conf, and the built-in ones (ld.so(8)), and in the subdirectories for better processors.
func (c *Digests) findLibrary(name string, own []string, origin string) []string {
	if strings.Contains(name, "/") {
		return nil
	}
	var dirs []string
	for _, d := range own {
		d = strings.NewReplacer("$ORIGIN", origin, "${ORIGIN}", origin).Replace(d)
		if filepath.IsAbs(d) {
			dirs = append(dirs, filepath.Clean(d))
		}
	}
	c.mu.Lock()
	known, ok := c.located[name]
	c.mu.Unlock()
	if !ok {
		known = filesNamed(name, c.loaderDirs())
		c.mu.Lock()
		c.located[name] = known
		c.mu.Unlock()
	}
	return append(filesNamed(name, dirs), known...)
}

func filesNamed(name string, dirs []string) []string {
	var found []string
	for _, d := range dirs {
		if p := filepath.Join(d, name); exists(p) {
			found = append(found, p)
		}
	}
	return found
}

// loaderDirs are the directories where every program's libraries are looked for, each once.
func (c *Digests) loaderDirs() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dirs != nil {
		return c.dirs
	}
	listed := append(confDirs("/etc/ld.so.conf", 0), "/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib")
	var dirs []string
	for _, d := range listed {
		real, err := filepath.EvalSymlinks(d)
		if err != nil || slices.Contains(dirs, real) {
			continue
		}
		dirs = append(dirs, real)
		better, _ := filepath.Glob(filepath.Join(real, "glibc-hwcaps", "*"))
		dirs = append(dirs, better...)
	}
	c.dirs = dirs
	return dirs
}

// confDirs reads ld.so.conf and what it includes (ldconfig(8)).
func confDirs(path string, depth int) []string {
	text, err := os.ReadFile(path)
	if err != nil || depth > 8 {
		return nil
	}
	var dirs []string
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		switch {
		case len(words) == 2 && words[0] == "include":
			pattern := words[1]
			if !filepath.IsAbs(pattern) {
				pattern = filepath.Join(filepath.Dir(path), pattern)
			}
			files, _ := filepath.Glob(pattern)
			for _, f := range files {
				dirs = append(dirs, confDirs(f, depth+1)...)
			}
		case len(words) == 1 && filepath.IsAbs(words[0]):
			dirs = append(dirs, words[0])
		}
	}
	return dirs
}
