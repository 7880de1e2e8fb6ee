package step

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestLinesSurviveTheirShell(t *testing.T) {
	for _, word := range []string{"plain", "", "two words", `it's`, `a"b`, "$HOME", "a\nb", "*", "~", "ü", "\x01", "#x", "a;b"} {
		line := Line("unpack", word)
		out, err := exec.Command("sh", "-c", "mini() { printf '%s' \"$3\"; }; "+line).Output()
		if err != nil || string(out) != word {
			t.Errorf("%q becomes %q by way of %s (%v)", word, out, line, err)
		}
	}
}

func TestWrongStepsAreTold(t *testing.T) {
	env := Env{Root: t.TempDir(), Log: io.Discard}
	for line, want := range map[string]string{
		"mini step nothing":               "there is no such step",
		"make":                            "not a step of mini's own",
		"mini step unpack a":              "want 2 arguments, got 1",
		"mini step unpack --stripp 1 a b": "unknown flag",
		"mini step cpio 'a":               "not a step of mini's own",
	} {
		if err := Run(context.Background(), env, line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
}

// stepIn runs a step in dir.
func stepIn(t *testing.T, dir, line string) error {
	t.Helper()
	return Run(context.Background(), Env{Root: dir, Log: io.Discard, Tool: exec.LookPath}, line)
}

func write(t *testing.T, dir, name, content string, perm os.FileMode) {
	t.Helper()
	p := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(content), perm); err != nil {
		t.Fatal(err)
	}
}

// From layers to an archive that GNU cpio reads as it was declared.
func TestRootfsBecomesAnArchive(t *testing.T) {
	dir := t.TempDir()
	elsewhere := t.TempDir() // trees of the store are linked into the action's root
	write(t, elsewhere, "bin/busybox", "ELF", 0o755)
	if err := os.Symlink("busybox", filepath.Join(elsewhere, "bin/sh")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "in"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(dir, "in/0")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "in/1", "#!/bin/sh\n", 0o644)
	write(t, dir, "rootfs.spec", "tree in/0 /\nfile /init in/1 0755 0 0\nnod /dev/null c 1 3 0666 0 0\n", 0o644)
	for _, line := range []string{
		Line("rootfs", "rootfs.spec", "root.list", "content"),
		Line("cpio", "root.list", "content", "root.cpio"),
	} {
		if err := stepIn(t, dir, line); err != nil {
			t.Fatal(err)
		}
	}
	gnu, err := exec.LookPath("cpio")
	if err != nil {
		t.Skip("GNU cpio is not here to read the archive")
	}
	cmd := exec.Command(gnu, "-itv", "--quiet", "-n", "-F", filepath.Join(dir, "root.cpio"))
	cmd.Env = []string{"TZ=UTC", "LC_ALL=C"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		f := strings.Fields(l)
		got = append(got, f[0]+" "+strings.Join(f[2:4], ":")+" "+l[strings.LastIndex(l, "1970 ")+5:])
	}
	want := []string{
		"drwxr-xr-x 0:0 bin", "-rwxr-xr-x 0:0 bin/busybox", "lrwxrwxrwx 0:0 bin/sh -> busybox",
		"drwxr-xr-x 0:0 dev", "crw------- 0:0 dev/console", "crw-rw-rw- 0:0 dev/null", "-rwxr-xr-x 0:0 init",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("GNU cpio reads\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAConfigurationThatDidNotTakeIsRefused(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "final", "CONFIG_A=y\n# CONFIG_B is not set\n", 0o644)
	write(t, dir, "good", "CONFIG_A=y\n# CONFIG_B is not set\n# CONFIG_GONE is not set\n", 0o644)
	write(t, dir, "bad", "CONFIG_B=y\nCONFIG_C=y\n", 0o644)
	if err := stepIn(t, dir, Line("kconfig", "final", "good", "out")); err != nil {
		t.Error(err)
	}
	err := stepIn(t, dir, Line("kconfig", "final", "bad", "out2"))
	if err == nil || !strings.Contains(err.Error(), "CONFIG_B=y") || !strings.Contains(err.Error(), "CONFIG_C=y") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "out2")); err == nil {
		t.Error("a refused configuration is passed on")
	}
}

// A source may have what mends a quirk already, from a patch of the script's; what is something else is told with the way out.
func TestAQuirksPatch(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "src/a", "old\n", 0o644)
	write(t, dir, "quirks/q.patch", "Why.\n\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-old\n+new\n", 0o644)
	for range 2 {
		if err := stepIn(t, dir, Line("patch", "--mend", "src", "quirks/q.patch")); err != nil {
			t.Error(err)
		}
	}
	if got, err := os.ReadFile(filepath.Join(dir, "src/a")); err != nil || string(got) != "new\n" {
		t.Errorf("%q, %v", got, err)
	}
	if err := stepIn(t, dir, Line("patch", "src", "quirks/q.patch")); err == nil || !strings.Contains(err.Error(), "q.patch: hunk 1 of 1 of a does not apply: what it makes is there already") {
		t.Error(err)
	}
	write(t, dir, "src/a", "other\n", 0o644)
	err := stepIn(t, dir, Line("patch", "--mend", "src", "quirks/q.patch"))
	for _, want := range []string{"the quirk q: hunk 1 of 1 of a does not apply: line 1 is \"other\"", "quirks = [\"-q\"] leaves the source as it is"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}

// An archive that is filled up holds the same, and a little more in it leaves its size as it was.
func TestAPaddedArchive(t *testing.T) {
	dir := t.TempDir()
	sizes := map[string]string{}
	for _, content := range []string{"a", "something else"} {
		write(t, dir, "in", content, 0o644)
		write(t, dir, "rootfs.spec", "file /x in 0644 0 0\n", 0o644)
		for _, line := range []string{
			Line("rootfs", "rootfs.spec", "root.list", "content"),
			Line("cpio", "--quick", "--pad", "4096", "root.list", "content", "root.cpio.zst"),
			Line("size", "root.cpio.zst", "size"),
		} {
			if err := stepIn(t, dir, line); err != nil {
				t.Fatal(err)
			}
		}
		size, err := os.ReadFile(filepath.Join(dir, "size"))
		if err != nil {
			t.Fatal(err)
		}
		sizes[string(size)] = content
		packed, err := os.ReadFile(filepath.Join(dir, "root.cpio.zst"))
		if err != nil || len(packed) != 4096 || !strings.HasPrefix(string(packed), "\x28\xb5\x2f\xfd") {
			t.Errorf("%d bytes, %v", len(packed), err)
		}
		if err := os.RemoveAll(filepath.Join(dir, "content")); err != nil {
			t.Fatal(err)
		}
	}
	if len(sizes) != 1 || sizes["4096\n"] == "" {
		t.Errorf("sizes: %q", sizes)
	}
}

// Where the source is at hand, the reasons are read from its own files, and what is offered holds.
func TestADroppedSymbolIsExplained(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "src/scripts/kconfig/symbol.c", "sym_get_choice_menu", 0o644)
	write(t, dir, "src/Kconfig", "mainmenu \"Linux/$(ARCH)\"\nsource \"arch/$(SRCARCH)/Kconfig\"\nsource \"made/Kconfig\"\n", 0o644)
	write(t, dir, "src/arch/x86/Kconfig", "config NET\n\tbool \"Networking\"\n\nconfig INET\n\tbool \"TCP/IP\"\n\tdepends on NET\n", 0o644)
	write(t, dir, "src/arch/arm/Kconfig", "config ARM_ONLY\n\tbool \"ARM\"\n", 0o644)
	write(t, dir, "made/made/Kconfig", "config IP_PNP\n\tbool \"Autoconfiguration\"\n\tdepends on INET\n\nconfig FAST\n\tint \"Fast\"\n\trange 1 8\n\tdefault 2\n\nconfig A\n\tdef_bool y\n\tselect B\n\nconfig B\n\tbool \"B\"\n", 0o644)
	write(t, dir, "final", "#\n# Automatically generated file; DO NOT EDIT.\n# Linux/x86_64 6.1.0 Kernel Configuration\n#\nCONFIG_A=y\nCONFIG_B=y\n# CONFIG_NET is not set\nCONFIG_FAST=8\n", 0o644)
	for asked, want := range map[string]string{
		"CONFIG_NET=y\n": `CONFIG_NET=y did not stick: nothing keeps it from being y, but the configuration was made with another value
        arch/x86/Kconfig:1: NET is bool, "Networking"
  ask for something else, or write "NET": None to accept what make chose`,
		"CONFIG_IP_PNP=y\n": `CONFIG_IP_PNP=y did not stick: it needs NET=y and INET=y
        arch/x86/Kconfig:2: NET is n, and can be set
        arch/x86/Kconfig:5: INET needs NET (NET is n)
        made/Kconfig:2: IP_PNP needs INET (INET is n)
  add "NET": True, "INET": True, or write "IP_PNP": None to accept what make chose`,
		"CONFIG_FAST=9\n": `CONFIG_FAST=9 did not stick: it is out of range: FAST has to be from 1 to 8; the final configuration has "CONFIG_FAST=8"
        made/Kconfig:5: FAST is int, "Fast"
  ask for something else, or write "FAST": None to accept what make chose`,
		"# CONFIG_B is not set\nCONFIG_INETS=y\nCONFIG_ARM_ONLY=y\n": `CONFIG_ARM_ONLY=y is not in the final configuration: this source has no such symbol; another architecture has it: arch/arm/Kconfig
    CONFIG_B=n did not stick: A=y selects it
        made/Kconfig:12: A selects it
    CONFIG_INETS=y is not in the final configuration: this source has no such symbol (similar: INET)
  ask for something else, or write "SYMBOL": None to accept what make chose`,
		"CONFIG_FAST=\"quick\"\n": `CONFIG_FAST="quick" did not stick: the final configuration has "CONFIG_FAST=8": this symbol is a number, ask for it without quotes`,
	} {
		write(t, dir, "asked", asked, 0o644)
		err := stepIn(t, dir, Line("kconfig", "--source", "made", "--source", "src", "final", "asked", "out"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got\n%v\nwant\n%s", asked, err, want)
		}
	}
	write(t, dir, "src/Kconfig", "nonsense\n", 0o644)
	write(t, dir, "asked", "CONFIG_IP_PNP=y\n", 0o644)
	err := stepIn(t, dir, Line("kconfig", "--source", "made", "--source", "src", "final", "asked", "out"))
	if err == nil || !strings.Contains(err.Error(), "add what the symbol depends on, or write") {
		t.Errorf("with a source that can't be read: %v", err)
	}
}
