package failure

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

func reportOf(text string) Report {
	f := &Finder{}
	f.Write([]byte(text))
	return f.Report()
}

// A compiler writes what it says of a file in one piece, and the lines of other jobs come between the pieces.
func TestTheFirstErrorOfAParallelMake(t *testing.T) {
	diagnostic := []string{
		"In file included from drivers/net/tun.c:37:", "drivers/net/tun.c: In function ‘tun_get’:", "drivers/net/tun.c:12:3: error: ‘nosuch’ undeclared",
		"   12 |   nosuch = 1;", "      |   ^~~~~~",
	}
	noise := []string{
		"  CC      drivers/net/error.o", "  AR      lib/built-in.a", "a.c:1:2: warning: unused variable ‘error’ [-Wunused-variable]",
		"    1 | int error;", "      |     ^~~~~", "  HOSTCC  scripts/fatal/x.o", "checking for error: ... no", "b.c: In function ‘f’:",
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 300 {
		var log []string
		add := func(n int) {
			for range rng.IntN(n) {
				log = append(log, noise[rng.IntN(len(noise))])
			}
		}
		log = append(log, "+ make")
		add(50)
		if rng.IntN(2) == 0 { // the line before belongs to another file's warning
			log = append(log, "c.c: In function ‘g’:", "c.c:1:1: warning: control reaches end of non-void function")
		} else {
			log = append(log, "done")
		}
		for _, l := range diagnostic { // and a job may say what it is at in the middle
			log = append(log, l)
			if rng.IntN(3) == 0 {
				log = append(log, "  LD      vmlinux.o")
			}
		}
		log = append(log, "make[1]: *** [Makefile:3: drivers/net/tun.o] Error 1", "make[1]: *** Waiting for unfinished jobs....")
		add(600)
		log = append(log, "z.c:9:9: error: later", "make: *** [Makefile:250: __sub-make] Error 2")
		text := strings.Join(log, "\n") + "\n"
		want := append(append([]string{}, diagnostic...), "z.c:9:9: error: later")
		if r := reportOf(text); !reflect.DeepEqual(r.Lines, want) || r.More != 0 {
			t.Fatalf("got %q, %d more, of\n%s", r.Lines, r.More, text)
		}
	}
}

// However the output is cut into pieces, it is the same.
func TestAnyPieces(t *testing.T) {
	text, err := os.ReadFile("testdata/parallel.txtar")
	if err != nil {
		t.Fatal(err)
	}
	log := txtar.Parse(text).Files[0].Data
	want := reportOf(string(log))
	for _, size := range []int{1, 7, 64, 4096} {
		f := &Finder{}
		for rest := log; len(rest) > 0; {
			n := min(size, len(rest))
			f.Write(rest[:n])
			rest = rest[n:]
		}
		if got := f.Report(); !reflect.DeepEqual(got, want) {
			t.Errorf("in pieces of %d: got %q", size, got.Lines)
		}
	}
}

func TestWhatFailedBefore(t *testing.T) {
	for name, c := range map[string]struct{ log, want string }{
		"a command that ended well":   {"+ ./configure || true\nconfigure: error: no zlib\n+ cp a b\ncp: cannot stat 'a': No such file or directory\n", "cp: cannot stat 'a': No such file or directory"},
		"a script that traces":        {"+ make\na.c:1:1: error: one\n+ echo of another job\nmake: *** [Makefile:1: a.o] Error 1\n", "a.c:1:1: error: one"},
		"nothing says error":          {"+ ./x\nhello\n\n+ false\n", "+ ./x|hello|+ false"},
		"an error that ended nothing": {"error: not now\n" + strings.Repeat("line\n", 500) + "a.c:1:1: error: one\nmake: *** [Makefile:1: a.o] Error 1\n", "a.c:1:1: error: one"},
		"only make's word":            {"cc -c a.c\nmake[1]: *** [Makefile:1: a.o] Error 1\nmake: *** [all] Error 2\n", "make[1]: *** [Makefile:1: a.o] Error 1"},
		"what make ignores":           {"/bin/sh: 1: pod2man: not found\nmake: [Makefile:1: man] Error 127 (ignored)\na.c:1:1: error: one\nmake: *** [Makefile:2: a.o] Error 1\n", "a.c:1:1: error: one"},
		"only what make ignores":      {"a.c:1:1: error: one\nmake: [Makefile:1: man] Error 127 (ignored)\nmake: *** [Makefile:2: a.o] Error 1\n", "a.c:1:1: error: one"},
		"a line within a message":     {"/usr/bin/env:   CC      a.o\n'gperf'  LD      b.o\n  AR      c.a\n: No such file or directory\nmake: *** [Makefile:1: d] Error 127\n", "/usr/bin/env: 'gperf': No such file or directory"},
		"what make throws away":       {"a.c:1:1: error: one\nmake[1]: *** [Makefile:1: a.o] Error 1\nmake[1]: *** Deleting file 'a.o'\n", "a.c:1:1: error: one"},
		"no end of line":              {"sh: 1: bc: not found", "sh: 1: bc: not found"},
		"a progress bar":              {"10%\r20%\rerror: lost\r\n", "error: lost"},
		"a Python frame":              {"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    f()\n  File \"b.py\", line 2, in g\n    g()\nValueError: bad\n", "  File \"b.py\", line 2, in g|    g()|ValueError: bad"},
		"nothing":                     {"", ""},
	} {
		if got := strings.Join(reportOf(c.log).Lines, "|"); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// A log of any size takes the same memory, and so does a line.
func TestMuchOutput(t *testing.T) {
	f := &Finder{}
	f.Write([]byte("+ make\na.c:1:1: error: one\n"))
	piece := []byte(strings.Repeat("  CC      a.o\na.c:2:2: warning: x\nb.c:3:3: error: other\nmake: *** [Makefile:1: a.o] Error 1\n", 1000))
	endless := bytes.Repeat([]byte("error: "), 100000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 20 {
		f.Write(piece)
		f.Write(endless)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive([][]byte{piece, endless})
	if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > 256<<10 {
		t.Errorf("it keeps %d bytes", kept)
	}
	r := f.Report()
	if r.Lines[0] != "a.c:1:1: error: one" || r.More < 10000 {
		t.Errorf("got %q and %d more", r.Lines, r.More)
	}
	for _, l := range r.Excerpt() {
		if n := len([]rune(l)); n > maxShown+1 {
			t.Errorf("a line of %d characters", n)
		}
	}
}

// Whatever a program writes, what is shown of it is printable text.
func FuzzFinder(f *testing.F) {
	f.Add([]byte("\x1b[31merror: \x1b[0m\x00\xff\xfe\x1b]0;title\x07 x\n"))
	f.Add([]byte("Traceback (most recent call last):\n  File \"\n\n+ \nerror:\r"))
	f.Add([]byte("a.c:1:1: error: x\nint \x9b1mx;\n  ^~\n*** \n***\n"))
	f.Fuzz(func(t *testing.T, log []byte) {
		finder := &Finder{}
		finder.Write(log)
		r := finder.Report()
		for _, l := range append(r.Excerpt(), r.Advice(Host{})...) {
			if strings.ContainsFunc(l, func(c rune) bool { return c != '\t' && printable(c) < 0 }) {
				t.Errorf("%q is shown", l)
			}
		}
	})
}

// How much a build pays for it, beside looking at each line with one regular expression.
func BenchmarkFinder(b *testing.B) {
	text, err := os.ReadFile("testdata/parallel.txtar")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("finder", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		f := &Finder{}
		for b.Loop() {
			f.Write(text)
		}
	})
	b.Run("regexp", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			for line := range bytes.Lines(text) {
				rules[len(rules)-1].line.Match(line)
			}
		}
	})
}

func ExampleReport_Advice() {
	f := &Finder{}
	fmt.Fprintln(f, "/bin/sh: 1: bc: not found")
	has := func(string) bool { return true }
	for _, text := range f.Report().Advice(Host{Has: has}) {
		fmt.Println(text)
	}
	// Output: bc is on this machine, but a step sees only the programs that it names: tools = ["bc"]
}
