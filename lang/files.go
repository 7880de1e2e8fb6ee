package lang

import (
	"errors"
	"fmt"
	"io"
)

// Resolve returns the absolute host path of a file or directory that the script names. A plain name is relative to
// the directory of the script file in which the call stands, "//x" to the directory of the entry script. It must
// exist. Absolute paths are refused, and so are names that leave the entry script's directory, by ".." or through
// a symbolic link: a script that reaches for the rest of the machine works on that machine only. In an embedded
// module there are no host paths: use [Call.ReadFile].
func (c *Call) Resolve(name string) (string, error) {
	p, err := c.site.place.from(name)
	if err != nil {
		return "", c.fileError(name, err)
	}
	if p.module != "" {
		return "", c.fileError(name, fmt.Errorf("%s is inside of mini and has no path on this machine", c.run.name(p)))
	}
	abs, err := c.run.host(p)
	if err != nil {
		return "", c.fileError(name, err)
	}
	return abs, nil
}

// ReadFile returns the bytes of a file that the script names, by the rules of [Call.Resolve]. In an embedded module
// names are relative to the module's own files, and "@module//x" names one from anywhere.
func (c *Call) ReadFile(name string) ([]byte, error) {
	p, err := c.site.place.from(name)
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
