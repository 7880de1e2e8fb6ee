package kconf

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestSoakReasons asks for random symbols that a configuration doesn't have, and explains why. The source's own conf has to
// drop them as well; and when it makes a configuration with what was offered, the symbol must hold, and what held before.
// It prints a table of them.
func TestSoakReasons(t *testing.T) {
	for _, dir := range sources(t, "MINI_SOAK") {
		r := readSource(t, dir, "x86_64")
		t.Run(r.name, func(t *testing.T) { checkReasons(t, r, 40) })
	}
}

func checkReasons(t *testing.T, r *realSource, n int) {
	const seed = 7
	rnd := rand.New(rand.NewPCG(seed, seed))
	var base map[string]string
	if r.style != Old {
		base = r.conf(t, "--allnoconfig", nil, "KCONFIG_ALLCONFIG="+r.list(t, nil, bootable))
	} else {
		base = r.conf(t, "-n", nil)
	}
	// What the shell said is not given: it is inferred from the .config, as it is for a user.
	text, err := os.ReadFile(filepath.Join(r.build, ".config"))
	if err != nil {
		t.Fatal(err)
	}
	state, err := Load([]fs.FS{os.DirFS(r.build), os.DirFS(r.dir)}, text, base)
	if err != nil {
		t.Fatal(err)
	}
	tree, answers := state.tree, state.input.Answers
	t.Logf("%d answers inferred", len(answers))
	for _, sym := range state.mismatches(base) {
		t.Errorf("%s is %q, and not what the .config has: %q", sym.Name, state.Value(sym), base[sym.Name])
	}
	var dropped, offered, held int
	for _, i := range rnd.Perm(len(tree.Symbols)) {
		sym := tree.Symbols[i]
		if !sym.Type.logical() || state.Tri(sym) == Yes || dropped == n {
			continue
		}
		want := Setting{sym.Name, "y"}
		asked := slices.Clone(bootable)
		if r.style == Old {
			asked = nil
		}
		in := Input{Settings: append(slices.Clone(asked), want), New: NewNo, Answers: answers}
		if r.style == Old {
			in = Input{Settings: append([]Setting{want}, settingsOf(base)...)}
		}
		if tree.Evaluate(in).has(want) {
			continue // it can simply be had
		}
		dropped++
		if r.has(t, tree, text, append(slices.Clone(asked), want), want) {
			t.Errorf("%s: conf doesn't drop it", sym.Name)
		}
		reason := state.Offer(want, asked)
		row := fmt.Sprintf("%2d %s=y: %s", dropped, sym.Name, reason.Why)
		for _, line := range reason.Chain {
			row += "\n     " + line
		}
		if reason.Add != nil {
			offered++
			all := append(append(slices.Clone(asked), want), reason.Add...)
			if r.has(t, tree, text, all, all...) {
				held++
				row += "\n     add " + listSettings(reason.Add) + ": conf has it then"
			} else {
				t.Errorf("%s: with %s it doesn't hold", sym.Name, listSettings(reason.Add))
			}
		}
		t.Log(row)
	}
	t.Logf("%s, seed %d: %d symbols that conf drops, %d with an offer, of which %d hold", r.name, seed, dropped, offered, held)
}

// bootable is about what a small machine is asked for.
var bootable = []Setting{
	{"64BIT", "y"}, {"BINFMT_ELF", "y"}, {"BINFMT_SCRIPT", "y"}, {"BLK_DEV_INITRD", "y"}, {"PRINTK", "y"}, {"TTY", "y"},
	{"SERIAL_8250", "y"}, {"SERIAL_8250_CONSOLE", "y"}, {"PROC_FS", "y"}, {"SYSFS", "y"}, {"MULTIUSER", "y"},
}

func (r *realSource) list(t *testing.T, tree *Tree, settings []Setting) string {
	t.Helper()
	list := filepath.Join(r.build, "all.list")
	if err := os.WriteFile(list, writeConfig(tree, settings), 0o644); err != nil {
		t.Fatal(err)
	}
	return list
}

// has lets conf make a configuration of nothing but settings, or BusyBox's of them and what it had, and tells whether those that are wanted hold in it.
func (r *realSource) has(t *testing.T, tree *Tree, text []byte, settings []Setting, wanted ...Setting) bool {
	t.Helper()
	var got map[string]string
	if r.style == Old {
		// Of two lines its conf takes the first, and its allnoconfig wouldn't heed them.
		got = r.conf(t, "-o", append(writeConfig(tree, settings), text...))
	} else {
		got = r.conf(t, "--allnoconfig", nil, "KCONFIG_ALLCONFIG="+r.list(t, tree, settings))
	}
	for _, w := range wanted {
		if value, ok := got[w.Name]; value != w.Value && (ok || w.Value != "n") {
			return false
		}
	}
	return true
}
