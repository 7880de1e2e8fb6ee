package builtins

import (
	"mini/build"

	"go.starlark.net/starlark"
)

// Parts are the pieces of a target whose sizes are worth a look.
type Parts struct {
	Kernel  *KernelParts
	Carried []Carried       // root filesystems
	Other   *build.Artifact // a file or tree that is neither; nil for most
}

// KernelParts is a kernel as it is booted, and as it was linked.
type KernelParts struct {
	Image     *build.Artifact
	Build     *build.Artifact // the directory it was built in, with an empty initramfs
	ImageFile string          // the image below Build
	Carries   *build.Artifact // the archive inside Image; nil for none
}

// Carried is a root filesystem in an archive.
type Carried struct {
	Root    *Rootfs // nil when the archive is just a file
	Archive *build.Artifact
}

// PartsOf takes a target apart.
func PartsOf(t Target) Parts {
	var p Parts
	switch t := t.(type) {
	case *Machine:
		if t.kernel != nil {
			p = PartsOf(t.kernel)
		} else {
			p.Other = t.Kernel
		}
		if t.Initramfs != nil {
			p.Carried = append(p.Carried, Carried{t.root, t.Initramfs})
		}
	case *Kernel:
		build := &build.Artifact{Node: t.compile, Output: "build"}
		p.Kernel = &KernelParts{Image: t.image, Build: build, ImageFile: t.arch.Image, Carries: t.packed}
		if t.packed != nil {
			p.Carried = append(p.Carried, Carried{t.carried.root, t.packed})
		}
	case *Rootfs:
		p.Carried = append(p.Carried, Carried{t, t.def.artifact})
	case *Initramfs:
		p.Carried = append(p.Carried, Carried{t.root, t.artifact})
	default:
		p.Other = t.Outputs()[0].Artifact
	}
	return p
}

// rootOf is the root filesystem in what serves as an initramfs; nil when nobody knows.
func rootOf(v starlark.Value) *Rootfs {
	switch v := v.(type) {
	case *Rootfs:
		return v
	case *Initramfs:
		return v.root
	}
	return nil
}

// Layers are where the files of a root filesystem come from, as rootfs.Directive calls them: paths below the node's root, by
// which node's output, or nil for what the script itself says.
func (r *Rootfs) Layers() (spec []byte, from map[string]*build.Artifact) {
	from = map[string]*build.Artifact{}
	for _, in := range r.node.Inputs[1:] {
		from[in.Path] = in.From
	}
	return r.node.Inputs[0].Data, from
}
