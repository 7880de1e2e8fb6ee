package builtins

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"mini/internal/rootfs"
	"mini/lang"

	"go.starlark.net/starlark"
)

// Entry is one thing in a root filesystem's dict, as file, symlink, device and directory make it.
type Entry struct {
	thing
	pos       string
	directive rootfs.Directive // without its path
	host      string           // a file of the user's
	data      []byte           // or a text; nil if neither
	from      *File            // or a file that a build makes
}

// isFile reports whether the entry is a file and not a link, a device or a directory.
func (e *Entry) isFile() bool { return e.directive.Kind == rootfs.FileKind }

func ownerParams() []lang.Param {
	return []lang.Param{
		{Name: "uid", Type: lang.IntType, Default: starlark.MakeInt(0), Named: true, Doc: "The owner's number."},
		{Name: "gid", Type: lang.IntType, Default: starlark.MakeInt(0), Named: true, Doc: "The group's number."},
	}
}

func modeParam(def int, doc string) lang.Param {
	return lang.Param{Name: "mode", Type: lang.IntType, Default: starlark.MakeInt(def), Named: true, Doc: doc}
}

// owned reads mode, uid and gid.
func owned(c *lang.Call, d rootfs.Directive) (rootfs.Directive, error) {
	mode, uid, gid := c.Int("mode"), c.Int("uid"), c.Int("gid")
	if mode < 0 || mode > 0o7777 {
		return d, lang.WithHint(c.ArgErrorf("mode", "%s: %#o is not a file mode", c.Builtin.Name, mode), "modes are octal: 0o755")
	}
	for name, id := range map[string]int{"uid": uid, "gid": gid} {
		if id < 0 || id > 1<<32-2 {
			return d, c.ArgErrorf(name, "%s: %d is not a %s", c.Builtin.Name, id, name)
		}
	}
	d.Mode, d.UID, d.GID = uint32(mode), uint32(uid), uint32(gid)
	return d, nil
}

func (s *Session) file() *lang.Builtin {
	return &lang.Builtin{
		Name: "file", Group: "Root filesystem", Returns: "an entry for `rootfs(files = …)`",
		Doc: "A file that lies beside the script, a text, or a file that a build makes, with a mode and owner of your choice.",
		Params: append([]lang.Param{
			{Name: "from", Type: lang.Optional(lang.Union(lang.StringType, artifactType)), Default: starlark.None, Doc: "The path of a file beside the script, or an artifact such as `bb[\"/bin/busybox\"]`."},
			{Name: "text", Type: lang.Optional(lang.StringType), Default: starlark.None, Named: true, Doc: "What is in the file, in place of `from`."},
			modeParam(0o644, "Permissions.")}, ownerParams()...),
		Example: `rootfs(files = {"/init": file("init", mode = 0o755)})`,
		Do: func(c *lang.Call) (starlark.Value, error) {
			d, err := owned(c, rootfs.Directive{Kind: rootfs.FileKind})
			if err != nil {
				return nil, err
			}
			e := &Entry{pos: c.Pos.String(), directive: d}
			if generated := c.Value("text") != starlark.None; generated == (c.Value("from") != starlark.None) {
				return nil, lang.WithHint(c.Errorf("file: want one of from and text"), `file("init") is a file beside the script, file(text = "#!/bin/sh\n…") one with that text`)
			} else if generated {
				e.thing, e.data = thing{"file entry", "file(text = …)"}, []byte(c.Str("text"))
				return e, nil
			}
			if f, ok := c.Value("from").(*File); ok {
				e.thing, e.from = thing{"file entry", fmt.Sprintf("file(%s)", f.name)}, f
				return e, nil
			}
			e.thing = thing{"file entry", fmt.Sprintf("file(%q)", c.Str("from"))}
			e.host, err = c.Resolve(c.Str("from"))
			if errors.Is(err, lang.ErrNoPath) {
				e.data, err = c.ReadFile(c.Str("from"))
				return e, err
			}
			if err != nil {
				return nil, err
			}
			return e, regularFile(c, e.host)
		},
	}
}

func regularFile(c *lang.Call, host string) error {
	info, err := os.Stat(host)
	if err != nil {
		return nil // a module's own file: lang has found it
	}
	if !info.Mode().IsRegular() {
		return c.ArgErrorf("from", "file: %s is not a file", filepath.Base(host))
	}
	return nil
}

func (s *Session) symlink() *lang.Builtin {
	return &lang.Builtin{
		Name: "symlink", Group: "Root filesystem", Returns: "an entry for `rootfs(files = …)`",
		Doc: "A symbolic link.",
		Params: []lang.Param{
			{Name: "target", Type: lang.StringType, Doc: "Where it leads: absolute, or relative to the link's own directory."},
		},
		Example: `rootfs(files = {"/sbin/init": symlink("../init")})`,
		Do: func(c *lang.Call) (starlark.Value, error) {
			if c.Str("target") == "" {
				return nil, c.ArgErrorf("target", "symlink: a link has to lead somewhere")
			}
			return &Entry{thing: thing{"symlink entry", "symlink"}, pos: c.Pos.String(),
				directive: rootfs.Directive{Kind: rootfs.SymlinkKind, Target: c.Str("target")}}, nil
		},
	}
}

func (s *Session) device() *lang.Builtin {
	return &lang.Builtin{
		Name: "device", Group: "Root filesystem", Returns: "an entry for `rootfs(files = …)`",
		Doc: "A device node. `/dev/console` is there without asking, and a kernel with DEVTMPFS makes the others.",
		Params: append([]lang.Param{
			{Name: "kind", Type: lang.OneOf("c", "b"), Doc: "`c` for a character device, `b` for a block device."},
			{Name: "major", Type: lang.IntType, Doc: "The driver's number, see the kernel's Documentation/admin-guide/devices.txt."},
			{Name: "minor", Type: lang.IntType, Doc: "The device's number at its driver."},
			modeParam(0o600, "Permissions.")}, ownerParams()...),
		Example: `rootfs(files = {"/dev/null": device("c", 1, 3, mode = 0o666)})`,
		Do: func(c *lang.Call) (starlark.Value, error) {
			d, err := owned(c, rootfs.Directive{Kind: rootfs.NodeKind, Device: c.Str("kind")})
			if err != nil {
				return nil, err
			}
			// The kernel's dev_t has 12 bits for the major and 20 for the minor number (include/linux/kdev_t.h).
			major, minor := c.Int("major"), c.Int("minor")
			if major < 0 || major >= 1<<12 {
				return nil, c.ArgErrorf("major", "device: a major number is 0 to 4095, not %d", major)
			}
			if minor < 0 || minor >= 1<<20 {
				return nil, c.ArgErrorf("minor", "device: a minor number is 0 to 1048575, not %d", minor)
			}
			d.Major, d.Minor = uint32(major), uint32(minor)
			return &Entry{thing: thing{"device entry", "device"}, pos: c.Pos.String(), directive: d}, nil
		},
	}
}

func (s *Session) directory() *lang.Builtin {
	return &lang.Builtin{
		Name: "directory", Group: "Root filesystem", Returns: "an entry for `rootfs(files = …)`",
		Doc:     "An empty directory. The directories on the way to a file are there without asking.",
		Params:  append([]lang.Param{modeParam(0o755, "Permissions.")}, ownerParams()...),
		Example: `rootfs(files = {"/tmp": directory(mode = 0o1777)})`,
		Do: func(c *lang.Call) (starlark.Value, error) {
			d, err := owned(c, rootfs.Directive{Kind: rootfs.DirKind})
			return &Entry{thing: thing{"directory entry", "directory"}, pos: c.Pos.String(), directive: d}, err
		},
	}
}
