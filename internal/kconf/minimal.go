package kconf

import "slices"

// Minimal is the shortest list of settings that was found to give this very configuration when everything else is as
// mode says. It was evaluated; it reports false if there is none, as when the configuration was made by other files.
func (s *State) Minimal(mode Mode) ([]Setting, bool) {
	want := s.Config()
	var settings []Setting
	in := Input{New: mode, Answers: s.input.Answers}
	// What differs is asked for until nothing does: what is asked for makes room for more.
	for range 20 {
		in.Settings = settings
		now := s.tree.Evaluate(in)
		wrong := now.mismatches(want)
		if len(wrong) == 0 {
			return s.shorter(settings, in, want), true
		}
		before := len(settings)
		for _, sym := range wrong {
			value, ok := want[sym.Name]
			if ok && s.Visible(sym) != No && !slices.ContainsFunc(settings, func(set Setting) bool { return set.Name == sym.Name }) &&
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
func (s *State) shorter(settings []Setting, in Input, want map[string]string) []Setting {
	for size := len(settings) / 2; size > 0; size /= 2 {
		for at := 0; at < len(settings); {
			fewer := slices.Delete(slices.Clone(settings), at, min(at+size, len(settings)))
			in.Settings = fewer
			if len(s.tree.Evaluate(in).mismatches(want)) == 0 {
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
