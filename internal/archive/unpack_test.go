package archive

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// withoutImplied drops the lines of directories without entries: their time is now.
func withoutImplied(tree string) string {
	var b strings.Builder
	for line := range strings.Lines(tree) {
		if !strings.Contains(line, "implied") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func TestFormats(t *testing.T) {
	plain := tarOf(t, sample()...)
	program, _ := exec.LookPath("xz")
	for name, c := range map[string]struct {
		data func(testing.TB, []byte) []byte
		o    Options
	}{
		"tar":        {func(_ testing.TB, b []byte) []byte { return b }, Options{}},
		"gzip":       {gz, Options{}},
		"bzip2":      {bz2, Options{}},
		"zstd":       {zst, Options{}},
		"xz in Go":   {xz, Options{}},
		"xz program": {xz, Options{XZ: program}},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "xz program" && program == "" {
				t.Skip("xz is not on this machine")
			}
			c.o.Strip = 1
			dir, stats, err := unpackTo(t, c.data(t, plain), c.o)
			if err != nil {
				t.Fatal(err)
			}
			if got := withoutImplied(show(t, dir)); got != sampleTree {
				t.Errorf("got\n%swant\n%s", got, sampleTree)
			}
			if want := (Stats{Files: 11, Bytes: 320_060, TopDir: "src-1.0"}); stats != want {
				t.Errorf("stats %+v, want %+v", stats, want)
			}
			a, _ := os.Stat(filepath.Join(dir, "README"))
			b, _ := os.Stat(filepath.Join(dir, "hard"))
			if !os.SameFile(a, b) {
				t.Error("a hard link became a copy")
			}
		})
	}
}

// The umask of who runs mini is no part of a source tree.
func TestUmask(t *testing.T) {
	plain := tarOf(t, sample()...)
	for _, mask := range []int{0, 0o077, 0o027} {
		func() {
			dir := filepath.Join(t.TempDir(), "tree")
			os.Mkdir(dir, 0o755)
			file := save(t, plain)
			defer syscall.Umask(syscall.Umask(mask))
			if _, err := Unpack(context.Background(), file, dir, Options{Strip: 1}); err != nil {
				t.Fatal(err)
			}
			tree := show(t, dir)
			if got := withoutImplied(tree); got != sampleTree {
				t.Errorf("umask %#o: got\n%swant\n%s", mask, got, sampleTree)
			}
			if !strings.Contains(tree, "drwxr-xr-x implied/dirs ") {
				t.Errorf("umask %#o: a directory without an entry is\n%s", mask, tree)
			}
		}()
	}
}

func TestStrip(t *testing.T) {
	in := tarOf(t, dir("./"), dir("./a"), dir("a/b"), text("./a/b/f", "x"), hard("a/b/g", "./a/b/f"))
	for strip, want := range []string{"a/b/f", "b/f", "f"} {
		dir, stats, err := unpackTo(t, in, Options{Strip: strip})
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(filepath.Join(dir, want)); err != nil || string(b) != "x" {
			t.Errorf("strip %d: %q, %v", strip, b, err)
		}
		if stats.TopDir != "a" {
			t.Errorf("top directory %q", stats.TopDir)
		}
	}
	_, _, err := unpackTo(t, in, Options{Strip: 3})
	wantError(t, err, `"./a/b/f" does not lie deep enough to drop 3`)

	_, stats, err := unpackTo(t, tarOf(t, text("a/f", ""), text("b/f", "")), Options{})
	if err != nil || stats.TopDir != "" {
		t.Errorf("two top directories: %q, %v", stats.TopDir, err)
	}
}

// A name that repeats: the last one wins, and never writes into what was there.
func TestRepeats(t *testing.T) {
	big := strings.Repeat("x", smallFile+1)
	for name, c := range map[string]struct {
		items []item
		want  string
	}{
		"file":                {[]item{text("f", "1"), text("f", "2"), text("f", "3")}, `-rw-r--r-- f 1600000000 "3"` + "\n"},
		"big over small":      {[]item{text("f", "1"), text("f", big)}, `-rw-r--r-- f 1600000000 "262145 bytes"` + "\n"},
		"small over big":      {[]item{text("f", big), text("f", "1")}, `-rw-r--r-- f 1600000000 "1"` + "\n"},
		"spelled otherwise":   {[]item{text("f", "1"), text("./f", "2")}, `-rw-r--r-- f 1600000000 "2"` + "\n"},
		"link over file":      {[]item{text("f", "1"), link("f", "g")}, "Lrwxrwxrwx f 1600000000 -> g\n"},
		"link over link":      {[]item{link("f", "../x"), link("f", "g")}, "Lrwxrwxrwx f 1600000000 -> g\n"},
		"file over link":      {[]item{text("g", "1"), link("f", "g"), text("f", "2")}, "-rw-r--r-- f 1600000000 \"2\"\n-rw-r--r-- g 1600000000 \"1\"\n"},
		"file over hard link": {[]item{text("g", "1"), hard("f", "g"), text("f", "2")}, "-rw-r--r-- f 1600000000 \"2\"\n-rw-r--r-- g 1600000000 \"1\"\n"},
		"hard link over file": {[]item{text("g", "1"), text("f", "2"), hard("f", "g")}, "-rw-r--r-- f 1600000000 \"1\"\n-rw-r--r-- g 1600000000 \"1\"\n"},
		"directory":           {[]item{dir("d"), dir("d/"), text("d/f", "")}, "drwxr-xr-x d 1600000000\n-rw-r--r-- d/f 1600000000 \"\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, stats, err := unpackTo(t, tarOf(t, c.items...), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := show(t, dir); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			if files := int64(strings.Count(c.want, "\n") - strings.Count(c.want, "drwx")); stats.Files != files {
				t.Errorf("%d files counted, %d there", stats.Files, files)
			}
		})
	}
}

// Many files repeat while writers are behind: order must hold.
func TestRepeatsUnderLoad(t *testing.T) {
	var items []item
	for i := range 700 {
		items = append(items, text("f"+string(rune('a'+i%7)), strings.Repeat("x", i)))
	}
	dir, _, err := unpackTo(t, tarOf(t, items...), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := 693; i < 700; i++ {
		name := items[i].name
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || len(b) != i {
			t.Errorf("%s has %d bytes, want %d: %v", name, len(b), i, err)
		}
	}
}

func TestDirectoryMustBeEmpty(t *testing.T) {
	file := save(t, tarOf(t, text("f", "")))
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "mine"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Unpack(context.Background(), file, root, Options{})
	wantError(t, err, `must be empty, but there is "mine"`)
	_, err = Unpack(context.Background(), file, filepath.Join(root, "nowhere"), Options{})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
	_, err = Unpack(context.Background(), root, t.TempDir(), Options{})
	wantError(t, err, "not a regular file")
}

func TestProgress(t *testing.T) {
	in := tarOf(t, text("f", strings.Repeat("some text\n", 400_000)))
	for name, data := range map[string][]byte{"tar": in, "gzip": gz(t, in)} {
		var last, reports int64
		_, _, err := unpackTo(t, data, Options{Progress: func(done, total int64) {
			if done <= last || total != int64(len(data)) {
				t.Errorf("%s: %d after %d, of %d", name, done, last, total)
			}
			last = done
			reports++
		}})
		if err != nil || last != int64(len(data)) {
			t.Errorf("%s: ended at %d of %d: %v", name, last, len(data), err)
		}
		if name == "tar" && reports < 3 {
			t.Errorf("%d reports for %d bytes", reports, len(data))
		}
	}
}

func TestCancel(t *testing.T) {
	var items []item
	for i := range 300 {
		items = append(items, text("f"+strings.Repeat("x", i%200)+string(rune('a'+i/200)), strings.Repeat("y", 20_000)))
	}
	in := tarOf(t, items...)
	program, _ := exec.LookPath("xz")
	for name, data := range map[string][]byte{"tar": in, "gzip": gz(t, in), "xz": xz(t, in)} {
		ctx, cancel := context.WithCancel(context.Background())
		_, err := Unpack(ctx, save(t, data), t.TempDir(), Options{XZ: program, Progress: func(int64, int64) { cancel() }})
		if name == "tar" && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
		if _, err := Unpack(ctx, save(t, data), t.TempDir(), Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled before: %v", name, err)
		}
	}
}

// A writer that fails stops all, and its error is the one that is told.
func TestWriterFails(t *testing.T) {
	items := []item{text("fine", "x"), text(strings.Repeat("n", 256), "x")}
	for i := range 500 {
		items = append(items, text("f"+strings.Repeat("x", i%250)+string(rune('a'+i/250)), "content"))
	}
	items = append(items, text("f", "again"), text("f", "and again")) // has to settle after the failure
	_, _, err := unpackTo(t, tarOf(t, items...), Options{})
	if !errors.Is(err, syscall.ENAMETOOLONG) {
		t.Fatalf("the cause is lost: %v", err)
	}
}

// The same tree as GNU tar makes of it.
func TestLikeTar(t *testing.T) {
	program := tool(t, "tar")
	file := save(t, gz(t, tarOf(t, sample()...)))
	want, got := t.TempDir(), t.TempDir()
	cmd := exec.Command(program, "-xzf", file, "-C", want, "--strip-components=1", "--no-same-permissions", "--no-same-owner", "--delay-directory-restore")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	defer syscall.Umask(syscall.Umask(0o022))
	if err := cmd.Run(); err != nil {
		t.Fatalf("tar: %v: %s", err, stderr.String())
	}
	if _, err := Unpack(context.Background(), file, got, Options{Strip: 1}); err != nil {
		t.Fatal(err)
	}
	// Modes differ on purpose: ours don't keep more than the x bit.
	strip := func(tree string) string {
		var b strings.Builder
		for line := range strings.Lines(withoutImplied(tree)) {
			_, rest, _ := strings.Cut(line, " ")
			b.WriteString(rest)
		}
		return b.String()
	}
	if got, want := strip(show(t, got)), strip(show(t, want)); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
