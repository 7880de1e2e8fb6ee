package rootfs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// write makes files below dir: a name that ends in '/' is a folder, one with " -> " a link.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, name)
		var err error
		if name, target, ok := strings.Cut(name, " -> "); ok {
			path = filepath.Join(dir, name)
			os.MkdirAll(filepath.Dir(path), 0o755)
			err = os.Symlink(target, path)
		} else if strings.HasSuffix(name, "/") {
			err = os.MkdirAll(path, 0o755)
		} else {
			os.MkdirAll(filepath.Dir(path), 0o755)
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// chmod sets modes whatever the umask is.
func chmod(t *testing.T, dir string, modes map[string]uint32) {
	t.Helper()
	for name, mode := range modes {
		if err := syscall.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
}

func assemble(root, spec string, origins ...string) (List, map[string]string, error) {
	directives, err := ParseSpec([]byte(spec))
	if err != nil {
		return nil, nil, err
	}
	return Assemble(context.Background(), root, directives, origins)
}

func digest(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

func TestAssemble(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"bb/bin/busybox": "elf", "bb/bin/sh -> busybox": "", "bb/bin/out -> /etc/passwd": "", "bb/tmp/": "", "bb/odd \xff\nname": "x", "bb/empty": "",
		"in/init": "#!/bin/sh\n", "in/link -> init": "", "opt/tool": "elf",
	})
	chmod(t, root, map[string]uint32{
		"bb/bin": 0o755, "bb/bin/busybox": 0o4755, "bb/tmp": 0o1777, "bb/empty": 0o640, "bb/odd \xff\nname": 0o644, "in/init": 0o750, "opt/tool": 0o755,
	})
	l, content, err := assemble(root, `tree bb /
tree opt /opt
file /init in/init 0755 0 0
file /sbin/init in/link - 1 2
slink /linuxrc bin/busybox
dir /root 0700 0 0
nod /dev/null c 1 3 0666 0 0
fifo /run/log 0600 0 0
`, "a.star:1:1", "", "a.star:3:1")
	if err != nil {
		t.Fatal(err)
	}
	want := "rootfs 1\n" +
		"d /bin 0755 0 0\n" +
		"f /bin/busybox 4755 0 0 " + digest("elf") + " 3\n" +
		"l /bin/out 0777 0 0 /etc/passwd\n" +
		"l /bin/sh 0777 0 0 busybox\n" +
		"d /dev 0755 0 0\n" +
		"c /dev/console 0600 0 0 5 1\n" +
		"c /dev/null 0666 0 0 1 3\n" +
		"f /empty 0640 0 0 " + digest("") + " 0\n" +
		"f /init 0755 0 0 " + digest("#!/bin/sh\n") + " 10\n" +
		"l /linuxrc 0777 0 0 bin/busybox\n" +
		"f \"/odd \\xff\\nname\" 0644 0 0 " + digest("x") + " 1\n" +
		"d /opt 0755 0 0\n" +
		"f /opt/tool 0755 0 0 " + digest("elf") + " 3\n" +
		"d /root 0700 0 0\n" +
		"d /run 0755 0 0\n" +
		"p /run/log 0600 0 0\n" +
		"d /sbin 0755 0 0\n" +
		"f /sbin/init 0750 1 2 " + digest("#!/bin/sh\n") + " 10\n" +
		"d /tmp 1777 0 0\n"
	if got := string(l.Format()); got != want {
		t.Errorf("got:\n%s", got)
	}
	for path, origin := range map[string]string{"/bin/sh": "a.star:1:1", "/opt/tool": "entry 2", "/init": "a.star:3:1", "/root": "entry 6"} {
		if e, _ := l.Lookup(path); e.Origin != origin {
			t.Errorf("%s comes from %q, want %q", path, e.Origin, origin)
		}
	}
	for sum, path := range content {
		data, err := os.ReadFile(path)
		if err != nil || digest(string(data)) != sum {
			t.Errorf("content %s at %s: %v", sum, path, err)
		}
	}
	if len(content) != 4 || content[digest("elf")] != filepath.Join(root, "bb/bin/busybox") {
		t.Errorf("content: %v", content)
	}
}

// Find of GNU findutils is asked what is in a folder, and must say what the list says.
func TestAssembleAgreesWithFind(t *testing.T) {
	find, err := exec.LookPath("find")
	if err != nil {
		t.Skip("find is missing: the list is not compared with another program's")
	}
	root := t.TempDir()
	files := map[string]string{}
	for i := range 300 {
		files[fmt.Sprintf("tree/d%d/e%d/f.%d", i%7, i%3, i)] = strings.Repeat("x", i)
		files[fmt.Sprintf("tree/d%d/l%d -> e0/f", i%7, i)] = ""
	}
	write(t, root, files)
	if err := syscall.Mkfifo(filepath.Join(root, "tree/fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	chmod(t, root, map[string]uint32{"tree/d0": 0o2750, "tree/d1": 0o1777, "tree/d2/e2/f.2": 0o6711})
	out, err := exec.Command(find, filepath.Join(root, "tree"), "-mindepth", "1", "-printf", `%y /%P %m %l %s\n`).Output()
	if err != nil {
		t.Skipf("this find knows no -printf: %v", err)
	}
	l, _, err := assemble(root, "tree tree /\n")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, e := range l {
		if strings.HasPrefix(e.Path, "/dev") {
			continue
		}
		size := e.Size
		switch e.Type {
		case Symlink:
			size = int64(len(e.Target))
		case Dir:
			size = -1
		}
		listed[fmt.Sprintf("%c %s %o %s %d", e.Type, e.Path, e.Mode, e.Target, size)] = true
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, line := range lines {
		if strings.HasPrefix(line, "d ") { // the size of a folder is the host's business
			line = line[:strings.LastIndex(line, " ")] + " -1"
		}
		if !listed[line] {
			t.Errorf("find says %q, the list does not", line)
		}
	}
	if len(lines) != len(listed) {
		t.Errorf("find says %d lines, the list %d", len(lines), len(listed))
	}
}

func TestAssembleRefuses(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, map[string]string{"secret": "s"})
	root := t.TempDir()
	write(t, root, map[string]string{
		"one": "1", "two": "2", "dir/": "", "deep/a": "1",
		"escape -> " + outside + "/secret": "", "up -> ../../../../../etc/passwd": "", "trees -> " + outside: "", "dangling -> nowhere": "",
	})
	if err := syscall.Mkfifo(filepath.Join(root, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	sockets := filepath.Join(root, "sockets")
	os.Mkdir(sockets, 0o755)
	if fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0); err == nil {
		defer syscall.Close(fd)
		if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: shorten(t, sockets) + "/s"}); err != nil {
			t.Fatal(err)
		}
	}
	for spec, want := range map[string]string{
		"file /a none 0644 0 0":                      "a.star:1:1: none: no such file or directory",
		"file /a dir 0644 0 0":                       "a.star:1:1: dir is not a regular file",
		"file /a fifo 0644 0 0":                      "a.star:1:1: fifo is not a regular file",
		"file /a escape 0644 0 0":                    "a.star:1:1: escape: a symbolic link leads out of the inputs",
		"file /a up 0644 0 0":                        "a.star:1:1: up: a symbolic link leads out of the inputs",
		"file /a dangling 0644 0 0":                  "a.star:1:1: dangling: no such file or directory",
		"tree trees /":                               "a.star:1:1: trees: a symbolic link leads out of the inputs",
		"tree one /":                                 "a.star:1:1: one is not a folder",
		"tree none /":                                "a.star:1:1: none: no such file or directory",
		"tree sockets /":                             "a.star:1:1: sockets/s is a socket",
		"file /a one 0644 0 0\nfile /a two 0644 0 0": "/a is given twice with different content: by a.star:1:1 and by entry 2",
		"tree deep /\nfile /a two 0644 0 0":          "/a is given twice with different content: by a.star:1:1 and by entry 2",
		"slink /l l\nfile /l/a one 0644 0 0":         "/l/a (by entry 2) lies behind symbolic links",
		"file /opt one 0644 0 0\ntree deep /opt":     "/opt is given twice with different types (file and directory)",
		"dir /fine 0755 0 0\nfile /a none 0644 0 0":  "entry 2: none: no such file or directory",
	} {
		_, _, err := assemble(root, spec, "a.star:1:1")
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), root) {
			t.Errorf("%q:\ngot  %v\nwant %s", spec, err, want)
		}
	}
	if _, _, err := assemble(filepath.Join(root, "none"), ""); err == nil {
		t.Error("a missing directory of inputs passed")
	}
	bad := []Directive{{Kind: FileKind, Path: "/a", Host: "../one", Mode: 0o644}}
	if _, _, err := Assemble(context.Background(), root, bad, nil); err == nil || !strings.HasPrefix(err.Error(), "entry 1: ") {
		t.Errorf("a directive that was not parsed: %v", err)
	}
}

// shorten returns a path to dir that is short enough for the address of a socket.
func shorten(t *testing.T, dir string) string {
	t.Helper()
	f, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return fmt.Sprintf("/proc/self/fd/%d", f.Fd())
}

func TestAssembleNamesUnreadableFiles(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root can read everything")
	}
	root := t.TempDir()
	write(t, root, map[string]string{"tree/a": "1", "tree/b": "2", "trees/d/e": "1"})
	chmod(t, root, map[string]uint32{"tree/b": 0, "trees/d": 0})
	t.Cleanup(func() { os.Chmod(filepath.Join(root, "trees/d"), 0o755) })
	for spec, want := range map[string]string{
		"tree tree /":             "entry 1: tree/b: permission denied",
		"tree trees /":            "entry 1: trees/d: permission denied",
		"file /x tree/b 0644 0 0": "entry 1: tree/b: permission denied",
	} {
		if _, _, err := assemble(root, spec); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", spec, err, want)
		}
	}
}

func TestAssembleEndsWithItsContext(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"tree/a": "1"})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	inputs, err := os.OpenRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	defer inputs.Close()
	if _, _, err := hashFile(ctx, inputs, "tree/a"); !errors.Is(err, context.Canceled) {
		t.Errorf("a file is read to its end: %v", err)
	}
	for _, d := range []Directive{{Kind: TreeKind, Host: "tree", Path: "/"}, {Kind: FileKind, Host: "tree/a", Path: "/a"}} {
		if _, _, err := Assemble(ctx, root, []Directive{d}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", d.Kind, err)
		}
	}
}
