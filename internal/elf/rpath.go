package elf

import (
	"path"
	"strings"
)

// searchPath lists the directories that RPATH and RUNPATH add for what obj needs, as paths in the image.
//
// glibc: RUNPATH serves the file that has it alone, and hides RPATH; without it the RPATHs count of the file, of who
// loaded it, and so on up to the program, those that have a RUNPATH left out (elf/dl-load.c). musl makes no difference
// between the two, and both are inherited (ldso/dynlink.c).
func searchPath(obj *object, l *loader) []string {
	var dirs []string
	if l.musl() {
		for o := obj; o != nil; o = o.parent {
			own := o.file.RunPath
			if own == nil {
				own = o.file.RPath
			}
			dirs = append(dirs, expandAll(own, o.image)...)
		}
		return dirs
	}
	if obj.file.RunPath != nil {
		return expandAll(obj.file.RunPath, obj.image)
	}
	for o := obj; o != nil; o = o.parent {
		if o.file.RunPath == nil {
			dirs = append(dirs, expandAll(o.file.RPath, o.image)...)
		}
	}
	return dirs
}

func expandAll(list []string, image string) []string {
	var dirs []string
	for _, d := range list {
		if d, ok := expand(d, image); ok {
			dirs = append(dirs, d)
		}
	}
	return dirs
}

// expand replaces $ORIGIN, the directory of the file that says so. The result is not ok where it is relative to the
// working directory, which nobody knows beforehand, or has $LIB or $PLATFORM in it, whose values only the loader
// and its CPU know.
func expand(p, image string) (string, bool) {
	origin := path.Dir(image)
	p = strings.ReplaceAll(p, "${ORIGIN}", origin)
	parts := strings.Split(p, "/")
	for i, part := range parts {
		if part == "$ORIGIN" {
			parts[i] = origin
		}
	}
	p = strings.Join(parts, "/")
	if !path.IsAbs(p) || strings.Contains(p, "$") {
		return "", false
	}
	return path.Clean(p), true
}
