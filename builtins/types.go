package builtins

import (
	"mini/build"
	"mini/lang"

	"go.starlark.net/starlark"
)

// Types is what scripts may write as the type of a parameter or a result, besides Starlark's own.
func Types() map[string]lang.Type {
	return map[string]lang.Type{
		"artifact":  of[Target]("artifact"), // all that can be built
		"entry":     of[*Entry]("entry"),    // what file, symlink, device and directory make
		"file":      lang.ValueType("file", isFile),
		"initramfs": of[*Initramfs]("initramfs"),
		"kernel":    of[*Kernel]("kernel"),
		"machine":   of[*Machine]("machine"),
		"rootfs":    of[*Rootfs]("rootfs"),
		"source":    of[*Source]("source"),
		"tree":      of[*Tree]("tree"),
	}
}

func of[T starlark.Value](name string) lang.Type {
	return lang.ValueType(name, func(v starlark.Value) bool { _, ok := v.(T); return ok })
}

// isFile: an initramfs is a file too.
func isFile(v starlark.Value) bool {
	_, ok := v.(interface{ Artifact() *build.Artifact })
	return ok
}
