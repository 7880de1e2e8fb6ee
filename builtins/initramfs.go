package builtins

import (
	"mini/build"
	"mini/build/step"
	"mini/internal/compress"
	"mini/lang"

	"go.starlark.net/starlark"
)

// Initramfs is a root filesystem as an archive that the kernel unpacks into memory.
type Initramfs struct {
	File
	root   *Rootfs
	format string // by which it is packed; "" for none
}

func (s *Session) initramfs() *lang.Builtin {
	return &lang.Builtin{
		Name: "initramfs", Group: "Root filesystem", Returns: "initramfs",
		Doc: "A root filesystem as a newc cpio archive, as the kernel unpacks it at boot. The same rootfs gives the same bytes every time. `kernel(initramfs = …)` and `qemu(initramfs = …)` make one of a rootfs by themselves.",
		Params: []lang.Param{
			{Name: "root", Type: rootfsType, Doc: "What `rootfs(…)` returned."},
			{Name: "compression", Type: lang.Optional(lang.OneOf("gzip", "xz", "zstd", "lz4")), Default: starlark.None, Doc: "How the archive is packed; None leaves it as it is. The kernel needs the matching CONFIG_RD_… symbol: mini's own base configuration has all four."},
			{Name: "init", Type: lang.Optional(lang.StringType), Default: starlark.String("/init"), Named: true, Doc: "The program that the kernel starts; the build fails if it could not be started. None to skip the check, e.g. for an initramfs that is only a part."},
		},
		Example: `initramfs(root, compression = "zstd")`,
		Do: func(c *lang.Call) (starlark.Value, error) {
			return s.newInitramfs(c, c.Value("root").(*Rootfs), c.Str("compression"), c.Str("init")), nil
		},
	}
}

// quick stands for a format where what counts is how soon an archive is packed: zstd, not as well as it could.
const quick = "quick"

// quickPad makes another size, in bytes, a rare thing: it is what the kernel's addresses depend on.
const quickPad = "65536"

func (s *Session) newInitramfs(c *lang.Call, root *Rootfs, format, init string) *Initramfs {
	var args []string
	if format == quick {
		args, format = append(args, "--quick", "--pad", quickPad), "zstd"
	} else if format != "" {
		args = append(args, "--compress", format)
	}
	file := "initramfs.cpio" + compress.Suffix(format)
	if init != "" {
		args = append(args, "--init", init)
	}
	n := &build.Node{
		Name: "initramfs", Title: "initramfs: pack " + file, Pos: c.Pos.String(),
		Inputs:  []build.Input{{Path: "root.list", From: root.List()}, {Path: "content", From: root.Content()}},
		Steps:   []string{step.Line("cpio", append(args, "root.list", "content", file)...)},
		Outputs: []string{file},
	}
	return &Initramfs{
		File: File{thing{"initramfs", "initramfs"}, &build.Artifact{Node: n, Output: file}, ".cpio" + compress.Suffix(format)},
		root: root, format: format,
	}
}

var rootfsType = lang.TypeFunc("rootfs", func(v starlark.Value) (starlark.Value, error) {
	if r, ok := v.(*Rootfs); ok {
		return r, nil
	}
	return nil, wrongType("what rootfs(…) returned", v)
})

// initramfsType accepts whatever can serve as an initramfs.
var initramfsType = lang.Optional(lang.TypeFunc("rootfs or initramfs", func(v starlark.Value) (starlark.Value, error) {
	switch v.(type) {
	case *Rootfs, *Initramfs, *File:
		return v, nil
	}
	if givenFile(v) {
		return v, nil
	}
	return nil, wrongType("what rootfs(…) or initramfs(…) returned, or an archive: file(…)", v)
}))

// asInitramfs returns the archive for a value that initramfsType accepted; nil for None. A rootfs is packed in the
// way that the caller finds best.
func (s *Session) asInitramfs(c *lang.Call, v starlark.Value, format string) *build.Artifact {
	switch v := s.given(v).(type) {
	case *Rootfs:
		return s.newInitramfs(c, v, format, "/init").artifact
	case *Initramfs:
		return v.artifact
	case *File:
		return v.artifact
	}
	return nil
}
