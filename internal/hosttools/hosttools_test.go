package hosttools

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// machine is a host on which only the named programs and headers are.
func machine(osRelease string, there ...string) Host {
	return Host{
		OSRelease: ParseOSRelease([]byte(osRelease)),
		LookPath: func(name string) (string, error) {
			if slices.Contains(there, name) {
				return "/usr/bin/" + name, nil
			}
			return "", errors.New("not found")
		},
		HasHeader: func(_ context.Context, header string) bool { return slices.Contains(there, "header:"+header) },
	}
}

func TestParseOSRelease(t *testing.T) {
	got := ParseOSRelease([]byte("# a comment=1\nID=debian\nNAME=\"Debian \\\"GNU\\\"\"\n\nVERSION_ID='12'\nID_LIKE=\"a b\"\r\nnonsense\n=x\nHALF=\"\n"))
	want := map[string]string{"ID": "debian", "NAME": `Debian "GNU"`, "VERSION_ID": "12", "ID_LIKE": "a b", "HALF": `"`}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestManager(t *testing.T) {
	for _, c := range []struct {
		name, osRelease string
		there           []string
		want            string
	}{
		{"debian", "ID=debian", []string{"apt-get"}, "apt"},
		{"ubuntu", "ID=ubuntu\nID_LIKE=debian", []string{"apt-get"}, "apt"},
		{"a grandchild by ID_LIKE", "ID=linuxmint\nID_LIKE=\"ubuntu debian\"", []string{"apt-get"}, "apt"},
		{"fedora", "ID=fedora", []string{"dnf"}, "dnf"},
		{"fedora with apt installed", "ID=fedora", []string{"apt-get", "dnf"}, "dnf"},
		{"rocky", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"", []string{"dnf"}, "dnf"},
		{"arch", "ID=arch", []string{"pacman"}, "pacman"},
		{"opensuse", "ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"", []string{"zypper"}, "zypper"},
		{"alpine", "ID=alpine", []string{"apk"}, "apk"},
		{"debian without apt", "ID=debian", []string{"dnf"}, ""},
		{"unknown, one manager", "ID=mystery", []string{"apk"}, "apk"},
		{"unknown, two managers", "ID=mystery", []string{"apk", "dnf"}, ""},
		{"no os-release at all", "", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, ok := machine(c.osRelease, c.there...).Manager()
			if ok != (c.want != "") || ok && m.Name != c.want {
				t.Errorf("got %q, %v; want %q", m.Name, ok, c.want)
			}
		})
	}
}

func TestCheckJoinsWhatSeveralBuildsNeed(t *testing.T) {
	h := machine("ID=debian", "apt-get", "make", "header:ncurses.h")
	asked := 0
	look := h.LookPath
	h.LookPath = func(name string) (string, error) {
		if name == "flex" {
			asked++
		}
		return look(name)
	}
	got := h.Check(t.Context(), []Need{
		{"flex", "linux: configure"}, {"make", "linux: compile"}, {"flex", "linux: compile"}, {"flex", "linux: configure"},
		{"header:libelf.h", "linux: compile"}, {"header:ncurses.h", "menu"}, {"lib:crypt", "busybox"}, {"frobnicate", ""},
	})
	want := []Missing{
		{Need{"flex", "linux: configure, linux: compile"}, "flex"},
		{Need{"header:libelf.h", "linux: compile"}, "libelf-dev"},
		{Need{"frobnicate", ""}, ""},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if asked != 1 {
		t.Errorf("flex was looked up %d times", asked)
	}
	if len(h.Check(t.Context(), nil)) != 0 {
		t.Error("something is missing though nothing is needed")
	}
}

func TestCheckAsksForLibraries(t *testing.T) {
	h := machine("ID=debian", "apt-get")
	h.HasLib = func(context.Context, string) bool { return false }
	got := h.Check(t.Context(), []Need{{Name: "lib:crypt"}})
	if len(got) != 1 || got[0].Package != "libcrypt-dev" {
		t.Errorf("got %+v", got)
	}
}

func TestPackage(t *testing.T) {
	for _, c := range []struct{ manager, need, want string }{
		{"apt", "i686-linux-gnu-gcc", "gcc-i686-linux-gnu libc6-dev-i386-cross"},
		{"apt", "qemu-system-i386", "qemu-system-x86"},
		{"apk", "qemu-system-i386", "qemu-system-i386"},
		{"dnf", "header:libelf.h", "elfutils-libelf-devel"},
		{"zypper", "pahole", "dwarves"},
		{"dnf", "i686-linux-gnu-gcc", ""},
		{"apt", "frobnicate", ""},
		{"", "gcc", ""},
	} {
		want := c.want
		got, ok := Manager{Name: c.manager}.Package(c.need)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%s: %s: got %q, %v; want %q", c.manager, c.need, got, ok, want)
		}
	}
}

// Each need has one row, no cell is forgotten, and who has no package says what that means.
func TestTableIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range table {
		for _, need := range strings.Fields(r.needs) {
			if seen[need] {
				t.Errorf("%s has two rows", need)
			}
			seen[need] = true
		}
		for _, m := range managers {
			switch r.packages(m.Name) {
			case "":
				t.Errorf("%s: no cell for %s", r.needs, m.Name)
			case none:
				if r.without == "" {
					t.Errorf("%s: %s has none, and nothing says what that means", r.needs, m.Name)
				}
			}
		}
	}
}

func TestReport(t *testing.T) {
	apt, _ := machine("ID=debian", "apt-get").Manager()
	dnf, _ := machine("ID=fedora", "dnf").Manager()
	flex := Missing{Need{"flex", "a, b, c, d"}, "flex"}
	elf := Missing{Need{"header:libelf.h", "a: \x1b[31mcompile\n"}, "libelf-dev"}
	for _, c := range []struct {
		name        string
		missing     []Missing
		m           Manager
		known, root bool
		want        string
	}{
		{"nothing", nil, apt, true, true, ""},
		{"as root", []Missing{flex, elf}, apt, true, true, `2 things that the build needs are not on this machine:
  flex        for a, b and 2 more
  <libelf.h>  for a: [31mcompile
to install:
  apt-get update && apt-get install -y --no-install-recommends flex libelf-dev
`},
		{"as a user", []Missing{flex}, apt, true, false, `one thing that the build needs is not on this machine:
  flex  for a, b and 2 more
to install:
  sudo apt-get update && sudo apt-get install -y --no-install-recommends flex
`},
		{"no manager", []Missing{flex}, Manager{}, false, false, `one thing that the build needs is not on this machine:
  flex  for a, b and 2 more
this machine's package manager is not one that mini knows: install them by hand
`},
		{"no package", []Missing{
			{Need{Name: "i686-linux-gnu-gcc"}, ""}, {Need{Name: "i686-linux-gnu-ld"}, ""}, {Need{Name: "frobnicate"}, ""},
		}, dnf, true, true, `3 things that the build needs are not on this machine:
  i686-linux-gnu-gcc
  i686-linux-gnu-ld
  frobnicate
i686-linux-gnu-gcc, i686-linux-gnu-ld: ` + noCross + `
frobnicate: mini knows no package of dnf that brings it: install it by hand
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Report(c.missing, c.m, c.known, c.root); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestInstallCommandsNameEachPackageOnce(t *testing.T) {
	apt, _ := machine("ID=debian", "apt-get").Manager()
	missing := []Missing{{Need{Name: "ld"}, "binutils"}, {Need{Name: "gcc"}, "gcc libc6-dev"}, {Need{Name: "as"}, "binutils"}}
	want := [][]string{
		{"sudo", "apt-get", "update"},
		{"sudo", "apt-get", "install", "-y", "--no-install-recommends", "binutils", "gcc", "libc6-dev"},
	}
	// Twice: the first call must not have written into the table.
	for range 2 {
		if got := InstallCommands(missing, apt, false); !reflect.DeepEqual(got, want) {
			t.Errorf("got %q", got)
		}
	}
	if got := InstallCommands([]Missing{{Need{Name: "x"}, ""}}, apt, true); got != nil {
		t.Errorf("without a package there is nothing to run, got %q", got)
	}
}

// The apt column against the lists of the machine that the test runs on.
func TestDebianHasThePackages(t *testing.T) {
	text, _ := os.ReadFile("/etc/os-release")
	if ParseOSRelease(text)["ID"] != "debian" || runtime.GOARCH != "amd64" {
		t.Skip("this is not Debian on amd64: other releases have other packages")
	}
	if _, err := exec.LookPath("apt-cache"); err != nil {
		t.Skip("apt-cache is not here: nobody to ask for Debian's packages")
	}
	var all []string
	for _, r := range table {
		for _, p := range strings.Fields(r.apt) {
			if p != "gcc-x86-64-linux-gnu" && p != "binutils-x86-64-linux-gnu" { // not on the machine that they are for
				all = append(all, p)
			}
		}
	}
	out, err := exec.CommandContext(t.Context(), "apt-cache", "pkgnames").Output()
	if err != nil {
		t.Skip("apt-cache gives no answer: ", err)
	}
	there := strings.Fields(string(out))
	if !slices.Contains(there, "linux-libc-dev") || !slices.Contains(there, "qemu-system-x86") {
		t.Skip("apt-cache knows no archive: apt-get update was never run here")
	}
	names := map[string]bool{}
	for _, n := range there {
		names[n] = true
	}
	for _, p := range all {
		if !names[p] {
			t.Errorf("no package of this distribution is called %s", p)
		}
	}
}
