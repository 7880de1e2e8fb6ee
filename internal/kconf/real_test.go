package kconf

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRealArchitectures reads every architecture's files of every source that is there.
func TestRealArchitectures(t *testing.T) {
	for _, dir := range sources(t, "MINI_REAL") {
		if isBusybox(dir) {
			continue
		}
		style, err := DetectStyle(os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		arches, _ := filepath.Glob(filepath.Join(dir, "arch/*/Kconfig"))
		for _, file := range arches {
			arch := filepath.Base(filepath.Dir(file))
			o := LinuxOptions(os.DirFS(dir), style, arch, "")
			tree, err := Parse(o)
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			state := tree.Evaluate(Input{})
			t.Logf("%s: %d symbols in %d files, %d set, %d warnings", strings.TrimPrefix(file, dir), len(tree.Symbols), len(tree.Files), len(state.Config()), len(tree.Warnings))
		}
	}
}

// TestRealConf compares whole configurations with what the sources' own conf makes of the same request.
func TestRealConf(t *testing.T) { compareAll(t, "MINI_REAL", 1, "x86_64") }

// TestSoakConf is the same for more architectures and requests.
func TestSoakConf(t *testing.T) { compareAll(t, "MINI_SOAK", 12, "x86_64", "i386") }

func compareAll(t *testing.T, tier string, rounds int, arches ...string) {
	for _, dir := range sources(t, tier) {
		if isBusybox(dir) {
			arches = []string{""}
		}
		for _, arch := range arches {
			r := readSource(t, dir, arch)
			t.Run(strings.Trim(r.name+"-"+arch, "-"), func(t *testing.T) { compareWithConf(t, r, rounds) })
		}
	}
}

func compareWithConf(t *testing.T, r *realSource, rounds int) {
	const seed = 1
	tree := r.parse(t)
	check := func(what string, got, want map[string]string) {
		t.Helper()
		diff := differences(got, want)
		t.Logf("%s, seed %d: %d symbols, %d differ", what, seed, len(want), len(diff))
		for i, d := range diff {
			if i == 20 {
				t.Errorf("… and %d more", len(diff)-i)
				break
			}
			t.Errorf("%s: %s", what, d)
		}
	}
	rnd := rand.New(rand.NewPCG(seed, seed))
	for n := range rounds {
		settings := randomSettings(rnd, tree, []int{20, 300, 3000}[n%3])
		config := writeConfig(tree, settings)
		if r.style == Old {
			check(fmt.Sprintf("oldconfig of random %d", n), tree.Evaluate(Input{Settings: settings}).Config(), r.conf(t, "-o", config))
			continue
		}
		check(fmt.Sprintf("olddefconfig of random %d", n), tree.Evaluate(Input{Settings: settings}).Config(), r.conf(t, "--olddefconfig", config))
		list := filepath.Join(r.build, "all.list")
		if err := os.WriteFile(list, config, 0o644); err != nil {
			t.Fatal(err)
		}
		check(fmt.Sprintf("allnoconfig with random %d", n), tree.Evaluate(Input{Settings: settings, New: NewNo}).Config(), r.conf(t, "--allnoconfig", nil, "KCONFIG_ALLCONFIG="+list))
		random := r.conf(t, "--randconfig", nil, fmt.Sprintf("KCONFIG_SEED=%d", seed+n))
		check(fmt.Sprintf("olddefconfig of randconfig %d", seed+n), tree.Evaluate(Input{Settings: settingsOf(random)}).Config(),
			r.conf(t, "--olddefconfig", writeConfig(tree, settingsOf(random))))
		asked := readConfig(r.run(t, "--listnewconfig", config))
		check(fmt.Sprintf("visible of random %d", n), visibleNew(tree.Evaluate(Input{Settings: settings})), asked)
	}
	if r.style == Old {
		check("defconfig", tree.Evaluate(Input{}).Config(), r.conf(t, "-o", []byte("# none\n")))
		return
	}
	check("olddefconfig", tree.Evaluate(Input{}).Config(), r.conf(t, "--olddefconfig", []byte("# none\n")))
	check("allnoconfig", tree.Evaluate(Input{New: NewNo}).Config(), r.conf(t, "--allnoconfig", nil))
	check("allyesconfig", tree.Evaluate(Input{New: NewYes}).Config(), r.conf(t, "--allyesconfig", nil))
	check("allmodconfig", tree.Evaluate(Input{New: NewMod}).Config(), r.conf(t, "--allmodconfig", nil))
}

// randomSettings asks n random symbols for random values that fit them, also symbols that can't be set.
func randomSettings(rnd *rand.Rand, tree *Tree, n int) []Setting {
	var settings []Setting
	for _, i := range rnd.Perm(len(tree.Symbols))[:min(n, len(tree.Symbols))] {
		sym := tree.Symbols[i]
		var value string
		switch sym.Type {
		case Bool:
			value = []string{"n", "y", "y"}[rnd.IntN(3)]
		case Tristate:
			value = []string{"n", "m", "y", "y"}[rnd.IntN(4)]
		case Int:
			if tree.Style == Old { // that conf never stops asking about a number that is out of range
				continue
			}
			value = fmt.Sprint([]int{0, 1, 7, 64, 1000, 100000, -3}[rnd.IntN(7)])
		case Hex:
			value = fmt.Sprintf("0x%x", []int{0, 1, 0x40, 0x1000000}[rnd.IntN(4)])
		case String:
			value = []string{"", "text", `a "quoted" \ one`}[rnd.IntN(3)]
		}
		settings = append(settings, Setting{sym.Name, value})
	}
	return settings
}

// visibleNew lists what conf would ask about, with what it would offer.
func visibleNew(s *State) map[string]string {
	asked := make(map[string]string)
	for _, sym := range s.tree.Symbols {
		if sym.transitional || s.inherits(sym) || sym.of != nil && s.Visible(sym.of.Symbol) == No {
			continue
		}
		if s.Visible(sym) > s.Selected(sym) && !s.user[sym.index].set {
			asked[sym.Name] = s.written(sym)
		}
	}
	return asked
}

// inherits reports whether a symbol has its value from a transitional one that was asked for, which conf takes for asked.
func (s *State) inherits(sym *Symbol) bool {
	p, _ := s.activeDefault(sym)
	return p != nil && p.Value.Op == OpSymbol && p.Value.Sym.transitional && s.user[p.Value.Sym.index].set
}
