package kconf

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A realSource is a source tree with the conf that it builds from itself, which is what this package is measured by.
type realSource struct {
	name  string // linux-6.1.192
	dir   string
	build string
	arch  string
	env   []string // that make gives conf
	style Style

	mu      sync.Mutex
	answers map[string]string // what the shell said so far
}

// sources finds the sources of Linux and BusyBox that the tests' cache has unpacked, and skips where there are none. tier
// is the variable that has to be set.
func sources(t *testing.T, tier string) []string {
	t.Helper()
	if os.Getenv(tier) == "" {
		t.Skip("run with " + tier + "=1")
	}
	var dirs []string
	for _, root := range []string{"Kconfig", "Config.in"} {
		found, _ := filepath.Glob(filepath.Join(os.Getenv("MINI_TEST_CACHE"), "trees", "*", root))
		for _, f := range found {
			if dir := filepath.Dir(f); exists(filepath.Join(dir, "scripts/kconfig/conf.c")) {
				dirs = append(dirs, dir)
			}
		}
	}
	if len(dirs) == 0 {
		t.Skip("$MINI_TEST_CACHE has no unpacked source")
	}
	return dirs
}

func isBusybox(dir string) bool { return exists(filepath.Join(dir, "Config.in")) }

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// readSource lets make build conf, and asks it for the environment that conf gets.
func readSource(t *testing.T, dir, arch string) *realSource {
	t.Helper()
	r := &realSource{dir: dir, arch: arch, build: t.TempDir(), answers: make(map[string]string)}
	makefile, err := os.ReadFile(filepath.Join(dir, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	var version []string
	for _, line := range strings.SplitN(string(makefile), "\n", 20) {
		for _, part := range []string{"VERSION", "PATCHLEVEL", "SUBLEVEL"} {
			if n, ok := strings.CutPrefix(line, part+" = "); ok {
				version = append(version, n)
			}
		}
	}
	program := "linux"
	if isBusybox(dir) {
		program = "busybox"
	}
	r.name = program + "-" + strings.Join(version, ".")
	r.style, err = DetectStyle(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if program == "busybox" {
		r.make(t, "allnoconfig")
		r.env = append(os.Environ(), "srctree="+dir)
		return r
	}
	env := filepath.Join(r.build, "env.Kconfig")
	list := filepath.Join(r.build, "env")
	if err := os.WriteFile(env, []byte("x := $(shell,env -0 > "+list+")\nconfig X\n\tbool \"x\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r.make(t, "ARCH="+arch, "Kconfig="+env, "allnoconfig")
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	r.env = strings.Split(strings.TrimRight(string(text), "\x00"), "\x00")
	return r
}

func (r *realSource) make(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command("make", append([]string{"-s", "-C", r.dir, "O=" + r.build}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make %s: %v\n%s", args, err, out)
	}
}

func (r *realSource) lookup(name string) (string, bool) {
	for _, e := range slices.Backward(r.env) {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// shell runs what the source's own files say, once.
func (r *realSource) shell(command string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if out, ok := r.answers[command]; ok {
		return out, nil
	}
	cmd := exec.Command("/bin/sh", "-c", command)
	cmd.Env, cmd.Dir = r.env, r.build
	out, _ := cmd.Output()
	r.answers[command] = string(out)
	return string(out), nil
}

func (r *realSource) options() Options {
	o := Options{Style: r.style, Root: "Kconfig", Dirs: []fs.FS{os.DirFS(r.build), os.DirFS(r.dir)}, Top: r.dir, Env: r.lookup, Shell: r.shell}
	if r.style == Old {
		o.Root = "Config.in"
	}
	return o
}

func (r *realSource) parse(t *testing.T) *Tree {
	t.Helper()
	tree, err := Parse(r.options())
	if err != nil {
		t.Fatalf("%s %s: %v", r.name, r.arch, err)
	}
	return tree
}

// conf runs the source's own conf and reads what it wrote.
func (r *realSource) conf(t *testing.T, mode string, config []byte, env ...string) map[string]string {
	t.Helper()
	file := filepath.Join(r.build, ".config")
	r.run(t, mode, config, env...)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return readConfig(text)
}

// run runs conf on a .config and returns what it prints.
func (r *realSource) run(t *testing.T, mode string, config []byte, env ...string) []byte {
	t.Helper()
	file := filepath.Join(r.build, ".config")
	if config == nil {
		os.Remove(file)
	} else if err := os.WriteFile(file, config, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(r.build, "scripts/kconfig/conf"), append(strings.Fields(mode), r.options().Root)...)
	cmd.Dir, cmd.Env = r.build, append(slices.Clone(r.env), env...)
	var errors bytes.Buffer
	if r.style == Old {
		cmd.Stdin = bytes.NewReader(bytes.Repeat([]byte("\n"), 5000))
	}
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: conf %s: %v\n%s", r.name, mode, err, errors.Bytes())
	}
	return out
}

// readConfig reads a .config into plain values.
func readConfig(text []byte) map[string]string {
	config := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "# CONFIG_"); ok {
			if name, ok := strings.CutSuffix(name, " is not set"); ok {
				config[name] = "n"
			}
		} else if rest, ok := strings.CutPrefix(line, "CONFIG_"); ok {
			name, value, _ := strings.Cut(rest, "=")
			if inner, ok := strings.CutPrefix(value, `"`); ok {
				value = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(strings.TrimSuffix(inner, `"`))
			}
			config[name] = value
		}
	}
	return config
}

// writeConfig writes settings as a .config.
func writeConfig(tree *Tree, settings []Setting) []byte {
	var b bytes.Buffer
	for _, s := range settings {
		value := s.Value
		if tree == nil {
			// what is asked for then is y, m and n
		} else if sym := tree.Lookup(s.Name); sym != nil && sym.Type == String {
			value = `"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(value) + `"`
		}
		fmt.Fprintf(&b, "CONFIG_%s=%s\n", s.Name, value)
	}
	return b.Bytes()
}

// differences lists symbols that two configurations disagree about.
func differences(got, want map[string]string) []string {
	all := maps.Clone(got)
	maps.Copy(all, want)
	var list []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a, okA := got[name]
		b, okB := want[name]
		if a != b || okA != okB {
			list = append(list, fmt.Sprintf("%s: got %q (%v), conf has %q (%v)", name, a, okA, b, okB))
		}
	}
	return list
}
