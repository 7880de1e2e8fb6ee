package qemu

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestCommandLine(t *testing.T) {
	full := Machine{
		Program: "/usr/bin/qemu-system-i386", Type: "pc", CPU: "max", Accel: "tcg", Memory: 128, CPUs: 2,
		Kernel: "/k z", Initrd: "/i", Cmdline: "console=ttyS0 quiet", Args: []string{"-nic", "user"},
	}
	tests := []struct {
		name string
		m    Machine
		want []string
	}{
		{"everything", full, []string{
			"/usr/bin/qemu-system-i386", "-nodefaults", "-machine", "pc", "-accel", "tcg", "-cpu", "max",
			"-m", "128", "-smp", "2", "-kernel", "/k z", "-initrd", "/i", "-append", "console=ttyS0 quiet",
			"-no-reboot", "-display", "none", "-monitor", "none", "-serial", "stdio", "-nic", "user"}},
		{"a network", Machine{Program: "/q", Network: true, Forwards: []Forward{{2222, 22}, {8080, 80}}}, []string{
			"/q", "-nodefaults", "-netdev", "user,id=net0,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=tcp:127.0.0.1:8080-:80",
			"-device", "virtio-net-pci,netdev=net0,romfile=", "-no-reboot", "-display", "none", "-monitor", "none", "-serial", "stdio"}},
		{"no kernel, so no command line", Machine{Program: "/q", Initrd: "/i", Cmdline: "x"}, []string{
			"/q", "-nodefaults", "-no-reboot", "-display", "none", "-monitor", "none", "-serial", "stdio"}},
	}
	for _, test := range tests {
		if got := test.m.Command(); !slices.Equal(got, test.want) {
			t.Errorf("%s:\n got %q\nwant %q", test.name, got, test.want)
		}
	}
}

// TestScript runs the script from another directory, with an emulator that
// prints the arguments it was given.
func TestScript(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "it's a dir")
	bin := t.TempDir()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	writeProgram(t, filepath.Join(bin, "qemu-system-i386"), `for a; do printf '%s\n' "$a"; done`)
	m := Machine{
		Program: "/opt/elsewhere/qemu-system-i386", Type: "pc", Memory: 64, Kernel: "/out/my linux", Initrd: "/abs/root.cpio",
		Cmdline: `console=ttyS0 a="b c" $HOME 'q'`, Args: []string{"-name", "it's; $(false)"},
	}
	text := m.Script(func(path string) string {
		if rel, ok := strings.CutPrefix(path, "/out/"); ok {
			return rel
		}
		return path
	})
	script := filepath.Join(dir, "run.sh")
	writeFile(t, script, text, 0o755)
	cmd := exec.Command(script, "-s", "two words")
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + bin + ":/usr/bin:/bin", "CDPATH=/usr"}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, stderr.String(), text)
	}
	want := []string{
		"-nodefaults", "-machine", "pc", "-m", "64", "-kernel", dir + "/my linux", "-initrd", "/abs/root.cpio",
		"-append", `console=ttyS0 a="b c" $HOME 'q'`, "-no-reboot", "-display", "none",
		"-serial", "mon:stdio", "-name", "it's; $(false)", "-s", "two words",
	}
	if got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); !slices.Equal(got, want) {
		t.Errorf("the emulator got\n%q\nwant\n%q", got, want)
	}
	if !strings.Contains(stderr.String(), "Ctrl-A") {
		t.Errorf("the script does not say how to leave: %q", stderr.String())
	}
}

func writeProgram(t *testing.T, path, body string) {
	t.Helper()
	writeFile(t, path, "#!/bin/sh\n"+body+"\n", 0o755)
}

// writeFile holds off forks while the file is open: a child that another test forks at that moment would have it open for
// writing too, until it executes its own program, and a program that somebody writes to is "text file busy".
func writeFile(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// TestScriptIsTheCommand: the script boots what mini boots. Only the keys for QEMU's own console are added.
func TestScriptIsTheCommand(t *testing.T) {
	dir, bin := t.TempDir(), t.TempDir()
	writeProgram(t, filepath.Join(bin, "qemu-system-i386"), `for a; do printf '%s\n' "$a"; done`)
	m := Machine{
		Program: filepath.Join(bin, "qemu-system-i386"), Type: "pc", CPU: "max", Accel: "tcg", Memory: 64, CPUs: 2,
		Kernel: "/k z", Initrd: "/i", Cmdline: `console=ttyS0 a="b c" $HOME 'q'`, Args: []string{"-name", "it's; $(false)"},
		Network: true, Forwards: []Forward{{2222, 22}},
	}
	script := filepath.Join(dir, "run.sh")
	writeFile(t, script, m.Script(func(path string) string { return path }), 0o755)
	cmd := exec.Command("sh", script)
	cmd.Env = []string{"PATH=" + bin + ":/usr/bin:/bin"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	want := strings.Join(m.Command()[1:], "\n")
	want = strings.Replace(want, "-monitor\nnone\n-serial\nstdio", "-serial\nmon:stdio", 1)
	if strings.Join(got, "\n") != want {
		t.Errorf("the script boots %q, mini %q", got, want)
	}
}
