package cpio

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not on this machine", name)
	}
	return path
}

func output(t *testing.T, dir string, stdin []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(stdin)
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC", "PATH=/usr/bin:/bin"}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, stderr.String())
	}
	return out
}

// modeString is the first column of ls -l.
func modeString(mode uint32) string {
	s := []byte("?rwxrwxrwx")
	s[0] = map[uint32]byte{TypeDir: 'd', TypeRegular: '-', TypeSymlink: 'l', TypeChar: 'c', TypeBlock: 'b', TypeFIFO: 'p', TypeSocket: 's'}[mode&TypeMask]
	for i := range 9 {
		if mode&(1<<(8-i)) == 0 {
			s[i+1] = '-'
		}
	}
	if mode&0o4000 != 0 {
		s[3] = 's'
	}
	if mode&0o1000 != 0 {
		s[9] = 't'
	}
	return string(s)
}

// lines is the listing that both tools give, in the columns that mean the same.
func lines(entries []Entry) (out []string) {
	for _, e := range entries {
		size, links, name := fmt.Sprint(e.Size), 1, e.Name
		switch {
		case e.isDevice():
			size = fmt.Sprintf("%d,%d", e.Major, e.Minor)
		case e.kind() == TypeSymlink:
			size, name = fmt.Sprint(len(e.Linkname)), e.Name+" -> "+e.Linkname
		case e.kind() == TypeDir:
			links = 2
		}
		out = append(out, fmt.Sprintf("%s %d %d %d %s %s", modeString(e.Mode), links, e.UID, e.GID, size, name))
	}
	return out
}

var deviceComma = regexp.MustCompile(`, +`)

// columns drops the date (three columns before the name) and joins "major, minor".
func columns(listing []byte) (out []string) {
	for line := range strings.Lines(string(listing)) {
		f := strings.Fields(deviceComma.ReplaceAllString(line, ","))
		if len(f) < 9 {
			out = append(out, strings.TrimSpace(line))
			continue
		}
		out = append(out, strings.Join(append(f[:5:5], f[8:]...), " "))
	}
	return out
}

func TestOthersListWhatWeWrite(t *testing.T) {
	archive, want := pack(t, sample()...), lines(sample())
	for _, name := range []string{"cpio", "bsdcpio"} {
		t.Run(name, func(t *testing.T) {
			got := columns(output(t, t.TempDir(), archive, tool(t, name), "-itv", "--numeric-uid-gid", "--quiet"))
			if !slices.Equal(got, want) {
				t.Errorf("\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
			}
		})
	}
}

func TestOthersExtractWhatWeWrite(t *testing.T) {
	archive := pack(t, dir("bin"), text("bin/sh", 0o755, "#!/bin/true\n"), link("sh", "bin/sh"), text("empty", 0o600, ""), text("odd", 0o644, "12345"))
	for _, name := range []string{"cpio", "bsdcpio"} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			output(t, root, archive, tool(t, name), "-idm", "--quiet")
			for file, want := range map[string]string{"sh": "#!/bin/true\n", "empty": "", "odd": "12345"} {
				if got, err := os.ReadFile(filepath.Join(root, file)); err != nil || string(got) != want {
					t.Errorf("%s: %q, %v", file, got, err)
				}
			}
			if target, err := os.Readlink(filepath.Join(root, "sh")); err != nil || target != "bin/sh" {
				t.Errorf("sh -> %q, %v", target, err)
			}
		})
	}
}

func TestWeReadWhatOthersWrite(t *testing.T) {
	root := t.TempDir()
	for name, content := range map[string]string{"bin/sh": "shell", "bin/odd": "12345", "empty": ""} {
		os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o755)
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("bin/sh", filepath.Join(root, "sh")); err != nil {
		t.Fatal(err)
	}
	names := []string{"bin", "bin/odd", "bin/sh", "empty", "sh"}
	for _, name := range []string{"cpio", "bsdcpio"} {
		t.Run(name, func(t *testing.T) {
			archive := output(t, root, []byte(strings.Join(names, "\n")+"\n"), tool(t, name), "-o", "-H", "newc", "--quiet")
			list, err := List(bytes.NewReader(archive))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range list {
				got = append(got, fmt.Sprintf("%s %o %d %s", e.Name, e.kind(), e.Size, e.Linkname))
			}
			want := []string{"bin 40000 0 ", "bin/odd 100000 5 ", "bin/sh 100000 5 ", "empty 100000 0 ", "sh 120000 0 bin/sh"}
			if !slices.Equal(got, want) {
				t.Errorf("\n got %q\nwant %q", got, want)
			}
		})
	}
}
