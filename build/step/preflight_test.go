package step

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mini/internal/preflight"
)

// archives writes root filesystems of one file each, and describes a machine that unpacks them one upon the other.
func archives(t *testing.T, embedded bool, lists ...string) (dir string, m Machine) {
	t.Helper()
	dir = t.TempDir()
	m = Machine{Arch: "x86_64", Cmdline: "console=ttyS0", Memory: 128, CPUs: 1, Machine: "pc"}
	for i, list := range lists {
		name := string(rune('a' + i))
		write(t, dir, name+".list", "rootfs 1\n"+list, 0o644)
		m.Archives = append(m.Archives, MachineArchive{Embedded: embedded && i == 0, List: name + ".list", Content: "content"})
	}
	return dir, m
}

func look(t *testing.T, dir string, m Machine) *Report {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Preflight(t.Context(), func(name string) string { return filepath.Join(dir, name) }, text, []string{"vm", "linux", "root", "init"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// An archive beside the kernel is laid over what the kernel carries, which is at least a /dev/console. Devices that are there
// stay as they are, and others take their place.
func TestArchivesAreLaidOneUponTheOther(t *testing.T) {
	const null = "d /dev 0755 0 0\nc /dev/console 0600 0 0 1 3\n"
	const console = "d /dev 0755 0 0\nc /dev/console 0600 0 0 5 1\n"
	for name, c := range map[string]struct {
		embedded bool
		lists    []string
		console  bool // whether it is one
	}{
		"carried":                    {true, []string{console}, true},
		"another device carried":     {true, []string{null}, false},
		"nothing beside":             {false, []string{"d /etc 0755 0 0\n"}, true},
		"nothing carried":            {true, []string{"d /etc 0755 0 0\n"}, false},
		"a device beside":            {false, []string{null}, true},
		"a device over one":          {true, []string{null, console}, false},
		"a link over a device":       {true, []string{console, "d /dev 0755 0 0\nl /dev/console 0777 0 0 null\n"}, false},
		"a device where there isn't": {true, []string{"d /etc 0755 0 0\n", console}, true},
	} {
		dir, m := archives(t, c.embedded, c.lists...)
		found := ""
		for _, f := range look(t, dir, m).Found {
			if f.Rule == "console" {
				found = f.What
			}
		}
		if (found == "") != c.console {
			t.Errorf("%s: got %q", name, found)
		}
	}
}

func TestFindingsStandAtWhatIsToBeChanged(t *testing.T) {
	dir, m := archives(t, true, "d /dev 0755 0 0\nc /dev/console 0600 0 0 5 1\n")
	m.Cmdline += " rdinit=/rc"
	m.Archives[0].Paths = []string{"/init"}
	if f := look(t, dir, m).Found; len(f) != 1 || f[0].Pos != "vm" {
		t.Errorf("got %+v", f)
	}
	m.Cmdline = "console=ttyS0"
	if f := look(t, dir, m).Found; len(f) != 1 || f[0].Pos != "init" || f[0].Severity != preflight.Error {
		t.Errorf("got %+v", f)
	}
	m.Archives[0].Paths = nil
	if f := look(t, dir, m).Found; len(f) != 1 || f[0].Pos != "root" {
		t.Errorf("got %+v", f)
	}
	// Of two archives that have a file, the last counts; where there is none, it is what somebody would add to.
	dir, m = archives(t, true, "f /init 0755 0 0 "+strings.Repeat("0", 64)+" 0\n", "d /etc 0755 0 0\nf /etc/fstab 0644 0 0 "+strings.Repeat("0", 64)+" 0\n")
	if err := os.MkdirAll(filepath.Join(dir, "content"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "content"), strings.Repeat("0", 64), "", 0o644)
	m.Cmdline = "console=ttyS0"
	m.Archives[0].Paths, m.Archives[1].Paths = []string{"/init"}, []string{"/etc/fstab"}
	at := func() (places []string) {
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Preflight(t.Context(), func(name string) string { return filepath.Join(dir, name) }, text,
			[]string{"vm", "linux", "carried", "carried init", "beside", "beside's file"})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Found {
			places = append(places, f.Rule+" "+f.Pos)
		}
		return places
	}
	if got := at(); strings.Join(got, ", ") != "console beside, init carried init" {
		t.Errorf("got %q", got)
	}
	write(t, dir, "b.list", "rootfs 1\nf /init 0755 0 0 "+strings.Repeat("0", 64)+" 0\n", 0o644)
	m.Archives[1].Paths[0] = "/init"
	if got := at(); strings.Join(got, ", ") != "console beside, init beside's file" {
		t.Errorf("got %q", got)
	}
	dir, m = archives(t, true, "d /dev 0755 0 0\nc /dev/console 0600 0 0 5 1\n")
	m.Archives[0].List = ""
	if r := look(t, dir, m); len(r.Found) != 0 || strings.Join(r.Unknown, ", ") != "the kernel's configuration, what is in the initramfs" {
		t.Errorf("got %+v", r)
	}
}

// beside makes a machine with an initramfs beside its kernel that something else packed.
func beside(t *testing.T, archives ...string) (dir string, m Machine) {
	t.Helper()
	dir = t.TempDir()
	m = Machine{Arch: "x86_64", Cmdline: "console=ttyS0", Memory: 128, CPUs: 1, Machine: "pc"}
	for i, archive := range archives {
		u, from := unpackInitramfs(t, archive)
		name := string(rune('a' + i))
		text, err := json.Marshal(u)
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, name, string(text), 0o644)
		if err := os.Rename(filepath.Join(from, "content"), filepath.Join(dir, "content"+name)); err != nil {
			t.Fatal(err)
		}
		m.Archives = append(m.Archives, MachineArchive{Embedded: len(archives) > 1 && i == 0, Unpacked: name, Content: "content" + name})
	}
	return dir, m
}

// What lies in no directory is not unpacked. One may come from an archive before, or be reached by a link.
func TestFilesWithoutDirectoriesAreDropped(t *testing.T) {
	script := "#!/bin/sh\nexec nothing\n"
	for name, c := range map[string]struct {
		archives []string
		want     string // said
	}{
		"without":                  {[]string{newc("100755 sbin/init "+script, "100755 etc/rc.d/x ", "040755 etc")}, "the initramfs has no entry for the directory of /sbin/init, /etc/rc.d/x"},
		"with":                     {[]string{newc("040755 sbin", "100755 sbin/init "+script)}, ""},
		"of another":               {[]string{newc("040755 sbin"), newc("100755 sbin/init " + script)}, ""},
		"by a link":                {[]string{newc("040755 usr", "120777 sbin usr", "100755 sbin/init "+script)}, ""},
		"of what there was":        {[]string{newc("020600 dev/null ")}, ""},
		"of what there is no more": {[]string{newc("020600 dev/null "), newc("040755 etc")}, "/dev/null"},
	} {
		dir, m := beside(t, c.archives...)
		said := ""
		for _, f := range look(t, dir, m).Found {
			if f.Rule == "archive" {
				said = f.What
			}
		}
		if !strings.Contains(said, c.want) || (said == "") != (c.want == "") {
			t.Errorf("%s: got %q, want %q", name, said, c.want)
		}
	}
}

// An archive beside the kernel lies in memory while its files are unpacked; of one that is too large to be looked into, as much
// as was seen of it counts.
func TestArchivesTakeMemory(t *testing.T) {
	noise := make([]byte, 9<<20)
	rand.NewChaCha8([32]byte{}).Read(noise)
	dir, m := beside(t, newc("100755 init "+string(noise)))
	said := func() string {
		for _, f := range look(t, dir, m).Found {
			if f.Rule == "memory" {
				return f.What
			}
		}
		return ""
	}
	for memory, want := range map[int]string{17: "the kernel and the files of its initramfs take 19 MiB at least", 20: ""} {
		if m.Memory = memory; !strings.Contains(said(), want) || want == "" && said() != "" {
			t.Errorf("%d MiB: got %q", memory, said())
		}
	}
	text, err := json.Marshal(Unpacked{Size: 1 << 20, Unknown: "it unpacks to more than 64 MiB", Files: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "a", string(text), 0o644)
	if m.Memory = 64; !strings.Contains(said(), "take 65 MiB at least") {
		t.Errorf("too large: got %q", said())
	}
}
