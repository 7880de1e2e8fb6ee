package rootfs

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"
)

// A Kind says what a Directive does.
type Kind string

// The kinds, with the fields of a Directive that each uses.
const (
	TreeKind    Kind = "tree"  // Host, Path: every file, link and directory below the folder Host, owned 0:0
	FileKind    Kind = "file"  // Path, Host, Mode, UID, GID
	SymlinkKind Kind = "slink" // Path, Target
	DirKind     Kind = "dir"   // Path, Mode, UID, GID
	NodeKind    Kind = "nod"   // Path, Device, Major, Minor, Mode, UID, GID
	FifoKind    Kind = "fifo"  // Path, Mode, UID, GID
)

// KeepMode as the Mode of a file means that of the host's file, setuid included. It is written "-".
const KeepMode uint32 = 1 << 31

// A Directive is one line of a spec: how a part of the list is made out of the inputs.
type Directive struct {
	Kind         Kind
	Path         string // where in the root filesystem
	Host         string // which input, relative to the directory that holds all inputs
	Target       string // of a link
	Device       string // "c" for a character device, "b" for a block device
	Major, Minor uint32
	Mode         uint32
	UID, GID     uint32
}

// ParseSpec reads directives, one a line, in the manner of the kernel's usr/gen_init_cpio.c:
//
//	tree HOSTDIR AT
//	file PATH HOSTFILE MODE UID GID
//	slink PATH TARGET
//	dir PATH MODE UID GID
//	nod PATH c|b MAJOR MINOR MODE UID GID
//	fifo PATH MODE UID GID
//
// Modes are octal. A word with blanks or other unusual bytes stands in quotes. Blank lines and lines that begin with '#'
// are passed over. Errors begin with "line N".
func ParseSpec(data []byte) ([]Directive, error) {
	var spec []Directive
	number := 0
	for line := range strings.SplitSeq(string(data), "\n") {
		number++
		line = strings.TrimLeft(line, " \t")
		if line == "" || line[0] == '#' {
			continue
		}
		words, err := splitWords(line)
		var d Directive
		if err == nil {
			d, err = parseDirective(words)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		spec = append(spec, d)
	}
	return spec, nil
}

func parseDirective(words []string) (Directive, error) {
	d, n := Directive{Kind: Kind(words[0])}, numbers{}
	want, args := usage(d.Kind), words[1:]
	if want == "" {
		return d, fmt.Errorf("unknown directive %s: there are tree, file, slink, dir, nod and fifo", word(words[0]))
	}
	if len(args) != len(strings.Fields(want)) {
		return d, fmt.Errorf("%s takes %s", d.Kind, want)
	}
	owner := func(args []string) { // MODE UID GID
		d.Mode = KeepMode
		if d.Kind != FileKind || args[0] != "-" {
			if d.Mode = n.uint32("mode", args[0], 8); d.Mode == KeepMode && n.err == nil {
				n.err = fmt.Errorf("mode %q is beyond 07777", args[0])
			}
		}
		d.UID, d.GID = n.uint32("uid", args[1], 10), n.uint32("gid", args[2], 10)
	}
	switch d.Kind {
	case TreeKind:
		d.Host, d.Path = args[0], args[1]
	case FileKind:
		d.Path, d.Host = args[0], args[1]
		owner(args[2:])
	case SymlinkKind:
		d.Path, d.Target = args[0], args[1]
	case DirKind, FifoKind:
		d.Path = args[0]
		owner(args[1:])
	case NodeKind:
		d.Path = args[0]
		d.Device = args[1]
		d.Major, d.Minor = n.uint32("major", args[2], 10), n.uint32("minor", args[3], 10)
		owner(args[4:])
	}
	if n.err != nil {
		return d, n.err
	}
	return d, d.check()
}

// usage lists the words that follow a kind, or is "" for what is none.
func usage(k Kind) string {
	switch k {
	case TreeKind:
		return "HOSTDIR AT"
	case FileKind:
		return "PATH HOSTFILE MODE UID GID"
	case SymlinkKind:
		return "PATH TARGET"
	case NodeKind:
		return "PATH c|b MAJOR MINOR MODE UID GID"
	case DirKind, FifoKind:
		return "PATH MODE UID GID"
	}
	return ""
}

// FormatSpec writes directives in their order, one a line; ParseSpec reads them back.
func FormatSpec(spec []Directive) []byte {
	var b bytes.Buffer
	for _, d := range spec {
		mode := fmt.Sprintf("%04o", d.Mode)
		if d.Mode == KeepMode {
			mode = "-"
		}
		owner := fmt.Sprintf("%s %d %d", mode, d.UID, d.GID)
		fmt.Fprintf(&b, "%s ", d.Kind)
		switch d.Kind {
		case TreeKind:
			fmt.Fprintf(&b, "%s %s\n", word(d.Host), word(d.Path))
		case FileKind:
			fmt.Fprintf(&b, "%s %s %s\n", word(d.Path), word(d.Host), owner)
		case SymlinkKind:
			fmt.Fprintf(&b, "%s %s\n", word(d.Path), word(d.Target))
		case NodeKind:
			fmt.Fprintf(&b, "%s %s %d %d %s\n", word(d.Path), d.Device, d.Major, d.Minor, owner)
		default:
			fmt.Fprintf(&b, "%s %s\n", word(d.Path), owner)
		}
	}
	return b.Bytes()
}

// check says what is wrong with d before anything is read.
func (d Directive) check() error {
	switch d.Kind {
	case TreeKind:
		if err := checkPath(d.Path); err != nil {
			return err
		}
		return checkHost(d.Host)
	case FileKind:
		if err := checkHost(d.Host); err != nil {
			return err
		}
	case NodeKind:
		if d.Device != "c" && d.Device != "b" {
			return fmt.Errorf("the device type %s is neither c nor b", word(d.Device))
		}
	}
	e := d.entry()
	if d.Kind == FileKind {
		e.SHA256 = strings.Repeat("0", 64) // not known yet
		if e.Mode == KeepMode {
			e.Mode = 0
		}
	}
	return e.check()
}

// entry is what d puts into the list, but for what has to be read from the host.
func (d Directive) entry() Entry {
	e := Entry{Path: d.Path, Mode: d.Mode, UID: d.UID, GID: d.GID}
	switch d.Kind {
	case FileKind:
		e.Type = File
	case SymlinkKind:
		e.Type, e.Target, e.Mode = Symlink, d.Target, 0o777
	case DirKind:
		e.Type = Dir
	case FifoKind:
		e.Type = Fifo
	case NodeKind:
		e.Type, e.Major, e.Minor = Char, d.Major, d.Minor
		if d.Device == "b" {
			e.Type = Block
		}
	}
	return e
}

// checkHost refuses paths that lead out of the inputs by their letters; links that do are refused when they are opened.
func checkHost(host string) error {
	switch {
	case host == "":
		return errors.New("the path of an input is empty")
	case strings.IndexByte(host, 0) >= 0:
		return fmt.Errorf("the path of the input %s contains a zero byte", word(host))
	case strings.HasPrefix(host, "/"):
		return fmt.Errorf("the input %s must be relative to the directory of the inputs", word(host))
	case path.Clean(host) != host || host == ".." || strings.HasPrefix(host, "../"):
		return fmt.Errorf("the input %s must be a clean path without \"..\"", word(host))
	}
	return nil
}
