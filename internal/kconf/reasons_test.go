package kconf

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestSoakReasons asks for random symbols that a configuration doesn't have, explains why, and lets the source's own
// conf make a configuration with what was offered: the symbol must then hold, and what held before.
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
	reasons := make(map[string]int)
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
		reason := state.Offer(want, asked)
		reasons[firstWords(reason.Why)]++
		t.Logf("%s=y: %s", sym.Name, reason.Why)
		for _, line := range reason.Chain {
			t.Logf("    %s", line)
		}
		if reason.Add == nil {
			continue
		}
		offered++
		t.Logf("    add %s", listSettings(reason.Add))
		all := append(append(slices.Clone(asked), want), reason.Add...)
		if r.has(t, tree, text, all, all...) {
			held++
		} else {
			t.Errorf("%s: with %s it doesn't hold", sym.Name, listSettings(reason.Add))
		}
	}
	t.Logf("%s, seed %d: %d dropped symbols, %d with an offer, of which %d hold: %v", r.name, seed, dropped, offered, held, reasons)
}

// bootable is about what a small machine is asked for.
var bootable = []Setting{
	{"64BIT", "y"}, {"BINFMT_ELF", "y"}, {"BINFMT_SCRIPT", "y"}, {"BLK_DEV_INITRD", "y"}, {"PRINTK", "y"}, {"TTY", "y"},
	{"SERIAL_8250", "y"}, {"SERIAL_8250_CONSOLE", "y"}, {"PROC_FS", "y"}, {"SYSFS", "y"}, {"MULTIUSER", "y"},
}

func firstWords(text string) string {
	if len(text) > 30 {
		return text[:30]
	}
	return text
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
