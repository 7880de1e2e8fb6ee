package build

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mini/internal/sandbox"
)

// compilingHost has one compiler, whose identity is what the test says.
type compilingHost struct{ bareHost }

func (h compilingHost) Identity(ctx context.Context, n *Node) (Identity, error) {
	id, err := h.bareHost.Identity(ctx, n)
	for _, c := range n.Compilers {
		id.Properties = append(id.Properties, Property{"compiler:" + c + ":cc1", h.version})
	}
	return id, err
}

func needCCache(t *testing.T) string {
	t.Helper()
	if !sandbox.Probe(context.Background()).Contained.OK {
		t.Skip("this host forbids user namespaces")
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("gcc is not on this machine")
	}
	ccache, err := exec.LookPath("ccache")
	if err != nil {
		t.Skip("ccache is not on this machine")
	}
	return ccache
}

// compile builds a program of two files with a compiler of the given identity, and returns the object files' bytes.
func compile(t *testing.T, dir, ccache, identity, config string) string {
	t.Helper()
	e, _ := newEngine(t, dir)
	host := compilingHost{bareHost{identity}}
	e.Host, e.Executor = host, &Local{Store: e.Store, Host: host, Sandbox: sandbox.Require, CCache: ccache}
	n := shellNode("c", "gcc -O2 -Wall -c -o a.o a.c\ngcc -O2 -Wall -c -o b.o b.c\ncat a.o b.o > out", []string{"out"},
		text("a.c", "int a(int x) { return x * 3; }\n"), text("b.c", "#include \"config.h\"\nconst char *b(void) { return CONFIG __FILE__; }\n"),
		text("config.h", fmt.Sprintf("#define CONFIG %q\n", config)))
	n.Tools, n.Compilers = append(n.Tools, "gcc", "as"), []string{"gcc"}
	return readOutput(t, e, mustBuild(t, e, n)[n], &Artifact{Node: n, Output: "out"})
}

// hits asks ccache how often it had the answer and how often not.
func hits(t *testing.T, ccache, dir string) (hit, miss string) {
	t.Helper()
	cmd := exec.Command(ccache, "--print-stats")
	cmd.Env = []string{"CCACHE_DIR=" + filepath.Join(dir, "ccache"), "CCACHE_CONFIGPATH=/dev/null"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	find := func(name string) string {
		m := regexp.MustCompile(name + `\s+(\d+)`).FindStringSubmatch(string(out))
		if m == nil {
			t.Fatalf("no %s in %s", name, out)
		}
		return m[1]
	}
	return find("preprocessed_cache_hit"), find("cache_miss")
}

// After a change of one file the other comes out of ccache, and the bytes are those of a build without it.
func TestCCacheChangesNothingButTheTime(t *testing.T) {
	ccache := needCCache(t)
	dir := t.TempDir()
	first := compile(t, dir, ccache, "1", "one")
	if first != compile(t, t.TempDir(), "", "1", "one") {
		t.Error("with an empty ccache the bytes are others than without")
	}
	if second := compile(t, dir, ccache, "1", "two"); second == first || second != compile(t, t.TempDir(), "", "1", "two") {
		t.Error("with a filled ccache the bytes are others than without")
	}
	if hit, miss := hits(t, ccache, dir); hit != "1" || miss != "3" {
		t.Errorf("%s hits and %s misses, want 1 and 3", hit, miss)
	}
	compile(t, dir, ccache, "2", "two") // another compiler, by what the key knows of it
	if hit, miss := hits(t, ccache, dir); hit != "1" || miss != "5" {
		t.Errorf("after a change of the compiler %s hits and %s misses, want 1 and 5", hit, miss)
	}
}

// Objects differ in more than the preprocessed text shows where debuggers or sanitizers are told columns.
func TestColumnsPassCCacheBy(t *testing.T) {
	ccache := needCCache(t)
	build := func(dir, ccache, options, source string) string {
		e, _ := newEngine(t, dir)
		host := compilingHost{bareHost{"1"}}
		e.Host, e.Executor = host, &Local{Store: e.Store, Host: host, Sandbox: sandbox.Require, CCache: ccache}
		n := shellNode("c", "gcc "+options+" -c -o out a.c", []string{"out"}, text("a.c", source))
		n.Tools, n.Compilers = append(n.Tools, "gcc", "as"), []string{"gcc"}
		return readOutput(t, e, mustBuild(t, e, n)[n], &Artifact{Node: n, Output: "out"})
	}
	const one, two = "int f(int x) { return x << x; }\n", "int f(int x) { return  /* far away */ x << x; }\n"
	for _, options := range []string{"-g", "-O2 -ggdb", "-fsanitize=undefined"} {
		dir := t.TempDir()
		first := build(dir, ccache, options, one)
		plain := build(t.TempDir(), "", options, two)
		if first == plain {
			t.Fatalf("%s: columns make no difference, so this tests nothing", options)
		}
		if build(dir, ccache, options, two) != plain {
			t.Errorf("%s: with a filled ccache the bytes are others than without", options)
		}
	}
	// Without them it is one text, and one object.
	dir := t.TempDir()
	build(dir, ccache, "-O2 -g0", one)
	build(dir, ccache, "-O2 -g0", two)
	if hit, _ := hits(t, ccache, dir); hit != "1" {
		t.Errorf("%s hits for a comment, want 1", hit)
	}
}

// A comment that silences a warning counts where that is an error.
func TestAWarningIsAnErrorWithCCacheToo(t *testing.T) {
	ccache := needCCache(t)
	dir := t.TempDir()
	build := func(options, comment string) error {
		e, _ := newEngine(t, dir)
		host := compilingHost{bareHost{"1"}}
		e.Host, e.Executor = host, &Local{Store: e.Store, Host: host, Sandbox: sandbox.Require, CCache: ccache}
		n := shellNode("c", "gcc "+options+" -c -o out a.c", []string{"out"},
			text("a.c", "int f(int x) {\n\tswitch (x) {\n\tcase 1:\n\t\tx++;\n\t\t/* "+comment+" */\n\tcase 2:\n\t\tx++;\n\t}\n\treturn x;\n}\n"))
		n.Tools, n.Compilers = append(n.Tools, "gcc", "as"), []string{"gcc"}
		_, err := e.NewRun(NewGraph([]*Node{n})).Build(context.Background(), []*Node{n})
		return err
	}
	for options, wrong := range map[string]string{
		"-Werror=implicit-fallthrough=3": "on we go to 2",
		"-Wextra -Werror":                "on we go to 2",
		"-Werror=extra":                  "on we go to 2",
		"-Wall -Werror=comment":          "on /* we go", // the preprocessor itself sees these
		"-std=c90 -pedantic-errors":      "*/ // no such comment /*",
	} {
		if err := build(options, "fall through"); err != nil {
			t.Fatal(err)
		}
		if err := build(options, wrong); err == nil {
			t.Errorf("%s: an error came out of ccache as a success", options)
		}
	}
}

// What is wrong with ccache's directory is no reason to fail.
func TestABrokenCCacheFailsNothing(t *testing.T) {
	ccache := needCCache(t)
	want := compile(t, t.TempDir(), "", "1", "one")
	for name, damage := range map[string]func(dir string) error{
		"a file in its place": func(dir string) error { return os.WriteFile(dir, nil, 0o644) },
		"files in the place of its directories": func(dir string) error {
			if err := os.Mkdir(dir, 0o755); err != nil {
				return err
			}
			for _, sub := range strings.Split("0123456789abcdef", "") {
				if err := os.WriteFile(filepath.Join(dir, sub), []byte("x"), 0o444); err != nil {
					return err
				}
			}
			return nil
		},
		"no program": nil,
	} {
		dir, program := t.TempDir(), ccache
		if damage == nil {
			program = filepath.Join(dir, "gone")
		} else if err := damage(filepath.Join(dir, "ccache")); err != nil {
			t.Fatal(err)
		}
		if got := compile(t, dir, program, "1", "one"); got != want {
			t.Errorf("%s: other bytes", name)
		}
	}
}

// Damaged entries must not be served.
func TestADamagedEntryOfCCacheIsCompiledAnew(t *testing.T) {
	ccache := needCCache(t)
	dir := t.TempDir()
	compile(t, dir, ccache, "1", "one")
	flipped := 0
	err := filepath.WalkDir(filepath.Join(dir, "ccache"), func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, "R") {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		b[len(b)/2] ^= 1
		flipped++
		return os.WriteFile(p, b, 0o644)
	})
	if err != nil || flipped != 2 {
		t.Fatalf("%d entries damaged (%v)", flipped, err)
	}
	if compile(t, dir, ccache, "1", "two") != compile(t, t.TempDir(), "", "1", "two") {
		t.Error("damage came out of it")
	}
}
