package build

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// plant makes a directory out of a map from path to content; a content that begins with "-> " is a link.
func plant(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := cutPrefix(content, "-> "); ok {
			err = os.Symlink(target, p)
		} else {
			err = os.WriteFile(p, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func cutPrefix(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && s[:len(prefix)] == prefix {
		return s[len(prefix):], true
	}
	return s, false
}

func treeOf(t *testing.T, dir string) (Object, []byte) {
	t.Helper()
	o, listing, err := digestTree(context.Background(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return o, listing
}

func TestTreeDigestIsOfContentAlone(t *testing.T) {
	files := map[string]string{"bin/busybox": "ELF", "bin/sh": "-> busybox", "etc/motd": "hi\n"}
	a := plant(t, files)
	first, _ := treeOf(t, a)
	if err := os.Chtimes(filepath.Join(a, "etc/motd"), time.Unix(1, 0), time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if second, _ := treeOf(t, plant(t, files)); second != first {
		t.Errorf("the same files elsewhere are another tree: %v, %v", first, second)
	}
	if again, _ := treeOf(t, a); again != first {
		t.Error("a modification time changed the tree")
	}
	for name, change := range map[string]func(dir string) error{
		"content": func(d string) error { return os.WriteFile(filepath.Join(d, "etc/motd"), []byte("ho\n"), 0o644) },
		"x bit":   func(d string) error { return os.Chmod(filepath.Join(d, "bin/busybox"), 0o755) },
		"link": func(d string) error {
			os.Remove(filepath.Join(d, "bin/sh"))
			return os.Symlink("/bin/busybox", filepath.Join(d, "bin/sh"))
		},
		"name":            func(d string) error { return os.Rename(filepath.Join(d, "etc"), filepath.Join(d, "etd")) },
		"empty directory": func(d string) error { return os.Mkdir(filepath.Join(d, "tmp"), 0o755) },
	} {
		d := plant(t, files)
		if err := change(d); err != nil {
			t.Fatal(err)
		}
		if other, _ := treeOf(t, d); other.Digest == first.Digest {
			t.Errorf("a changed %s is the same tree", name)
		}
	}
}

func TestLookupFollowsLinksInsideTheTree(t *testing.T) {
	dir := plant(t, map[string]string{
		"usr/bin/busybox": "ELF", "bin": "-> usr/bin", "usr/bin/sh": "-> busybox", "abs": "-> /usr/bin/sh",
		"loop": "-> loop", "up": "-> ../../usr/bin/busybox",
	})
	_, listing := treeOf(t, dir)
	want := digestBytes([]byte("ELF"))
	for _, p := range []string{"usr/bin/busybox", "bin/sh", "/bin/busybox", "abs", "up"} {
		o, where, err := lookup(listing, p)
		if err != nil || o.Digest != want || where != "usr/bin/busybox" {
			t.Errorf("%s: %v at %q, %v", p, o.Digest, where, err)
		}
	}
	for _, p := range []string{"nothing", "loop", "usr/bin", "usr/bin/busybox/x", ""} {
		if o, _, err := lookup(listing, p); err == nil {
			t.Errorf("%q is found: %v", p, o)
		}
	}
}
