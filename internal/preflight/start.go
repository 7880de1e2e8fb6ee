package preflight

import (
	"bytes"
	"fmt"
	"path"
	"strconv"
	"strings"
)

// Start follows what the kernel does to start a program, usually /init: the file, through links inside the root filesystem;
// if it is a script, what its first line names, and so on. It returns the files on the way, scripts first, the compiled
// program last, or what keeps the kernel from starting it.
//
// Each must be there, a regular file with an x bit, and an ELF file or a script; the loader that an ELF file names must be
// there too. The rules are those of fs/exec.c, fs/binfmt_script.c and fs/binfmt_elf.c.
func Start(files Files, name string) ([]File, *Finding) {
	return (&start{files: files, chain: []string{name}}).check(name)
}

// start is the chain of interpreters so far.
type start struct {
	files Files
	chain []string // as they are written
	found []File
}

// maxScripts is how many scripts may be each other's interpreter (the depth in exec_binprm of fs/exec.c).
const maxScripts = 5

// The numbers by which the kernel says why it can't start a program.
const (
	noEntry  = -2  // ENOENT
	noExec   = -8  // ENOEXEC
	noAccess = -13 // EACCES
	loop     = -40 // ELOOP
)

// fail is a finding about the file that the chain has come to.
func (s *start) fail(errno int, fix, format string, args ...any) *Finding {
	at := s.chain[len(s.chain)-1]
	if e, ok := s.files.Resolve(at); ok {
		at = e.Path
	}
	return &Finding{
		Severity: Error, Part: InRoot, Path: at, What: fmt.Sprintf(format, args...), Boot: failedInit(s.files, s.chain[0], errno), Fix: fix,
	}
}

func (s *start) check(p string) ([]File, *Finding) {
	e, bad := s.program(p)
	if bad != nil {
		return nil, bad
	}
	name := s.chain[len(s.chain)-1]
	program, err := s.files.Program(e)
	if err != nil {
		return nil, s.fail(noExec, "build or copy it again", "%s can't be read: %v", word(name), err)
	}
	s.found = append(s.found, e)
	switch {
	case program.ELF != nil:
		return s.found, s.checkLoader(name, program.ELF.Interp)
	case bytes.HasPrefix(program.Head, []byte("#!")):
		interpreter, bad := s.shebang(name, program.Head)
		if bad != nil {
			return nil, bad
		}
		if len(s.chain) > maxScripts {
			return nil, s.fail(loop, fmt.Sprintf("let %s begin with #!/bin/sh", word(s.chain[0])),
				"%s needs more than %d scripts to start each other, which Linux refuses", word(s.chain[0]), maxScripts)
		}
		s.chain = append(s.chain, interpreter)
		return s.check(interpreter)
	case len(program.Head) == 0:
		return nil, s.fail(noExec, "its first line must be #!/bin/sh, or it must be a compiled program", "%s is empty", word(name))
	}
	return nil, s.fail(noExec, "its first line must be #!/bin/sh", "%s is neither a compiled program nor a script that names its shell", word(name))
}

// program finds the regular, executable file that p leads to.
func (s *start) program(p string) (File, *Finding) {
	e, ok := s.files.Resolve(p)
	switch {
	case !ok:
		return e, s.missing(p)
	case e.Type != Regular:
		return e, s.fail(noAccess, "put a program there", "%s is a %s, not a program", asWritten(p, e), e.Type)
	case e.Mode&0o111 == 0:
		return e, s.fail(noAccess, fmt.Sprintf("write file(%q, mode = 0o755)", path.Base(e.Path)), "%s is not executable", asWritten(p, e))
	}
	return e, nil
}

// missing says why p leads nowhere, and what to add.
func (s *start) missing(p string) *Finding {
	if e, ok := s.files.Lookup(p); ok && e.Type == Link {
		return s.fail(noEntry, "add what it leads to, or lead it elsewhere",
			"%s is a symbolic link to %s, and there is no such file in the root filesystem (or the links lead in a circle)", word(p), word(e.Target))
	}
	if len(s.chain) == 1 {
		return s.fail(noEntry, fmt.Sprintf("add %q: file(%q, mode = 0o755) to its files", p, path.Base(p)), "there is no %s in the root filesystem", word(p))
	}
	fix := "add a program of that name"
	if sh, ok := s.files.Resolve("/bin/sh"); ok && sh.Type == Regular && p != "/bin/sh" {
		fix = "add it, or write #!/bin/sh"
	} else if p == "/bin/sh" {
		fix = "add a shell, such as the tree of busybox(…)"
	}
	bad := s.fail(noEntry, fix, "%s begins with #!%s, which is not in the root filesystem", word(s.chain[len(s.chain)-2]), p)
	if script, ok := s.files.Resolve(s.chain[len(s.chain)-2]); ok {
		bad.Path, bad.Line = script.Path, 1
	}
	return bad
}

// checkLoader looks for the loader of an ELF file. The kernel opens it as it opens a program, x bit included, but does
// not look for a loader of the loader.
func (s *start) checkLoader(name, loader string) *Finding {
	if loader == "" {
		return nil
	}
	e, found := s.files.Resolve(loader)
	switch {
	case !found:
		return s.fail(noEntry, "add libs = elf_deps(…) for it, or link it statically", "%s needs the loader %s, which is not in the root filesystem", word(name), word(loader))
	case e.Type != Regular:
		return s.fail(noAccess, "put the loader there", "%s needs the loader %s, which is a %s", word(name), asWritten(loader, e), e.Type)
	case e.Mode&0o111 == 0:
		return s.fail(noAccess, "give it mode 0o755", "%s needs the loader %s, which is not executable", word(name), asWritten(loader, e))
	}
	return nil
}

// shebang returns the interpreter that the first line of a script names, as a path from the root: init starts there, so
// that a relative one works too.
func (s *start) shebang(name string, head []byte) (string, *Finding) {
	line, _, complete := bytes.Cut(head[2:], []byte("\n"))
	text := strings.TrimLeft(string(line), " \t")
	interpreter := text
	if end := strings.IndexAny(text, " \t\x00"); end >= 0 {
		interpreter = text[:end]
	}
	switch {
	case interpreter == "":
		return "", s.fail(noExec, "its first line must be #!/bin/sh", "%s names no interpreter after #!", word(name))
	case strings.HasSuffix(text, "\r"):
		return "", s.fail(noEntry, "save it with plain line breaks",
			"%s has Windows line endings, so that Linux reads its first line as #!%s", word(name), word(text))
	case !complete && len(head) == HeadSize && interpreter == text:
		return "", s.fail(noExec, "use a shorter path", "the first line of %s is longer than the %d bytes that Linux reads of it", word(name), HeadSize)
	}
	if interpreter[0] != '/' {
		interpreter = "/" + interpreter
	}
	return interpreter, nil // not cleaned: ".." after a link leads elsewhere than its letters say
}

func reaches(files Files, name string) bool {
	_, ok := files.Resolve(name)
	return ok
}

// asWritten names a path, and where it leads when that is elsewhere.
func asWritten(p string, e File) string {
	if e.Path == p {
		return word(p)
	}
	return fmt.Sprintf("%s (%s)", word(p), word(e.Path))
}

// word writes a path into a sentence: as it is, or in quotes where its end would be hard to tell.
func word(p string) string {
	if q := strconv.Quote(p); q != `"`+p+`"` || p == "" || strings.ContainsAny(p, " ,;:()") {
		return q
	}
	return p
}

// String is the type in words.
func (t Type) String() string {
	switch t {
	case Regular:
		return "file"
	case Dir:
		return "directory"
	case Link:
		return "symbolic link"
	case Char:
		return "character device"
	case 'b':
		return "block device"
	}
	return "fifo"
}
