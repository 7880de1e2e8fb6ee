package source

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var (
	sumA = strings.Repeat("ab", 32)
	sumB = strings.Repeat("cd", 32)
)

func linuxPin() Pin {
	return Pin{
		Name: "linux", Want: "6.1", Version: "6.1.192", File: "linux-source-6.1_6.1.192-1_all.deb",
		Member: "usr/src/linux-source-6.1.tar.xz", SHA256: sumA, Size: 139331676,
		From: "apt:bookworm:linux-source-6.1=6.1.192-1", Verified: VerifiedSignature,
	}
}

func TestLockRoundTrip(t *testing.T) {
	other := Pin{Name: "busybox", Want: "newest", Suite: AnySuite, Version: "1.38.0", File: "a file.tar.bz2", SHA256: sumB, From: FromUpstream, Verified: VerifiedTable}
	var l Lock
	if !l.Put(linuxPin()) || !l.Put(other) || l.Put(other) {
		t.Error("Put reports the wrong changes")
	}
	text := l.Format()
	module := "module name=foo check=" + checkOf("module name=foo") + "\n"
	l2, err := ParseLock(append(text, module...))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if got, ok := l2.Get(Want{Name: "linux", Version: "6.1"}); !ok || got != linuxPin() {
		t.Errorf("linux: %+v", got)
	}
	if got, ok := l2.Get(Want{Name: "busybox", Distro: true}); !ok || got != other {
		t.Errorf("busybox: %+v", got)
	}
	for _, w := range []Want{{Name: "linux", Version: "6.1", Distro: true}, {Name: "linux", Version: "6.1", Suite: "sid"}, {Name: "linux"}} {
		if _, ok := l2.Get(w); ok {
			t.Errorf("%v found the pin of another wish", w)
		}
	}
	if got, want := l2.Format(), strings.Replace(string(text), "\nsource", "\n"+module+"source", 1); string(got) != want {
		t.Errorf("not stable:\n%s", got)
	}
	if n := bytes.Count(text, []byte("\nsource ")); n != 2 {
		t.Errorf("%d source lines in\n%s", n, text)
	}
}

func TestParseLockErrors(t *testing.T) {
	good := strings.TrimSpace(linuxPin().line())
	for _, tt := range []struct{ name, text, want string }{
		{"conflict", good + "\n<<<<<<< HEAD\n", "line 2: an unresolved merge conflict"},
		{"conflict end", ">>>>>>> branch\n", "line 1: an unresolved merge conflict"},
		{"twice", "# x\n" + good + "\n" + good, "line 3: linux 6.1 is pinned already in line 2"},
		{"foreign", "hello", `line 1: "hello" is no line`},
		{"unknown field", good + " colour=red", "unknown field"},
		{"field twice", good + " name=linux", "field name is there twice"},
		{"bare word", good + " word", `"word" is not key=value`},
		{"open quote", good + ` suite="sid`, "suite: a quote is not closed"},
		{"hash", strings.Replace(good, sumA, sumA[1:], 1), "is not a sha256"},
		{"capital hash", strings.Replace(good, sumA, strings.ToUpper(sumA), 1), "is not a sha256"},
		{"size", strings.Replace(good, "size=139331676", "size=-1", 1), "not a number of bytes"},
		{"missing", strings.Replace(good, " verified=apt-signature", "", 1), "verified is missing"},
		{"path", strings.Replace(good, "file=", "file=../", 1), "plain name"},
		{"changed", strings.Replace(good, "6.1.192", "6.1.193", 1) + " check=" + checkOf(good), "line 1: this line was changed by hand; restore it from version control, or remove it"},
		{"module changed", "\nmodule name=a version=v1.0.1 check=" + checkOf("module name=a version=v1.0.0"), "line 2: this line was changed by hand; restore it"},
		{"short check", good + " check=1234", "line 1: this line was changed by hand"},
		{"option for apt", strings.Replace(good, "linux-source-6.1=6", "-oX=6", 1), "is none of upstream"},
	} {
		if _, err := ParseLock([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, err := ParseLock([]byte(good)); err != nil {
		t.Errorf("a line without a check, as who changes one on purpose leaves it: %v", err)
	}
	if _, err := ParseLock(nil); err != nil {
		t.Errorf("empty file: %v", err)
	}
}

func TestWriteLock(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "mini.lock"), filepath.Join(dir, "link")
	var l Lock
	l.Put(linuxPin())
	if err := WriteLock(path, &l); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	before, _ := os.Stat(path)
	if err := WriteLock(path, &l); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.Stat(path); !os.SameFile(before, after) {
		t.Error("an unchanged lock was written again")
	}
	if err := os.Symlink("mini.lock", link); err != nil {
		t.Fatal(err)
	}
	p := linuxPin()
	p.Want = "newest"
	l.Put(p)
	if err := WriteLock(link, &l); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(text, l.Format()) {
		t.Errorf("%s, %v", text, err)
	}
	if info, _ := os.Lstat(link); info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v", info.Mode())
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("left behind: %v", entries)
	}
}
