package builtins_test

import (
	"context"
	"fmt"

	"mini/build"
	"mini/builtins"
	"mini/internal/source"
	"mini/lang"
)

// A script becomes a graph of nodes without touching disk, network or compiler.
func Example() {
	session := builtins.New(builtins.Options{
		Host: "x86_64",
		Pin: func(w source.Want) (source.Pin, bool) {
			return source.Pin{Name: w.Name, Version: w.Version + ".9", File: w.Name + ".tar.xz", SHA256: "…", Size: 1}, true
		},
	})
	const script = `
bb = busybox("1.36")
root = rootfs([bb, {"/init": symlink("bin/sh")}], libs = elf_deps(bb))
linux = kernel("6.1", initramfs = root)
`
	program, err := lang.Run(context.Background(), "distro.star", []byte(script), lang.Options{Builtins: session.Table()})
	if err != nil {
		fmt.Println(err)
		return
	}
	var roots []*build.Node
	for _, t := range program.Targets {
		if t.Name == "linux" {
			for _, o := range t.Value.(builtins.Target).Outputs() {
				roots = append(roots, o.Artifact.Node)
			}
		}
	}
	for _, n := range build.NewGraph(roots).Nodes {
		fmt.Printf("%-9s %s\n", n.Pos[len("distro.star:"):], n.Title)
	}
	// Output:
	// 4:9       linux 6.1.9: fetch linux.tar.xz
	// 4:9       linux 6.1.9: unpack
	// 4:9       linux 6.1.9 x86_64: configure
	// 4:9       linux 6.1.9 x86_64: check configuration
	// 2:6       busybox 1.36.9: fetch busybox.tar.xz
	// 2:6       busybox 1.36.9: unpack
	// 2:6       busybox 1.36.9 x86_64: configure
	// 2:6       busybox 1.36.9 x86_64: check configuration
	// 2:6       busybox 1.36.9 x86_64: compile
	// 3:58      elf_deps x86_64: find libraries
	// 3:8       rootfs: list
	// 4:9       initramfs: pack initramfs.cpio.zst
	// 4:9       linux 6.1.9 x86_64: compile
	// 4:9       linux 6.1.9 x86_64: learn how to relink
	// 4:9       linux 6.1.9 x86_64: write down how to relink
	// 4:9       linux 6.1.9 x86_64: prove the relinking
	// 4:9       initramfs: size
	// 4:9       linux 6.1.9 x86_64: compile for the initramfs's size
	// 4:9       linux 6.1.9 x86_64: embed the initramfs
}
