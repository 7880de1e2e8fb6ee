package builtins

import (
	"strings"

	"mini/build"
	"mini/internal/kconfig"
	"mini/lang"
)

// menuLibraries are what a source's menuconfig is compiled with. Where the library lies is looked for by a script of the
// source's; which of these names it has differs among distributions.
var menuLibraries = []build.Library{
	{Name: "ncurses", Headers: []string{"ncurses.h"}},
	{Name: "ncursesw", Headers: []string{"curses.h", "ncurses/ncurses.h", "ncursesw/ncurses.h", "ncurses_dll.h", "unctrl.h"}, Optional: true},
	{Name: "curses", Optional: true},
	{Name: "tinfo", Optional: true},
	{Name: "tinfow", Optional: true},
}

// configuration describes what a call of a program that is configured by Kconfig has made of its config.
func (s *Session) configuration(c *lang.Call, made configNodes, make string, around *worked, asked kconfig.Request, again func(kconfig.Request) (configNodes, error)) *Configuration {
	return &Configuration{
		Build: made.tree, Source: made.source.tree, Base: c.Str("base"), Asked: asked, Call: c.Pos,
		Menu: func() *build.Node { return menuNode(made, make, around) },
		With: func(more kconfig.Request) (*Configuration, error) {
			asked := asked.Merge(more)
			made, err := again(asked)
			if err != nil {
				return nil, err
			}
			return s.configuration(c, made, make, around, asked, again), nil
		},
	}
}

func menuNode(made configNodes, make string, around *worked) *build.Node {
	configure := made.tree.Node
	words, why := around.words(made.source.version, true)
	return &build.Node{
		Name: configure.Name + ".menu", Title: configure.Title + " by menu", Pos: configure.Pos,
		Tools: configure.Tools, Compilers: configure.Compilers, Env: configure.Env, Libraries: menuLibraries,
		Inputs: []build.Input{
			{Path: "src", From: made.source.tree},
			{Path: "build", From: made.tree, Mode: build.Copied},
		},
		Steps:   []string{strings.Join(append(append([]string{make}, words...), "menuconfig"), " ")},
		Outputs: []string{"build/.config"},
		Quirks:  why,
	}
}
