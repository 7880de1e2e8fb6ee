package builtins_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mini/build"
	"mini/internal/kbuild"
)

// A kernel that lies where it was not compiled would be compiled again as a whole, so nothing is recorded there.
func TestNothingIsRecordedAwayFromWhereAKernelWasCompiled(t *testing.T) {
	steps := node(t, evaluate(t, `a = kernel("6.1", initramfs = rootfs({"/init": "a"}))`)["a"], "linux.record").Steps
	record := func(source string) (dir string, err error) {
		dir = t.TempDir()
		for _, d := range []string{"src", "build"} {
			if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if source == "" {
			source = filepath.Join(dir, "src")
		}
		if err := os.Symlink(source, filepath.Join(dir, "build", "source")); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("sh", "-ec", strings.Join(steps, "\n"))
		cmd.Dir = dir
		return dir, cmd.Run()
	}
	dir, err := record("/elsewhere/src")
	if err != nil {
		t.Error(err)
	}
	for _, name := range []string{"calls", "changed", "commands", "sums", "trace"} {
		if info, err := os.Stat(filepath.Join(dir, "record", name)); err != nil || info.Size() != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := record(""); err == nil {
		t.Error("at its own path make was not called: it would have found no makefile")
	}
}

const carrying = `a = kernel("6.1", initramfs = rootfs({"/init": "a"}))`

// What is compiled for the size goes on beside the proof, so it may be made by a makefile that leads nowhere. That is no
// failure, and nobody uses it.
func TestWhatAnUnprovenMakefileCompiledIsNotUsed(t *testing.T) {
	target := evaluate(t, carrying)["a"]
	addresses := node(t, target, "linux.addresses")
	for _, n := range build.NewGraph([]*build.Node{addresses}).Nodes {
		if n.Name == "linux.prove" {
			t.Error("it waits for the proof")
		}
	}
	run := func(files map[string]string, steps []string) string {
		t.Helper()
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "build"), 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("sh", "-ec", strings.Join(steps, "\n"))
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return dir
	}
	dir := run(map[string]string{"relink.mk": "compiled:\n\tfalse\n", "size": "7\n"}, addresses.Steps)
	packed, err := os.ReadFile(filepath.Join(dir, "compiled.tar"))
	if err != nil {
		t.Fatal(err)
	}
	if list, err := exec.Command("tar", "-tf", filepath.Join(dir, "compiled.tar")).Output(); err != nil || len(list) > 0 {
		t.Errorf("%s %v", list, err)
	}
	embed := node(t, target, "linux.embed").Steps
	run(map[string]string{"relink.mk": "all:\n", "compiled.tar": string(packed), initramfs: ""}, embed)
	run(map[string]string{"relink.mk": kbuild.Plain("true", "a test asks for it"), "compiled.tar": "no archive", initramfs: ""}, embed)
}

const initramfs = "initramfs.cpio"
