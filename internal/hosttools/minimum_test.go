package hosttools

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
)

func TestLinuxMinimums(t *testing.T) {
	for version, want := range map[string]string{
		"6.1": "gcc 5.1 binutils 2.23 make 3.82", "6.1.192": "gcc 5.1 binutils 2.23 make 3.82", "6.12.107": "gcc 5.1 binutils 2.25 make 3.82",
		"7.1": "gcc 8.1 binutils 2.30 make 4.0", "newest": "gcc 8.1 binutils 2.30 make 4.0", "5.10.1": "gcc 4.9 binutils 2.23 make 3.81",
		"4.19": "gcc 4.6 binutils 2.20 make 3.81", "4.4": "", "": "",
	} {
		got := ""
		for _, m := range LinuxMinimums(version) {
			if m.Program == "gcc" || m.Program == "binutils" || m.Program == "make" {
				got += " " + m.Program + " " + m.Version
			}
			if m.Where != linuxChanges {
				t.Errorf("%s: %+v", version, m)
			}
		}
		if got != "" {
			got = got[1:]
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", version, got, want)
		}
	}
}

// The forms that the two files have had: a table, and a script that asks for an architecture in three ways.
func TestReadMinimums(t *testing.T) {
	const changes = `
====================== ===============  ========================================
        Program        Minimal version       Command to check the version
====================== ===============  ========================================
GNU C                  5.1              gcc --version
Clang/LLVM (optional)  13.0.1           clang --version
GNU make               4.0              make --version
binutils               2.25             ld -v
flex                   2.5.35           flex --version
util-linux             2.10o            mount --version
cpio                   any              cpio --version
====================== ===============  ========================================
`
	const script = `case "$1" in
binutils)
	if [ "$SRCARCH" = powerpc ]; then
		# a comment
		echo 2.25.0
	elif [ "$SRCARCH" = loongarch ]; then
		echo 2.41.0
	else
		echo 2.23.0
	fi
	;;
gcc)
	if [ "$ARCH" = parisc64 ]; then
		echo 12.0.0
	elif [ "$SRCARCH" = arm64 -o "$SRCARCH" = x86 ]; then
		echo 5.2.0
	else
		echo 5.1.0
	fi
	;;
llvm)
	echo 15.0.0
	;;
esac
`
	rest := []Minimum{{"flex", "2.5.35", linuxChanges}}
	for arch, want := range map[string][]Minimum{
		"x86":     append([]Minimum{{"gcc", "5.2.0", linuxScript}, {"make", "4.0", linuxChanges}, {"binutils", "2.23.0", linuxScript}}, rest...),
		"powerpc": append([]Minimum{{"gcc", "5.1.0", linuxScript}, {"make", "4.0", linuxChanges}, {"binutils", "2.25.0", linuxScript}}, rest...),
	} {
		if got := ReadMinimums([]byte(changes), []byte(script), arch); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", arch, got, want)
		}
	}
	if got := ReadMinimums([]byte(changes), nil, "x86"); got[0] != (Minimum{"gcc", "5.1", linuxChanges}) {
		t.Errorf("without the script: %v", got)
	}
}

func TestReadVersion(t *testing.T) {
	for _, c := range []struct{ tool, says, want string }{
		{"gcc", "gcc (Debian 12.2.0-14+deb12u1) 12.2.0\nCopyright", "12.2.0"},
		{"i686-linux-gnu-gcc-4.9", "i686-linux-gnu-gcc-4.9 (Debian 4.9.2-10) 4.9.2", ""}, // no name that mini's steps call
		{"i686-linux-gnu-gcc", "i686-linux-gnu-gcc (GCC) 4.9.4", "4.9.4"},
		{"cc", "Debian clang version 14.0.6", ""},
		{"ld", "GNU ld (GNU Binutils for Debian) 2.40", "2.40"},
		{"x86_64-linux-gnu-ld", "GNU ld version 2.20.51.0.2-5.48.el6 20100205", "2.20.51.0.2"},
		{"ld", "LLD 14.0.6 (compatible with GNU linkers)", ""},
		{"as", "GNU assembler (GNU Binutils) 2.40.0.20230323", "2.40.0.20230323"},
		{"make", "GNU Make 3.81", "3.81"},
		{"flex", "flex 2.6.4", "2.6.4"},
		{"bison", "bison (GNU Bison) 3.8.2", "3.8.2"},
		{"bc", "bc 1.07.1", "1.07.1"},
		{"bc", "BusyBox v1.36.1 multi-call binary.", ""},
		{"make", "", ""},
	} {
		if got := readVersion(kindOf(c.tool), c.says); got != c.want {
			t.Errorf("%s, %q: got %q, want %q", c.tool, c.says, got, c.want)
		}
	}
}

// standIns are real programs that say of themselves what they are told to.
func standIns(t *testing.T, says map[string]string) Host {
	t.Helper()
	dir := t.TempDir()
	for name, text := range says {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\ntest \"$1\" = --version && echo '"+text+"'\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return Host{Says: func(ctx context.Context, program string) string {
		out, _ := exec.CommandContext(ctx, filepath.Join(dir, program), "--version").Output()
		return string(out)
	}}
}

func TestTooOld(t *testing.T) {
	h := standIns(t, map[string]string{
		"gcc": "gcc (GCC) 4.9.4", "ld": "GNU ld (GNU Binutils) 2.23", "make": "GNU Make 3.81", "flex": "flex 2.6.4", "bc": "1.0 of something else",
	})
	wanted := func(of, version string) Wanted {
		return Wanted{Of: of, Tools: []string{"gcc", "ld", "make", "flex", "bc", "bison", "perl"}, Minimums: LinuxMinimums(version)}
	}
	old := h.TooOld(t.Context(), []Wanted{wanted("Linux 6.1", "6.1"), wanted("Linux 6.1", "6.1"), wanted("Linux 5.10", "5.10"), wanted("Linux", "")})
	if got, want := ReportOld(old), `2 programs of this machine are too old:
  gcc 4.9.4 is here, Linux 6.1 needs 5.1 (Documentation/process/changes.rst)
  make 3.81 is here, Linux 6.1 needs 3.82 (Documentation/process/changes.rst)
install newer ones, put those before them on PATH, or build an older version of the source
`; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if old := (Host{}).TooOld(t.Context(), []Wanted{wanted("Linux 6.1", "6.1")}); old != nil || ReportOld(nil) != "" {
		t.Errorf("nobody can ask, and %v", old)
	}
}

// What this machine really has is read, and is enough for an old kernel.
func TestVersionsOfThisMachine(t *testing.T) {
	for _, tool := range []string{"gcc", "ld", "as", "make", "flex", "bison", "bc"} {
		if _, err := exec.LookPath(tool); err != nil {
			continue
		}
		out, _ := exec.CommandContext(t.Context(), tool, "--version").Output()
		v := readVersion(kindOf(tool), string(out))
		m, _ := minimumFor(LinuxMinimums("4.19"), kindOf(tool))
		if v == "" {
			t.Logf("%s says %q, in which no version was found", tool, out)
		} else if compareVersions(v, m.Version) < 0 {
			t.Errorf("%s is %s, older than %s", tool, v, m.Version)
		}
	}
}
