package builtins_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"mini/build"
	"mini/builtins"
	"mini/internal/source"
	"mini/lang"
)

const packages = `
arch = param("arch", "i386")
z    = package("zlib", "1.3", steps = ["./configure", "make", "make install"])
png  = package("png", "1.6", deps = [z], steps = ["make"], tools = ["pkg-config", "sed"])
app  = package("app", source = {"main.c": "int main;\n", "gen/x.sh": file(text = "#!/bin/sh\n", mode = 0o755)}, deps = [png], steps = ["make"], env = {"CFLAGS": "-Os"})
libs = elf_deps(app)
own  = package("app", "1", arch = "x86_64", steps = ["make"], env = {"CFLAGS": "-g"})
`

func hasInput(n *build.Node, path string) (build.Input, bool) {
	i := slices.IndexFunc(n.Inputs, func(in build.Input) bool { return in.Path == path })
	if i < 0 {
		return build.Input{}, false
	}
	return n.Inputs[i], true
}

// The steps of a package know for which machine they build, by the names that makefiles and configure scripts go by.
func TestAPackagesStepsKnowTheMachine(t *testing.T) {
	targets := evaluate(t, packages)
	cross, own := node(t, targets["z"], "zlib"), node(t, targets["own"], "app")
	for _, want := range []string{"CC=i686-linux-gnu-gcc", "AR=i686-linux-gnu-ar", "STRIP=i686-linux-gnu-strip", "CHOST=i686-linux-gnu", "CBUILD=x86_64-linux-gnu", "CC_FOR_BUILD=gcc", "CFLAGS=-O2"} {
		if !slices.Contains(cross.Env, want) {
			t.Errorf("%s is not in %q", want, cross.Env)
		}
	}
	for _, want := range []string{"CC=gcc", "AR=ar", "CHOST=x86_64-linux-gnu", "CFLAGS=-g"} {
		if !slices.Contains(own.Env, want) {
			t.Errorf("%s is not in %q", want, own.Env)
		}
	}
	if !slices.Equal(cross.Compilers, []string{"gcc", "i686-linux-gnu-gcc"}) {
		t.Errorf("compilers: %q", cross.Compilers)
	}
	if src, ok := hasInput(cross, "src"); !ok || src.Mode != build.Overlaid {
		t.Errorf("the source is %+v, and not writable", src)
	}
}

// What a dependency was built with comes along, each at a path of its own name, whoever else is there.
func TestDependenciesAreFoundWithTheirOwn(t *testing.T) {
	targets := evaluate(t, packages)
	app := node(t, targets["app"], "app")
	for _, at := range []string{"in/png", "in/zlib"} {
		if in, ok := hasInput(app, at); !ok || in.From.Output != "install" {
			t.Errorf("%s: %+v", at, in)
		}
	}
	steps := strings.Join(app.Steps, "\n")
	for _, want := range []string{"cp -R in/png/. deps", "i686-linux-gnu-gcc -isystem $DEPS/usr/include -L$DEPS/usr/lib ", "PKG_CONFIG_LIBDIR="} {
		if !strings.Contains(steps, want) {
			t.Errorf("%q is not in\n%s", want, steps)
		}
	}
	if in, _ := hasInput(app, "src/gen/x.sh"); !in.Exec {
		t.Error("a file of mode 0755 is not executable")
	}
	find := node(t, targets["libs"], "elf_deps")
	if len(find.Inputs) != 3 || !strings.Contains(find.Steps[0], " --dep deps/0 --dep deps/1 libs ") {
		t.Errorf("%d inputs, %s", len(find.Inputs), find.Steps)
	}
}

// The same, tried with what people get wrong.
func TestWhatPackagesAndRunsRefuse(t *testing.T) {
	for call, want := range map[string]string{
		`package("a", steps = ["make"])`:                                            "want a version or a source",
		`package("a", "1", steps = [])`:                                             "there are no steps",
		`package("a", "1", steps = ["make", " "])`:                                  "a step is empty",
		`package("a", "1", steps = ["make -C x -j4"])`:                              "leave -j out",
		`package("../a", "1", steps = ["make"])`:                                    `"../a" is not a name`,
		`package("a", "1", steps = ["make"], tools = ["/usr/bin/perl"])`:            "tools are found on PATH",
		`package("a", "1", steps = ["make"], env = {"PATH": "/x"})`:                 "PATH is mini's own",
		`package("a", "1", steps = ["make"], env = {"a b": "/x"})`:                  "not the name of a variable",
		`package("a", "1", steps = ["make"], deps = ["zlib"])`:                      "want a tree that a build makes",
		`package("a", steps = ["make"], source = {})`:                               "there are no files",
		`package("a", steps = ["make"], source = {"/a": "x"})`:                      `"/a" is not a relative path`,
		`package("a", steps = ["make"], source = {"a/../../b": "x"})`:               "is not a relative path",
		`package("a", steps = ["make"], source = {"a": "x", "a/b": "y"})`:           "a/b lies in a",
		`package("a", steps = ["make"], source = {"a": symlink("b")})`:              "a is a symlink entry",
		`package("a", steps = ["cp %s x" % busybox("1.36")], source = {"a": "x"})`:  "pass the artifact itself",
		`package("a", "1", steps = ["make"], deps = [busybox("1", arch = "i386")])`: "is built for i386, and this for x86_64",
		`run("a", ["true"], inputs = {"out/a": "x"})`:                               "out is where the result goes",
		`run("a", ["true"], inputs = {"a": 1})`:                                     "a is a int",
		`qemu(kernel("6.1"), ports = {0: 22})`:                                      "0 is not a port",
		`qemu(kernel("6.1"), ports = {2222: "22"})`:                                 `"22" is not a port`,
		`file()`:                "want one of from and text",
		`file("a", text = "b")`: "want one of from and text",
	} {
		session := builtins.New(builtins.Options{Host: "x86_64", Pin: func(source.Want) (source.Pin, bool) { return source.Pin{}, false }})
		_, err := lang.Run(context.Background(), "t.star", []byte("x = "+call+"\n"), lang.Options{Builtins: session.Table()})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant: %s", call, err, want)
		}
	}
}

// A run sees what it names and nothing else.
func TestARunHasWhatItNames(t *testing.T) {
	n := node(t, evaluate(t, `x = run("keys", ["openssl rand 8 > $OUT/key"], inputs = {"seed": "1\n"}, tools = ["openssl", "gcc"], env = {"A": "b"})`)["x"], "keys")
	if !slices.Contains(n.Tools, "openssl") || slices.Contains(n.Tools, "ld") || !slices.Equal(n.Compilers, []string{"gcc"}) {
		t.Errorf("tools %q, compilers %q", n.Tools, n.Compilers)
	}
	if in, ok := hasInput(n, "seed"); !ok || string(in.Data) != "1\n" || !slices.Equal(n.Env, []string{"A=b"}) {
		t.Errorf("inputs %+v, env %q", n.Inputs, n.Env)
	}
}

// The same file is given as a text, and by a text with a mode.
func TestAFileOfAText(t *testing.T) {
	targets := evaluate(t, `
a = rootfs({"/init": file(text = "#!/bin/sh\n", mode = 0o755)})
b = kernel("6.1", config = file(text = "CONFIG_NET=y\n"))
`)
	if in, _ := hasInput(node(t, targets["a"], "rootfs"), "in/0"); string(in.Data) != "#!/bin/sh\n" {
		t.Errorf("%+v", in)
	}
	if in, _ := hasInput(node(t, targets["b"], "linux.configure"), "request.config"); !strings.Contains(string(in.Data), "CONFIG_NET=y\n") {
		t.Errorf("%s", in.Data)
	}
}
