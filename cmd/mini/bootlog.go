package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mini/internal/qemu"
	"mini/lang"
)

// bootDir is where the cache keeps what the boots of a system left: NAME.log, what its console said, and NAME.sh, which boots
// the same machine by plain QEMU. The path tells scripts of one name apart, and a folder the systems of a script, by what the
// command line says of them.
func (s *session) bootDir(of *script) (string, error) {
	path, err := filepath.Abs(of.path)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(path))
	words := slices.Clone(of.variants)
	for _, name := range slices.Sorted(maps.Keys(of.params)) {
		words = append(words, name+"="+of.params[name])
	}
	system := fileName(strings.Join(words, " "))
	if system == "" {
		system = "default"
	}
	return filepath.Join(s.store.Dir(), "logs", "boots-"+fileName(filepath.Base(path))+"-"+hex.EncodeToString(sum[:4]), system), nil
}

// recordBoot begins the console's log of a boot, over that of the last boot of this name, whose timings go with it, and writes
// its script.
func (s *session) recordBoot(of *script, name string, vm qemu.Machine) (log *os.File, script string, err error) {
	dir, err := s.bootDir(of)
	if err != nil {
		return nil, "", err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, "", err
	}
	base := filepath.Join(dir, fileName(name))
	script = base + ".sh"
	text := vm.Script(func(path string) string { return path })
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		return nil, "", err
	}
	if log, err = os.Create(base + ".log"); err == nil {
		_ = os.Remove(timingsFile(log.Name()))
	}
	return log, script, err
}

// keptBoot is what is kept beside a console's log, NAME.log, as NAME.times. Like a timeline it is only a memory.
type keptBoot struct {
	qemu.Timings
	Accel  string `json:"accel"`
	Memory int    `json:"memory"` // MiB
}

func timingsFile(log string) string { return strings.TrimSuffix(log, ".log") + ".times" }

func keepTimings(log string, b keptBoot) {
	if text, err := json.Marshal(b); err == nil {
		_ = os.WriteFile(timingsFile(log), text, 0o644)
	}
}

func timingsOf(log string) (b keptBoot) {
	text, err := os.ReadFile(timingsFile(log))
	if err != nil || json.Unmarshal(text, &b) != nil {
		return keptBoot{}
	}
	return b
}

// printBoot shows the console's log of the boot called name, or of the last one.
func (s *session) printBoot(name string) error {
	name, log, err := s.findBoot(name)
	if err != nil {
		return err
	}
	f, err := os.Open(log)
	if err != nil {
		return err
	}
	defer f.Close()
	fmt.Fprintf(s.app.stdout, "### %s — %s\n", name, f.Name())
	_, err = io.Copy(s.app.stdout, f)
	return err
}

// findBoot finds the log of the boot called name, or of the last one.
func (s *session) findBoot(name string) (of, log string, err error) {
	dir, err := s.bootDir(s.script)
	if err != nil {
		return "", "", err
	}
	logs, err := filepath.Glob(filepath.Join(escapeGlob(dir), "*.log"))
	if err != nil {
		return "", "", err
	}
	var names []string
	last, when := "", time.Time{}
	for _, log := range logs {
		n := strings.TrimSuffix(filepath.Base(log), ".log")
		names = append(names, n)
		if info, err := os.Stat(log); err == nil && info.ModTime().After(when) {
			last, when = n, info.ModTime()
		}
	}
	name = fileName(name)
	switch {
	case len(names) == 0:
		return "", "", usagef("%s has not been booted yet with these variants and parameters", s.script.path)
	case name == "":
		name = last
	case !slices.Contains(names, name):
		hint := "there is: " + strings.Join(names, ", ")
		if near := lang.Suggest(name, names); near != "" {
			hint = fmt.Sprintf("did you mean %s? ", near) + hint
		}
		return "", "", usagef("no boot of %s is called %q; %s", s.script.path, name, hint)
	}
	return name, filepath.Join(dir, name+".log"), nil
}

// escapeGlob makes a path mean itself in a pattern.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}
