package kconf

import "slices"

// Minimal is the shortest list of settings that was found to give this very configuration when everything else is as
// mode says. It was evaluated; it reports false if there is none, as when the configuration was made by other files.
func (s *State) Minimal(mode Mode) ([]Setting, bool) {
	return s.shortestFor(s.Config(), func(asked []Setting) *State {
		return s.tree.Evaluate(Input{Settings: asked, New: mode, Answers: s.input.Answers})
	})
}

// Changes is the shortest list of settings that was found to make of this configuration another one, which somebody chose:
// what each symbol is there, for those that its .config names. Symbols that become visible and are in neither are as
// mode says. It was evaluated, as Minimal.
func (s *State) Changes(want map[string]string, mode Mode) ([]Setting, bool) {
	from := *s
	// What nobody could ask for is no request, although a .config has a line for it: it would become one with a prompt. A
	// menu forgets it in the same way (conf_read in confdata.c).
	from.input.Settings = slices.DeleteFunc(slices.Clone(s.input.Settings), func(set Setting) bool {
		sym := s.tree.Lookup(set.Name)
		return sym != nil && s.Visible(sym) == No
	})
	return s.shortestFor(want, func(asked []Setting) *State { return from.with(asked, nil, mode) })
}

// shortestFor finds settings by which evaluate comes to a configuration.
func (s *State) shortestFor(want map[string]string, evaluate func([]Setting) *State) ([]Setting, bool) {
	// What is visible in it can be asked for.
	chosen := s.tree.Evaluate(Input{Settings: settingsOf(want), Answers: s.input.Answers})
	var settings []Setting
	// What differs is asked for until nothing does: what is asked for makes room for more.
	for range 20 {
		wrong := evaluate(settings).mismatches(want)
		if len(wrong) == 0 {
			return s.shorter(settings, evaluate, want), true
		}
		before := len(settings)
		for _, sym := range wrong {
			value, ok := want[sym.Name]
			if ok && chosen.Visible(sym) != No && !slices.ContainsFunc(settings, func(set Setting) bool { return set.Name == sym.Name }) &&
				(sym.of == nil || value == "y") {
				settings = append(settings, Setting{sym.Name, value})
			}
		}
		if len(settings) == before {
			return nil, false
		}
	}
	return nil, false
}

// shorter leaves out what follows from the rest, many at a time while that goes well.
func (s *State) shorter(settings []Setting, evaluate func([]Setting) *State, want map[string]string) []Setting {
	for size := max(len(settings)/2, 1); len(settings) > 0 && size > 0; size /= 2 {
		for at := 0; at < len(settings); {
			fewer := slices.Delete(slices.Clone(settings), at, min(at+size, len(settings)))
			if len(evaluate(fewer).mismatches(want)) == 0 {
				settings = fewer
			} else {
				at += size
			}
		}
	}
	slices.SortFunc(settings, func(a, b Setting) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return settings
}
