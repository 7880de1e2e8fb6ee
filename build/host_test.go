package build

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mini/internal/sandbox"
	"mini/internal/toolchain"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
)

// realHost is this machine, as `mini build` sees it.
func realHost() *LocalHost {
	return &LocalHost{
		Look: exec.LookPath, Env: []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C"},
		Digests: toolchain.LoadDigests(""),
	}
}

func needGCC(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("gcc is not installed")
	}
	if !sandbox.Probe(context.Background()).Contained.OK {
		t.Skip("this host forbids user namespaces")
	}
}

func compileNode(source string, libs ...Library) *Node {
	return &Node{
		Name: "prog", Title: "prog", Steps: []string{"gcc -o prog prog.c -lm $LIBS"},
		Tools: []string{"gcc", "as", "ld"}, Compilers: []string{"gcc"}, Libraries: libs, Outputs: []string{"prog"},
		Inputs: []Input{{Path: "prog.c", Data: []byte(source)}}, Env: []string{"LIBS="},
	}
}

// A step includes the C library's and the kernel's headers, and those of a library that it names. All other headers and
// libraries of the host, which its key says nothing about, are not there.
func TestAStepSeesTheHeadersItNames(t *testing.T) {
	needGCC(t)
	e, _ := newEngine(t, t.TempDir())
	host := realHost()
	e.Host = host
	local := e.Executor.(*counting).Executor.(*Local)
	local.Host, local.Sandbox = host, sandbox.Require
	build := func(n *Node) error {
		_, err := e.NewRun(NewGraph([]*Node{n})).Build(context.Background(), []*Node{n})
		return err
	}
	const main = "int main(void) { return 0; }\n"
	const own = "#include <stdio.h>\n#include <sys/epoll.h>\n#include <netinet/in.h>\n#include <linux/types.h>\n#include <asm/unistd.h>\n#include <stdarg.h>\n#include <crypt.h>\n"
	if err := build(compileNode(own + main)); err != nil {
		t.Errorf("the C library's own headers: %v", err)
	}
	for _, lib := range []struct {
		Library
		use string
	}{
		{Library{Name: "elf", Headers: []string{"libelf.h", "gelf.h"}}, "#include <libelf.h>\n#include <gelf.h>\nint main(void) { return elf_version(EV_CURRENT) == EV_NONE; }\n"},
		{Library{Name: "z", Headers: []string{"zlib.h", "zconf.h"}}, "#include <zlib.h>\nint main(void) { return zlibVersion() == 0; }\n"},
		{Library{Name: "crypto", Headers: []string{"openssl/bio.h"}}, "#include <openssl/bio.h>\nint main(void) { BIO_free(0); return 0; }\n"},
	} {
		if _, err := os.Stat("/usr/include/" + lib.Headers[0]); err != nil {
			continue
		}
		n := compileNode(lib.use, lib.Library)
		n.Env = []string{"LIBS=-l" + lib.Name}
		if err := build(n); err != nil {
			t.Errorf("with -l%s: %v", lib.Name, err)
		}
		if err := build(compileNode(lib.use)); err == nil || !strings.Contains(err.Error(), lib.Headers[0]+": No such file or directory") {
			t.Errorf("%s is not named and found: %v", lib.Headers[0], err)
		}
		n = compileNode(main)
		n.Env = []string{"LIBS=-l" + lib.Name}
		if err := build(n); err == nil || !strings.Contains(err.Error(), "cannot find -l"+lib.Name) {
			t.Errorf("lib%s is not named and found: %v", lib.Name, err)
		}
	}
}

// What is hidden is spared where anything in the key needs it.
func TestNothingIsHiddenThatIsInTheKey(t *testing.T) {
	needGCC(t)
	for _, compilers := range [][]string{{"gcc"}, {"gcc", "i686-linux-gnu-gcc"}, {"i686-linux-gnu-gcc"}, {"clang"}} {
		if _, err := exec.LookPath(compilers[len(compilers)-1]); err != nil {
			continue
		}
		n := compileNode("", Library{Name: "elf", Headers: []string{"libelf.h"}})
		n.Compilers = compilers
		id, err := realHost().Identity(context.Background(), n)
		if err != nil {
			t.Fatal(err)
		}
		hidden := func(p string) bool {
			return slices.ContainsFunc(id.Hidden, func(h string) bool { return within(p, h) })
		}
		for _, p := range []string{"/usr/include/stdio.h", "/usr/include/linux/types.h", "/usr/include/libelf.h", "/usr/include/x86_64-linux-gnu/bits/types.h"} {
			if hidden(p) && !(strings.HasSuffix(p, "bits/types.h") && compilers[0] != "gcc") {
				t.Errorf("%v: %s is hidden", compilers, p)
			}
		}
		libs, _ := filepath.Glob("/usr/lib/*/libbfd-*-system.so")
		for _, p := range libs {
			if hidden(p) {
				t.Errorf("%v: %s, which the assembler loads, is hidden", compilers, p)
			}
		}
		if len(id.Hidden) > 0 && !slices.IsSorted(id.Hidden) {
			t.Error("not sorted")
		}
	}
}

// upgrading is an executor that replaces a tool while an action runs.
type upgrading struct {
	*counting
	during func()
}

func (u upgrading) Execute(ctx context.Context, job Job) (r *rex.ActionResult, err error) {
	r, err = u.counting.Execute(ctx, job)
	u.during()
	return r, err
}

// A result is kept under the key of the tools that made it, or not at all.
func TestAToolThatChangesDuringABuildIsNoticed(t *testing.T) {
	dir := t.TempDir()
	tool := filepath.Join(dir, "tool")
	install := func(version string) {
		if err := os.WriteFile(tool+".new", []byte("#!/bin/sh\necho "+version+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(tool+".new", tool); err != nil {
			t.Fatal(err)
		}
	}
	install("1")
	e, ran := newEngine(t, filepath.Join(dir, "cache"))
	fresh := func() *LocalHost {
		return &LocalHost{Digests: toolchain.LoadDigests(""), Look: func(name string) (string, error) {
			if name == "tool" {
				return tool, nil
			}
			return exec.LookPath(name)
		}}
	}
	node := func() *Node {
		return &Node{Name: "n", Title: "n", Pos: "t.star:1:1", Steps: []string{"tool > out"}, Tools: []string{"tool"}, Outputs: []string{"out"}}
	}
	build := func(during func()) (string, error) {
		h := fresh()
		e.Host = h
		local := ran.Executor.(*Local)
		local.Host = h
		e.Executor = upgrading{ran, during}
		n := node()
		results, err := e.NewRun(NewGraph([]*Node{n})).Build(context.Background(), []*Node{n})
		if err != nil {
			return "", err
		}
		return readOutput(t, e, results[n], &Artifact{Node: n, Output: "out"}), nil
	}
	_, err := build(func() { install("2") })
	if err == nil || !strings.Contains(err.Error(), "t.star:1:1: n: programs of this machine changed while it was built (tool:tool)") {
		t.Errorf("got %v", err)
	}
	install("1")
	ran.take()
	if got, err := build(func() {}); got != "1\n" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if got := ran.take(); got != "n" {
		t.Errorf("ran %q: what a changing tool made was kept", got)
	}
	// The same bytes with other times are the same tool.
	if err := os.Chtimes(tool, time.Now(), time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if got, err := build(func() {}); got != "1\n" || err != nil || ran.take() != "" {
		t.Errorf("a touched tool builds anew: %q, %v", got, err)
	}
	install("2")
	if got, err := build(func() {}); got != "2\n" || err != nil || ran.take() != "n" {
		t.Errorf("a changed tool does not build anew: %q, %v", got, err)
	}
}
