package elf

import (
	"bytes"
	"errors"
	"io"
)

// shebangSize is how much of a script the kernel looks at (BINPRM_BUF_SIZE).
const shebangSize = 256

// Shebang returns the interpreter that a script names in its first line, as in #!/bin/sh -e, by the rules of
// fs/binfmt_script.c. ok is false for what is not a script, can't be read, or names no interpreter, and where the
// kernel would not see the name's end.
func Shebang(r io.Reader) (interp string, ok bool) {
	buf := make([]byte, shebangSize)
	n, err := io.ReadFull(r, buf)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", false
	}
	line, found := bytes.CutPrefix(buf[:n], []byte("#!"))
	if !found {
		return "", false
	}
	line, _, ended := bytes.Cut(line, []byte("\n"))
	line = bytes.TrimLeft(line, " \t")
	end := bytes.IndexAny(line, " \t\x00")
	if end < 0 {
		// Nothing after the name: then the line must end where it can be seen, or the file must.
		if !ended && n == shebangSize {
			return "", false
		}
		end = len(line)
	}
	return string(line[:end]), end > 0
}
