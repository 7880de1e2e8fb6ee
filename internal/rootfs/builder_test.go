package rootfs

import (
	"errors"
	"strings"
	"testing"
)

// layer is an entry with the way it is put in.
type layer struct {
	e    Entry
	tree bool
}

func asked(entries ...Entry) []layer  { return layers(false, entries) }
func copied(entries ...Entry) []layer { return layers(true, entries) }

func layers(tree bool, entries []Entry) []layer {
	var ls []layer
	for _, e := range entries {
		ls = append(ls, layer{e, tree})
	}
	return ls
}

// build returns the list as lines of type, path, mode and what else there is, without /dev and its console.
func build(parts ...[]layer) (string, error) {
	b := NewBuilder()
	for _, part := range parts {
		for _, l := range part {
			add := b.Add
			if l.tree {
				add = b.AddTree
			}
			if err := add(l.e); err != nil {
				return "", err
			}
		}
	}
	l, err := b.Finish()
	if err != nil {
		return "", err
	}
	if _, err := Parse(l.Format()); err != nil {
		return "", err
	}
	var s strings.Builder
	for _, e := range l {
		if e.Path == "/dev" || e.Path == "/dev/console" && e.Origin == "mini" {
			continue
		}
		line := strings.ReplaceAll(e.text(), " 0 0", "")
		for _, c := range "abcdef" {
			line = strings.ReplaceAll(line, sum(string(c))+" 1", string(c))
		}
		s.WriteString(line + "; ")
	}
	return strings.TrimSuffix(s.String(), "; "), nil
}

func TestBuilderMerges(t *testing.T) {
	for name, c := range map[string]struct {
		parts [][]layer
		want  string
	}{
		"parents are made up": {
			[][]layer{asked(file("/etc/init.d/rcS", "a", "x"))},
			"d /etc 0755; d /etc/init.d 0755; f /etc/init.d/rcS 0644 a",
		},
		"the same twice": {
			[][]layer{asked(file("/a", "a", "x"), file("/a", "a", "y"), link("/l", "a", "x"), link("/l", "a", "y")), copied(file("/a", "a", "z"))},
			"f /a 0644 a; l /l 0777 a",
		},
		"fields that mean nothing don't count": {
			[][]layer{asked(link("/l", "a", "x"), Entry{Path: "/l", Type: Symlink, Target: "a", Mode: 0o644, Size: 1})},
			"l /l 0777 a",
		},
		"an asked directory wins over a copied one, after it": {
			[][]layer{copied(dir("/tmp", 0o755, "x")), asked(dir("/tmp", 0o1777, "y"))}, "d /tmp 1777",
		},
		"and before it": {
			[][]layer{asked(dir("/tmp", 0o1777, "y")), copied(dir("/tmp", 0o755, "x"))}, "d /tmp 1777",
		},
		"and over a made up one": {
			[][]layer{asked(file("/tmp/a", "a", "x"), dir("/tmp", 0o1777, "y"))}, "d /tmp 1777; f /tmp/a 0644 a",
		},
		"a later copied directory wins over an earlier one": {
			[][]layer{copied(dir("/tmp", 0o755, "x"), dir("/tmp", 0o700, "y"))}, "d /tmp 0700",
		},
		"being asked for counts even where it says the same": {
			[][]layer{copied(dir("/tmp", 0o755, "x")), asked(dir("/tmp", 0o755, "y")), copied(dir("/tmp", 0o700, "z"))}, "d /tmp 0755",
		},
		"the root's own attributes": {
			[][]layer{asked(dir("/", 0o700, "x"), file("/a", "a", "x"))}, "d / 0700; f /a 0644 a",
		},
		"through a link to a directory": {
			[][]layer{asked(link("/bin", "usr/bin", "x"), file("/bin/sh", "a", "y"))},
			"l /bin 0777 usr/bin; d /usr 0755; d /usr/bin 0755; f /usr/bin/sh 0644 a",
		},
		"whichever comes first": {
			[][]layer{asked(file("/bin/sh", "a", "y"), link("/bin", "/usr/bin", "x"))},
			"l /bin 0777 /usr/bin; d /usr 0755; d /usr/bin 0755; f /usr/bin/sh 0644 a",
		},
		"a copied directory over a link": {
			[][]layer{copied(dir("/bin", 0o750, "x"), file("/bin/sh", "a", "x")), asked(link("/bin", "usr/bin", "y"))},
			"l /bin 0777 usr/bin; d /usr 0755; d /usr/bin 0750; f /usr/bin/sh 0644 a",
		},
		"a link over a copied directory": {
			[][]layer{asked(link("/bin", "usr/bin", "y"), dir("/usr/bin", 0o755, "y")), copied(dir("/bin", 0o750, "x"), file("/bin/sh", "a", "x"))},
			"l /bin 0777 usr/bin; d /usr 0755; d /usr/bin 0755; f /usr/bin/sh 0644 a",
		},
		"a link that a link moves": {
			[][]layer{asked(file("/lib/x/f", "a", "x"), link("/lib/x", "y", "x"), link("/lib", "usr/lib", "x"))},
			"l /lib 0777 usr/lib; d /usr 0755; d /usr/lib 0755; l /usr/lib/x 0777 y; d /usr/lib/y 0755; f /usr/lib/y/f 0644 a",
		},
		"dots and slashes in links": {
			[][]layer{asked(link("/a/b", "../c/./d//", "x"), file("/a/b/f", "a", "x"))},
			"d /a 0755; l /a/b 0777 ../c/./d//; d /c 0755; d /c/d 0755; f /c/d/f 0644 a",
		},
		"links that nothing goes through may point anywhere": {
			[][]layer{asked(link("/a", "../../b", "x"), link("/c", "c", "x"), link("/d", "/proc/mounts", "x"))},
			"l /a 0777 ../../b; l /c 0777 c; l /d 0777 /proc/mounts",
		},
		"the same thing by two ways": {
			[][]layer{asked(link("/bin", "usr/bin", "x"), file("/bin/sh", "a", "y"), file("/usr/bin/sh", "a", "z"))},
			"l /bin 0777 usr/bin; d /usr 0755; d /usr/bin 0755; f /usr/bin/sh 0644 a",
		},
		"a console of one's own": {
			[][]layer{asked(link("/dev/console", "ttyS0", "x"))}, "l /dev/console 0777 ttyS0",
		},
	} {
		if got, err := build(c.parts...); err != nil || got != c.want {
			t.Errorf("%s:\ngot  %s, %v\nwant %s", name, got, err, c.want)
		}
	}
}

func TestConsoleIsThereWithoutAsking(t *testing.T) {
	l, err := NewBuilder().Finish()
	want := "rootfs 1\nd /dev 0755 0 0\nc /dev/console 0600 0 0 5 1\n"
	if got := string(l.Format()); err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
	b := NewBuilder()
	for _, e := range []Entry{dir("/dev", 0o700, "x"), {Path: "/dev/console", Type: Char, Mode: 0o622, Major: 4, Minor: 64, Origin: "x"}} {
		if err := b.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // Finish leaves the builder as it was
		l, err = b.Finish()
		want = "rootfs 1\nd /dev 0700 0 0\nc /dev/console 0622 0 0 4 64\n"
		if got := string(l.Format()); err != nil || got != want {
			t.Errorf("got %s, %v", got, err)
		}
	}
}

func TestBuilderConflicts(t *testing.T) {
	for want, parts := range map[string][][]layer{
		"/etc/motd is given twice with different content: by distro.star:6:40 and by base.star:3:9": {
			asked(file("/etc/motd", "a", "distro.star:6:40"), file("/etc/motd", "b", "base.star:3:9")),
		},
		"/a is given twice with different modes (0644 and 0755): by x and by y": {
			asked(file("/a", "a", "x")), copied(program("/a", "a", "y")),
		},
		"/a is given twice with different owners (0:0 and 1:0): by x and by an unnamed place": {
			asked(file("/a", "a", "x"), Entry{Path: "/a", Type: File, Mode: 0o644, UID: 1, SHA256: sum("a"), Size: 1}),
		},
		"/a is given twice with different types (file and directory): by x and by y": {
			asked(file("/a", "a", "x")), copied(dir("/a", 0o755, "y")),
		},
		"/a is given twice with different types (directory and symbolic link): by x and by y": {
			asked(dir("/a", 0o755, "x"), link("/a", "b", "y")),
		},
		"/a is given twice with different targets (b and \"c d\"): by x and by y": {
			asked(link("/a", "b", "x"), link("/a", "c d", "y")),
		},
		"/n is given twice with different device numbers (1:3 and 1:5): by an unnamed place and by an unnamed place": {
			asked(node("/n", Char, 1, 3), node("/n", Char, 1, 5)),
		},
		"/tmp is given twice with different modes (1777 and 0755): by x and by y": {
			asked(dir("/tmp", 0o1777, "x"), dir("/tmp", 0o755, "y")),
		},
		"/usr/bin/sh is given twice with different content: by y (as /bin/sh) and by z": {
			asked(file("/bin/sh", "a", "y"), file("/usr/bin/sh", "b", "z"), link("/bin", "usr/bin", "x")),
		},
		"/etc is a file, so nothing can lie below it: by x, but /etc/motd by y": {
			asked(file("/etc", "a", "x"), file("/etc/motd", "b", "y")),
		},
		"/dev is a file, so nothing can lie below it: by x, but /dev/console by mini": {
			asked(file("/dev", "a", "x")),
		},
		"/usr/l is given twice with different targets (a and b): by x (as /s/l) and by y": {
			asked(link("/s/l", "a", "x"), link("/usr/l", "b", "y"), link("/s", "usr", "z"), file("/s/l/f", "a", "w")),
		},
		"/bb is given twice with different types (directory and file): by x (as /bin) and by y": {
			copied(dir("/bin", 0o755, "x")), asked(file("/bb", "a", "y"), link("/bin", "bb", "z")),
		},
	} {
		_, err := build(parts...)
		var c *Conflict
		if !errors.As(err, &c) || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestBuilderRefusesLinksThatLeadNowhereSensible(t *testing.T) {
	for want, entries := range map[string][]Entry{
		"/a/f (by y) lies behind symbolic links that lead in a circle": {link("/a", "b", "x"), link("/b", "a", "x"), file("/a/f", "a", "y")},
		"/c/f (by y) lies behind symbolic links that lead in a circle": {link("/c", "c/d", "x"), file("/c/f", "a", "y")},
		"/bin/sh (by y) leads out of the root filesystem":              {link("/bin", "../../usr/bin", "x"), file("/bin/sh", "a", "y")},
	} {
		if _, err := build(asked(entries...)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestAddRefusesBadEntries(t *testing.T) {
	if err := NewBuilder().Add(file("etc", "a", "x")); err == nil {
		t.Error("a relative path passed")
	}
}
