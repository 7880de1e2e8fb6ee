package rootfs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// CheckInit tells whether the kernel could start path, usually "/init", from this list. A kernel that can't ends in a
// panic some seconds into the boot ("No working init found"), so this is asked before one is compiled.
//
// The program must be there, reached through links inside the list, a regular file with an x bit, and an ELF file or a
// script. What a script names after "#!" is held to the same rules, and so is the loader that an ELF file names. content maps
// digests to host files. elfInterp returns the loader (PT_INTERP) of a host file, or false for one that needs none; where it is
// nil, loaders are not looked at. The rules are those of fs/exec.c, fs/binfmt_script.c and fs/binfmt_elf.c.
func CheckInit(l List, path string, content map[string]string, elfInterp func(hostPath string) (string, bool)) error {
	return start{l, content, elfInterp}.check(path, []string{path})
}

// start holds what stays the same along a chain of interpreters.
type start struct {
	list      List
	content   map[string]string
	elfInterp func(string) (string, bool)
}

// maxScripts is how many scripts may be each other's interpreter (the depth in exec_binprm of fs/exec.c).
const maxScripts = 5

// check follows the chain, such as /init, /bin/sh: the last of it is what p, the path as written, stands for.
func (s start) check(p string, chain []string) error {
	e, err := s.program(p, chain)
	if err != nil {
		return err
	}
	name := chain[len(chain)-1]
	host, ok := s.content[e.SHA256]
	if !ok {
		return fmt.Errorf("the content of %s is not at hand, so it can't be checked", word(name))
	}
	head, err := readHead(host)
	if err != nil {
		return hostError(host, err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		return s.checkLoader(name, host)
	case bytes.HasPrefix(head, []byte("#!")):
		interpreter, err := shebang(name, head)
		if err != nil {
			return err
		}
		if len(chain) > maxScripts {
			return fmt.Errorf("%s needs more than %d scripts to start each other, which Linux refuses: let %s begin with #!/bin/sh",
				word(chain[0]), maxScripts, word(chain[0]))
		}
		return s.check(interpreter, append(chain, interpreter))
	case len(head) == 0:
		return fmt.Errorf("%s is empty: its first line must be #!/bin/sh, or it must be a compiled program", word(name))
	}
	return fmt.Errorf("%s is neither a compiled program nor a script that names its shell: its first line must be #!/bin/sh", word(name))
}

// program finds the regular, executable file that p leads to.
func (s start) program(p string, chain []string) (Entry, error) {
	e, ok := s.list.Resolve(p)
	switch {
	case !ok:
		return e, s.missing(p, chain)
	case e.Type != File:
		return e, fmt.Errorf("%s is a %s, not a program: put a program there", asWritten(p, e), e.Type)
	case e.Mode&0o111 == 0:
		return e, fmt.Errorf("%s is not executable: write file(%q, mode = 0o755)", asWritten(p, e), path.Base(e.Path))
	}
	return e, nil
}

// asWritten names a path, and where it leads when that is elsewhere.
func asWritten(p string, e Entry) string {
	if e.Path == p {
		return word(p)
	}
	return fmt.Sprintf("%s (%s)", word(p), word(e.Path))
}

// missing says why p leads nowhere, and what to add.
func (s start) missing(p string, chain []string) error {
	if e, ok := s.list.Lookup(p); ok && e.Type == Symlink {
		return fmt.Errorf("%s is a symbolic link to %s, and there is no such file in the root filesystem (or the links lead in a circle)", word(p), word(e.Target))
	}
	if len(chain) == 1 {
		return fmt.Errorf("there is no %s in the root filesystem: add %q: file(%q, mode = 0o755) to its files", word(p), p, path.Base(p))
	}
	hint := "add a program of that name"
	if sh, ok := s.list.Resolve("/bin/sh"); ok && sh.Type == File && p != "/bin/sh" {
		hint = "add it, or write #!/bin/sh"
	} else if p == "/bin/sh" {
		hint = "add a shell, such as the tree of busybox(…)"
	}
	return fmt.Errorf("%s begins with #!%s, which is not in the root filesystem: %s", word(chain[len(chain)-2]), p, hint)
}

// checkLoader looks for the loader of an ELF file. The kernel opens it as it opens a program, x bit included, but does
// not look for a loader of the loader.
func (s start) checkLoader(name, host string) error {
	if s.elfInterp == nil {
		return nil
	}
	loader, ok := s.elfInterp(host)
	if !ok {
		return nil
	}
	e, found := s.list.Resolve(loader)
	switch {
	case !found:
		return fmt.Errorf("%s needs the loader %s, which is not in the root filesystem: add libs = elf_deps(…) for it, or link it statically", word(name), word(loader))
	case e.Type != File:
		return fmt.Errorf("%s needs the loader %s, which is a %s", word(name), asWritten(loader, e), e.Type)
	case e.Mode&0o111 == 0:
		return fmt.Errorf("%s needs the loader %s, which is not executable: give it mode 0o755", word(name), asWritten(loader, e))
	}
	return nil
}

// headSize is how much of a file the kernel looks at to find out what it is (BINPRM_BUF_SIZE,
// include/uapi/linux/binfmts.h, since Linux 5.1; it was 128 before).
const headSize = 256

func readHead(host string) ([]byte, error) {
	f, err := os.Open(host)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, headSize)
	n, err := io.ReadFull(f, head)
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return head[:n], err
}

// shebang returns the interpreter that the first line of a script names, as a path from the root: init starts there, so
// that a relative one works too.
func shebang(name string, head []byte) (string, error) {
	line, _, complete := bytes.Cut(head[2:], []byte("\n"))
	text := strings.TrimLeft(string(line), " \t")
	interpreter := text
	if end := strings.IndexAny(text, " \t\x00"); end >= 0 {
		interpreter = text[:end]
	}
	switch {
	case interpreter == "":
		return "", fmt.Errorf("%s names no interpreter after #!: its first line must be #!/bin/sh", word(name))
	case strings.HasSuffix(text, "\r"):
		return "", fmt.Errorf("%s has Windows line endings, so that Linux reads its first line as #!%s: save it with plain line breaks",
			word(name), word(text))
	case !complete && len(head) == headSize && interpreter == text:
		return "", fmt.Errorf("the first line of %s is longer than the %d bytes that Linux reads of it: use a shorter path", word(name), headSize)
	}
	if interpreter[0] != '/' {
		interpreter = "/" + interpreter
	}
	return interpreter, nil // not cleaned: ".." after a link leads elsewhere than its letters say
}
