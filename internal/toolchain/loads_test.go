package toolchain

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func loads(t *testing.T, c *Digests, path string) map[string]string {
	t.Helper()
	parts, err := c.Loads(path)
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	for _, p := range parts {
		if filepath.Base(p.Name) != p.Name || len(p.SHA256) != 64 {
			t.Errorf("bad component %+v", p)
		}
		m[p.Name] = p.Path
	}
	return m
}

// What the loader itself says that it loads is among what is listed.
func TestLoadsWhatTheLoaderLoads(t *testing.T) {
	c := LoadDigests("")
	for _, name := range []string{"as", "ld", "make", "perl", "gcc", "sh"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out, err := exec.Command("ldd", path).Output()
		if err != nil {
			t.Skip("there is no ldd, or it does not know", path)
		}
		have := loads(t, c, path)
		for line := range strings.Lines(string(out)) {
			words := strings.Fields(line)
			for _, w := range words {
				if !filepath.IsAbs(w) {
					continue
				}
				real, err := filepath.EvalSymlinks(w)
				if err != nil {
					t.Fatal(err)
				}
				if got := have[filepath.Base(w)]; got != real {
					t.Errorf("%s loads %s, listed is %q", name, real, got)
				}
			}
		}
	}
}

func TestLoadsOfScriptsAndOthers(t *testing.T) {
	dir := t.TempDir()
	sh, err := filepath.EvalSymlinks("/bin/sh")
	if err != nil {
		t.Skip(err)
	}
	for text, want := range map[string]bool{"#!/bin/sh\n": true, "#! /bin/sh -e\n": true, "#!/no/such/thing\n": false, "#!sh\n": false, "": false, "text\n": false, "\x7fELF": false} {
		write(t, dir+"/prog", text)
		if got := loads(t, later(""), dir+"/prog")["sh"] == sh; got != want {
			t.Errorf("%q: sh is listed: %v", text, got)
		}
	}
	if _, err := later("").Loads(dir + "/none"); !os.IsNotExist(err) {
		t.Error(err)
	}
}

// A library that changes shows, and what is remembered of a program is forgotten with the program.
func TestLoadsNoticesChanges(t *testing.T) {
	cc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("gcc is not installed")
	}
	dir := t.TempDir()
	compile := func(source string, args ...string) {
		t.Helper()
		cmd := exec.Command(cc, append(args, "-x", "c", "-")...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(source)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Skipf("can't compile: %v\n%s", err, out)
		}
	}
	compile("int f(void) { return 1; }\n", "-shared", "-fPIC", "-o", "libf.so")
	const prog = "int f(void); int main(void) { return f(); }\n"
	link := []string{"-o", "prog", "-Wl,-rpath,$ORIGIN", "-L.", "-Wl,--no-as-needed"}
	cmd := exec.Command(cc, append(link, "-x", "c", "-", "-x", "none", "libf.so")...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(prog)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("can't link: %v\n%s", err, out)
	}
	c := later(filepath.Join(dir, "digests"))
	digest := func() string {
		parts, err := c.Loads(dir + "/prog")
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(parts, func(p Component) bool { return p.Name == "libf.so" })
		if i < 0 {
			return ""
		}
		return parts[i].SHA256
	}
	first := digest()
	if first == "" {
		t.Fatal("the program's own library is not listed")
	}
	compile("int f(void) { return 2; }\n", "-shared", "-fPIC", "-o", "libf.so")
	if again := digest(); again == first || again == "" {
		t.Error("a changed library does not show")
	}
	write(t, dir+"/prog", "#!/bin/sh\n")
	if digest() != "" {
		t.Error("what another program needed is still listed")
	}
}

func TestConfDirs(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/ld.so.conf", "include conf.d/*.conf # more\n/opt/a\n\nrelative\nhwcap 0 nosegneg\n")
	write(t, dir+"/conf.d/x.conf", "# nothing\n/opt/b\ninclude "+dir+"/ld.so.conf\n")
	got := confDirs(dir+"/ld.so.conf", 0)
	if len(got) < 2 || got[len(got)-1] != "/opt/a" || !slices.Contains(got, "/opt/b") || slices.Contains(got, "relative") {
		t.Errorf("%q", got)
	}
}
