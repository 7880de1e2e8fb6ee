package lang

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// ErrNoPath is what [Call.Resolve] fails with for a file that is there and in no directory of this machine: one of an
// embedded module, or of [Options.FS]. [Call.ReadFile] reads it.
var ErrNoPath = errors.New("has no path on this machine")

// Resolve returns the absolute host path of a file or directory that the script names. A plain name is relative to
// the directory of the script file in which the call stands, "//x" to the root of that file's module, which for the
// entry script is [Options.Root]. It must exist. Absolute paths are refused, and so are names that leave the module,
// by ".." or through a symbolic link: a script that reaches for the rest of the machine works on that machine only. In
// an embedded module there are no host paths: use [Call.ReadFile].
func (c *Call) Resolve(name string) (string, error) {
	p, err := c.place(name)
	if err != nil {
		return "", c.fileError(name, err)
	}
	if fsys, err := c.run.inFS(p); err != nil {
		return "", c.fileError(name, err)
	} else if fsys != nil {
		return "", c.fileError(name, fmt.Errorf("%s %w", c.run.name(p), ErrNoPath))
	}
	abs, err := c.run.host(p)
	if err != nil {
		return "", c.fileError(name, err)
	}
	return abs, nil
}

// ResolveAnywhere is [Call.Resolve] for what the user has somewhere on this machine, such as a source tree that is being
// worked on. In the files of the entry script's own module, which the user trusts with it, the name may be absolute or
// leave the root; in a module that somebody else wrote it may not.
func (c *Call) ResolveAnywhere(name string) (string, error) {
	if c.run.opts.FS != nil || c.site.place.module != "" || name == "" || strings.HasPrefix(name, "@") || strings.HasPrefix(name, "//") || strings.ContainsRune(name, 0) {
		return c.Resolve(name)
	}
	abs := filepath.FromSlash(name)
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(c.run.root, filepath.FromSlash(path.Dir(c.site.place.path)), abs)
	}
	if _, err := os.Stat(abs); err != nil {
		if p, inside := c.place(name); inside == nil {
			return "", c.fileError(name, c.run.unreadable(p, err))
		}
		if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
			err = pe.Err
		}
		return "", c.fileError(name, fmt.Errorf("can't read %s: %w", name, err))
	}
	return abs, nil
}

// place is what name means in the file in which the call stands. The files of another repository are that one's own
// business: what it wants to share it offers as values.
func (c *Call) place(name string) (place, error) {
	p, err := c.run.from(c.site.place, name)
	if err == nil && p.remote() && p.module != c.site.place.module {
		return p, WithHint(fmt.Errorf("%q is a file of another module", name),
			"a module shares its files as values: let it say x = file(…), and load x")
	}
	return p, err
}

// ReadFile returns the bytes of a file that the script names, by the rules of [Call.Resolve]. In an embedded module
// names are relative to the module's own files, and "@module//x" names one from anywhere.
func (c *Call) ReadFile(name string) ([]byte, error) {
	p, err := c.place(name)
	if err != nil {
		return nil, c.fileError(name, err)
	}
	f, err := c.run.open(p)
	if err != nil {
		return nil, c.fileError(name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, c.fileError(name, c.run.unreadable(p, err))
	}
	return data, nil
}

// fileError places err at the literal that names the file, if the script writes it out in this call.
func (c *Call) fileError(name string, err error) error {
	e := c.errorAt(c.literalPos(name), err.Error())
	if inner := (*Error)(nil); errors.As(err, &inner) {
		e.Msg, e.Hint = c.prefixed(inner.Msg), inner.Hint
	}
	e.Err = err
	return e
}
