package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"mini/build"
	"mini/internal/kbuild"

	"github.com/spf13/pflag"
)

// bymake is a command of the tests' own. It makes a kernel's image without what mini learnt of relinking:
//
//	bymake [--nothing] OUT SCRIPT:TARGET [NAME=VALUE…]
//
// Plain make puts the initramfs into the compiled kernel; with --nothing there is none, and the kernel is compiled with
// the initramfs in it.
func bymake() {
	if err := tryByMake(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func tryByMake() error {
	ctx := context.Background()
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.Getenv, environ: os.Environ()}
	flags := pflag.NewFlagSet("bymake", pflag.ContinueOnError)
	c := a.buildFlags(flags)
	nothing := flags.Bool("nothing", false, "")
	if err := flags.Parse(os.Args[1:]); err != nil {
		return err
	}
	s, err := a.open(ctx, c, flags.Args()[1:])
	if err != nil {
		return err
	}
	defer s.close()
	targets, err := s.script.chosen()
	if err != nil {
		return err
	}
	all := build.NewGraph(roots(targets)).Nodes
	find := func(name string) build.Node {
		return *all[slices.IndexFunc(all, func(n *build.Node) bool { return n.Name == name })]
	}
	embed, n := find("linux.embed"), find("linux.compile")
	carried := embed.Inputs[slices.IndexFunc(embed.Inputs, func(in build.Input) bool { return in.Path == "initramfs.cpio" })]
	by := carried
	if !*nothing {
		make := n.Steps[len(n.Steps)-1]
		n = embed
		by = build.Input{Path: "relink.mk", Data: []byte(kbuild.Plain(make, "a test asks for it"))}
	}
	n.Inputs = slices.Clone(n.Inputs)
	n.Steps = slices.DeleteFunc(slices.Clone(n.Steps), func(s string) bool { return strings.HasPrefix(s, "tar ") }) // what is compiled already
	n.Inputs[slices.IndexFunc(n.Inputs, func(in build.Input) bool { return in.Path == by.Path })] = by
	n.Outputs = embed.Outputs[:1]
	results, err := s.engine.NewRun(build.NewGraph([]*build.Node{&n})).Build(ctx, []*build.Node{&n})
	if err != nil {
		return err
	}
	path, _, err := s.engine.CheckedPath(ctx, results[&n], &build.Artifact{Node: &n, Output: n.Outputs[0]})
	if err != nil {
		return err
	}
	return copyTo(flags.Arg(0), path)
}

func copyTo(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return err
}
