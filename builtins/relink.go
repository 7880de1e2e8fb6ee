package builtins

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"mini/build"
	"mini/build/step"
	"mini/internal/arch"
	"mini/internal/cpio"
	"mini/lang"
)

// A kernel takes an initramfs in by a handful of commands, and make takes most of its time to find out which. So the
// compiled kernel is made once more with another initramfs, and what make does then is written down as a makefile of
// its own (internal/kbuild). It counts only if it is proven: from either kernel it must lead to the other's very bytes.
// Where it doesn't, the makefile is one that calls plain make, and its first line says why.

// relinker is what the three nodes that learn how to relink have in common.
type relinker struct {
	*Session
	c       *lang.Call
	a       *arch.Arch
	src     *unpacked
	compile *build.Node
	make    string   // the command that makes the image in the ordinary way
	goals   []string // below the build directory
}

// probe stands for an initramfs: nothing looks into it before the kernel boots. It is larger than the alignment of what
// lies behind it in the kernel (a huge page, 4 MiB at most), so that all of that moves, and its size is odd.
const probe = "yes puppy | head -c 9000001 > build/" + initramfsFile

// relink is how make is called with what was learnt.
const relink = "make -r -C build -f ../"

// serially is the same with one job at a time: then make goes by the order in which a rule lists what it needs.
const serially = "env -u MAKEFLAGS " + relink

// embed puts an initramfs into a kernel that is compiled already. The image is made by itself: what debuggers need is five
// times as large, seldom asked for, and quickly made.
func (s *Session) embed(c *lang.Call, a *arch.Arch, src *unpacked, compile *build.Node, carried *build.Artifact, padded bool, make string) (image, symbols *build.Node) {
	r := &relinker{s, c, a, src, compile, make, []string{a.Image, "vmlinux", "System.map"}}
	record := r.record()
	written := r.write(record)
	inputs := []build.Input{{Path: "relink.mk", From: r.prove(record, written)}, {Path: initramfsFile, From: carried}}
	var steps []string
	if padded {
		inputs = append(inputs, build.Input{Path: "compiled.tar", From: r.addresses(written, carried)})
		steps = append(steps, "grep -q '^# note: ' relink.mk || tar -C build -xmf compiled.tar")
	}
	embed := func(name, what string, outputs ...string) *build.Node {
		n := r.node(name, what, inputs...)
		n.Steps = slices.Concat(steps, []string{"cp " + initramfsFile + " build/", relink + "relink.mk"})
		n.Outputs = outputs
		return n
	}
	return embed("embed", "embed the initramfs", "build/"+a.Image),
		embed("symbols", "embed the initramfs, for debuggers", "build/vmlinux", "build/System.map")
}

// addresses compiles what needs to know where things are in a kernel that carries so many bytes. The commands that follow
// compare: where it comes out otherwise, it is compiled again. It goes on while the makefile is being proven, so the
// makefile may lead nowhere: then what is here is not used.
func (r *relinker) addresses(written *build.Node, carried *build.Artifact) *build.Artifact {
	size := &build.Node{
		Name: "initramfs.size", Title: "initramfs: size", Pos: r.c.Pos.String(),
		Inputs:  []build.Input{{Path: initramfsFile, From: carried}},
		Steps:   []string{step.Line("size", initramfsFile, "size")},
		Outputs: []string{"size"},
	}
	n := r.node("addresses", "compile for the initramfs's size",
		build.Input{Path: "relink.mk", From: &build.Artifact{Node: written, Output: "relink.mk"}},
		build.Input{Path: "size", From: &build.Artifact{Node: size, Output: "size"}})
	n.Steps = []string{
		`head -c "$(cat size)" /dev/zero > build/` + initramfsFile,
		relink + "relink.mk compiled || tar -cf compiled.tar -T /dev/null",
	}
	n.Outputs = []string{"compiled.tar"}
	return &build.Artifact{Node: n, Output: "compiled.tar"}
}

// node is one that has the compiled kernel at the place where it was compiled, free to be written to.
func (r *relinker) node(name, what string, more ...build.Input) *build.Node {
	return &build.Node{
		Name: "linux." + name, Title: title(what, "linux", r.src.version, r.a.Name), Pos: r.c.Pos.String(),
		Tools: r.compile.Tools, Compilers: r.compile.Compilers, Libraries: r.compile.Libraries, Env: r.compile.Env,
		Inputs: append([]build.Input{
			{Path: "src", From: r.src.tree},
			{Path: "build", From: &build.Artifact{Node: r.compile, Output: "build"}, Mode: build.Overlaid},
		}, more...),
	}
}

// record lets make put another initramfs in, and notes what it does.
func (r *relinker) record() *build.Node {
	ld := r.a.Cross(r.opts.Host) + "ld"
	n := r.node("record", "learn how to relink",
		build.Input{Path: "before", From: &build.Artifact{Node: r.compile, Output: "build"}},
		build.Input{Path: "watch/" + ld, Data: []byte(strings.ReplaceAll(linkerWatch, "LD", ld)), Exec: true})
	n.Steps = []string{
		"mkdir record",
		"for f in calls changed commands sums trace; do : > record/$f; done",
		// Without a sandbox a kernel lies where it was not compiled, and make would compile all of it again.
		`test "$(readlink build/source)" = "$PWD/src" || exit 0`,
		"touch began",
		probe,
		`env PATH="$PWD/watch:$PATH" ` + r.make + ` --trace > make.log`,
		`grep ": update target '" make.log | sort -u > record/trace`,
		`find build -name '.*.cmd' -newer began | sort | xargs cat > record/commands`,
		// Files that only their makers read are left out.
		`find build -type f -newer began ! -name '.*.cmd' ! -name '.*.d' | sed 's,^build/,,' | sort > record/new`,
		`cat record/new | while read -r f; do cmp -s "build/$f" "before/$f" || echo "$f"; done > record/changed`,
		"cat watch/call.* > record/calls",
		"env -C build sha256sum " + strings.Join(r.goals, " ") + " > record/sums",
	}
	n.Outputs = []string{"record"}
	return n
}

// linkerWatch stands before the linker while make relinks. It notes what the linker is asked, and what is known around it
// but for what belongs to that one run of make. The same call makes the same note.
const linkerWatch = `#!/bin/sh
note=${0%/*}/call.$(echo "$*" | md5sum | cut -c1-32)
(
	unset MAKEFLAGS MFLAGS
	echo "# ld $*"
	export -p
) > "$note.$$" && mv "$note.$$" "$note"
PATH=${PATH#*:} exec LD "$@"
`

// write makes of the notes a makefile, the same in another order, and one that leaves all to make.
func (r *relinker) write(record *build.Node) *build.Node {
	args := []string{"--input", initramfsFile, "--plain", r.make}
	for _, g := range r.goals {
		args = append(args, "--goal", g)
	}
	return &build.Node{
		Name: "linux.relink", Title: title("write down how to relink", "linux", r.src.version, r.a.Name), Pos: r.c.Pos.String(),
		Inputs:  []build.Input{{Path: "record", From: &build.Artifact{Node: record, Output: "record"}}},
		Steps:   []string{step.Line("relink", append(args, "record", "relink.mk", "reversed.mk", "plain.mk")...)},
		Outputs: []string{"relink.mk", "reversed.mk", "plain.mk"}, Recipe: 2,
	}
}

// prove goes from the compiled kernel to the one that make made, and back again in the other order.
func (r *relinker) prove(record, written *build.Node) *build.Artifact {
	file := func(name string) build.Input {
		return build.Input{Path: name, From: &build.Artifact{Node: written, Output: name}}
	}
	n := r.node("prove", "prove the relinking",
		file("relink.mk"), file("reversed.mk"), file("plain.mk"),
		build.Input{Path: "sums", From: &build.Artifact{Node: record, Output: "record", Sub: "sums"}},
		build.Input{Path: initramfsFile, Data: emptyInitramfs()})
	n.Steps = []string{
		"mkdir proven",
		"cp plain.mk proven/relink.mk",
		"env -C build sha256sum " + strings.Join(r.goals, " ") + " > first.sums",
		"grep '^# note: ' relink.mk || { " + strings.Join([]string{
			probe, serially + "relink.mk", "env -C build sha256sum -c ../sums",
			"cp " + initramfsFile + " build/", serially + "reversed.mk", "env -C build sha256sum -c ../first.sums",
			"cp relink.mk proven/",
		}, " && ") + "; } || echo not proven",
	}
	n.Outputs, n.Remark = []string{"proven/relink.mk"}, "proven/relink.mk"
	return &build.Artifact{Node: n, Output: "proven/relink.mk"}
}

// emptyInitramfs is what a kernel without an initramfs of its own carries: the same three entries that its
// usr/default_cpio_list would give it. Without /dev/console, /init would have nowhere to say anything.
func emptyInitramfs() []byte {
	var b bytes.Buffer
	w := cpio.NewWriter(&b)
	for _, e := range []cpio.Entry{
		{Name: "dev", Mode: 0o040755},
		{Name: "dev/console", Mode: 0o020600, Major: 5, Minor: 1},
		{Name: "root", Mode: 0o040700},
	} {
		if err := w.Write(context.Background(), e); err != nil {
			panic(err) // a fixed list into memory
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}
