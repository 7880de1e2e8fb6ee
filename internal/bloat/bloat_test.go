package bloat

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

func header(name string, size int) string {
	return fmt.Sprintf("%-16s%-12d%-6d%-6d%-8s%-10d`\n", name, 0, 0, 0, "644", size)
}

func TestMembers(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", arMagic, "[]"},
		{"short and padded", arMagic + header("a.o/", 3) + "abc\n" + header("b.o/", 2) + "de", "[a.o=abc b.o=de]"},
		{"a last one without its padding", arMagic + header("a.o/", 3) + "abc", "[a.o=abc]"},
		{"an index and long names", arMagic + header("/", 4) + "\x00\x00\x00\x00" + header("//", 20) + "some/very/long.o/\nx\n" + header("/0", 2) + "ab", "[some/very/long.o=ab]"},
		{"of BSD", arMagic + header("__.SYMDEF", 2) + "xx" + header("#1/8", 10) + "long.o\x00\x00ab", "[long.o=ab]"},
		{"thin", thinMagic + header("//", 12) + "a/b.o/\nc.o/\n" + header("/0", 1000) + header("/7", 5), "[a/b.o= c.o=]"},
		{"thin, by Debian's ar", thinMagic + header("//", 8) + "a/b.o/\n\n" + header("/0             /", 9), "[a/b.o=]"},
		{"not an archive", "\x7fELF", "it is no archive of ar"},
		{"cut in a header", arMagic + header("a.o/", 3)[:30], "a header of the archive is damaged"},
		{"cut in a member", arMagic + header("a.o/", 300) + "abc", `member "a.o/" of the archive is cut off`},
		{"a size below 0", arMagic + header("a.o/", -3) + "abc", `member "a.o/" of the archive has no size`},
		{"a name that isn't there", arMagic + header("/99", 0), `member "/99" of the archive has no name`},
	} {
		list, _, err := members([]byte(c.in))
		got := []string{}
		for _, m := range list {
			got = append(got, m.name+"="+string(m.data))
		}
		if text := fmt.Sprint(got); err == nil && text != c.want || err != nil && err.Error() != c.want {
			t.Errorf("%s: %s, %v; want %s", c.name, text, err, c.want)
		}
	}
}

func FuzzMembers(f *testing.F) {
	f.Add([]byte(arMagic + header("//", 8) + "a/b.o/\n\n" + header("/0", 1) + "x"))
	f.Add([]byte(thinMagic + header("/0", 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, _, _ := members(b)
		for _, m := range list {
			if len(m.data) > len(b) {
				t.Error("a member is larger than its archive")
			}
		}
	})
}

// objects are ELF files of the Go distribution, which is there where this test runs.
func objects(t *testing.T) []string {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(string(root)), "src", "debug", "elf", "testdata")
	var files []string
	for _, name := range []string{"go-relocation-test-gcc441-x86-64.obj", "go-relocation-test-gcc5-ppc.obj", "gcc-amd64-linux-exec", "gcc-386-freebsd-exec"} {
		file := filepath.Join(dir, name)
		if _, err := os.Stat(file); err != nil {
			t.Skipf("this Go has no %s", name)
		}
		files = append(files, file)
	}
	return files
}

// SizesOf says what size(1) says.
func TestSizesAgreeWithSize(t *testing.T) {
	program, err := exec.LookPath("size")
	if err != nil {
		t.Skip("there is no size (binutils) here")
	}
	for _, file := range objects(t) {
		out, err := exec.Command(program, file).CombinedOutput()
		if err != nil {
			t.Logf("size can't read %s: %s", file, out)
			continue
		}
		words := strings.Fields(strings.Split(string(out), "\n")[1])
		got := sizesOf(t, file)
		for i, n := range []int64{got.Text, got.Data, got.BSS} {
			if want, err := strconv.ParseInt(words[i], 10, 64); err != nil || n != want {
				t.Errorf("%s: %+v, but size says %v", file, got, words[:3])
				break
			}
		}
	}
}

func sizesOf(t *testing.T, file string) Sizes {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := SizesOf(f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A build directory is read through its thin archives, as newer kernels have one and older ones several.
func TestKernel(t *testing.T) {
	files := objects(t)
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	one := sizesOf(t, files[0])
	thin := func(names ...string) *fstest.MapFile {
		table, members := "", ""
		for _, n := range names {
			members += header("/"+strconv.Itoa(len(table)), len(text))
			table += n + "/\n"
		}
		return &fstest.MapFile{Data: []byte(thinMagic + header("//", len(table)) + table + strings.Repeat("\n", len(table)%2) + members)}
	}
	dir := fstest.MapFS{
		"init/main.o": {Data: text}, "fs/open.o": {Data: text}, "fs/proc/base.o": {Data: text}, "lib/sort.o": {Data: text},
		"init/built-in.a": thin("main.o"), "fs/built-in.a": thin("open.o", "proc/base.o"), "lib/lib.a": thin("sort.o"),
	}
	check := func(what string) {
		t.Helper()
		got, err := Kernel(dir)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		var names []string
		for _, o := range got {
			names = append(names, o.Path)
			if o.Sizes != one {
				t.Errorf("%s: %+v", what, o)
			}
		}
		slices.Sort(names)
		if want := "[fs/open.o fs/proc/base.o init/main.o lib/sort.o]"; fmt.Sprint(names) != want {
			t.Errorf("%s: %v, want %s", what, names, want)
		}
		whole := Sizes{4*one.Text + 10, 4 * one.Data, 4*one.BSS - 1}
		rows := ByDirectory(got, whole, 1)
		total := int64(0)
		for _, r := range rows {
			total += r.Size
		}
		if rows[0].Name != "fs/" || rows[0].Text != 2*one.Text || total != whole.Total() {
			t.Errorf("%s: %+v", what, rows)
		}
		if !slices.ContainsFunc(rows, func(r Row) bool { return r.Name == Linker && r.Size == 10 && r.BSS == -1 }) {
			t.Errorf("%s: the linker's share is not told: %+v", what, rows)
		}
		if deep := ByDirectory(got, whole, 2); !slices.ContainsFunc(deep, func(r Row) bool { return r.Name == "fs/proc/" }) {
			t.Errorf("%s: %+v", what, deep)
		}
	}
	check("an older kernel")
	dir["vmlinux.a"] = thin("init/main.o", "fs/open.o", "fs/proc/base.o", "lib/sort.o", "lib/sort.o")
	check("a newer kernel")
	dir["vmlinux.a"] = thin("init/main.o", "gone.o")
	if _, err := Kernel(dir); err == nil || !strings.Contains(err.Error(), "vmlinux.a") {
		t.Errorf("a member that is gone: %v", err)
	}
	dir["vmlinux.a"] = thin("vmlinux.a")
	if _, err := Kernel(dir); err == nil || !strings.Contains(err.Error(), "without end") {
		t.Errorf("an archive of itself: %v", err)
	}
	if _, err := Kernel(fstest.MapFS{}); err == nil {
		t.Error("an empty directory has a kernel")
	}
}

func TestBySymbol(t *testing.T) {
	files := objects(t)
	f, err := os.Open(files[2])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := BySymbol(f)
	if err != nil {
		t.Fatal(err)
	}
	// readelf -s says: __libc_csu_init 137, main 27, _IO_stdin_used 4, __libc_csu_fini 2
	want := []Row{{Name: "__libc_csu_init", Size: 137}, {Name: "main", Size: 27}, {Name: "_IO_stdin_used", Size: 4}, {Name: "__libc_csu_fini", Size: 2}}
	if !slices.EqualFunc(rows, want, func(a, b Row) bool { return a.Name == b.Name && a.Size == b.Size }) {
		t.Errorf("%+v", rows)
	}
	if _, err := BySymbol(bytes.NewReader([]byte("no ELF"))); err == nil {
		t.Error("a text has symbols")
	}
}

func TestCopiesOfSymbolsAreOne(t *testing.T) {
	for name, want := range map[string]string{
		"f": "f", "f.isra.0": "f", "f.constprop.12": "f", "CSWTCH.123": "CSWTCH", "f.cold": "f.cold", "__key.7": "__key", "a.b": "a.b",
	} {
		if got := numbered.ReplaceAllString(name, ""); got != want {
			t.Errorf("%s is counted as %s, want %s", name, got, want)
		}
	}
}

func TestDiff(t *testing.T) {
	before := []Row{{Name: "same", Size: 5}, {Name: "grown", Size: 10}, {Name: "shrunk", Size: 900}, {Name: "gone", Size: 7}, {Name: "empty"}}
	after := []Row{{Name: "shrunk", Size: 100}, {Name: "new", Size: 30}, {Name: "grown", Size: 17}, {Name: "same", Size: 5}, {Name: "none"}}
	got := fmt.Sprintf("%+v", Diff(before, after))
	want := "{Added:2 Removed:2 Grown:1 Shrunk:1 Up:37 Down:-807 Rows:[{Name:shrunk Old:900 New:100} {Name:new Old:0 New:30}" +
		" {Name:gone Old:7 New:0} {Name:grown Old:10 New:17} {Name:empty Old:0 New:0} {Name:none Old:0 New:0}]}"
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestShare(t *testing.T) {
	rows := []Row{{Packed: 30}, {Packed: 10}, {Packed: 0}}
	Share(rows, 100)
	if rows[0].Packed != 75 || rows[1].Packed != 25 || rows[2].Packed != 0 {
		t.Errorf("%+v", rows)
	}
	Share([]Row{{}}, 5) // nothing to divide by
}

func TestPacked(t *testing.T) {
	n, err := Packed(bytes.NewReader(make([]byte, 1<<20)))
	if err != nil || n < 10 || n > 1000 {
		t.Errorf("%d, %v", n, err)
	}
}
