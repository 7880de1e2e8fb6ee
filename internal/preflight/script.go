package preflight

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// call is a command that a script calls, whatever happens.
type call struct {
	words []string // as they are written; "" for one that is known only when it runs
	line  int

	handled bool // the script does something about it when it fails
	fatal   bool // the script ends when it fails (set -e), or is replaced by it (exec)
	exec    bool
}

// shellScript is what can be told of a script without running it.
type shellScript struct {
	calls     []call
	functions map[string]bool
	path      []string // where commands are looked for, if it says so
	anywhere  bool     // that is known only when it runs
	places    []string // where it mounts something, on which there may be commands
	makes     []string // names of files that it makes or moves
	dirs      []string // that it makes; "" for one that is known only when it runs
	errexit   bool     // set -e is in force
	ended     bool     // what follows is not run
}

// readScript takes a script apart. Only what is run for sure counts: what stands behind if, in loops, in functions and behind
// && and || does not. A script that can't be read is an empty one.
func readScript(text []byte) *shellScript {
	s := &shellScript{functions: map[string]bool{}}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(bytes.NewReader(text), "")
	if err != nil {
		return s
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.FuncDecl:
			if n.Name != nil {
				s.functions[n.Name.Value] = true
			}
		case *syntax.CallExpr:
			s.note(n)
		}
		return true
	})
	if first, _, _ := bytes.Cut(text, []byte("\n")); bytes.HasPrefix(first, []byte("#!")) {
		for _, word := range strings.Fields(string(first))[1:] {
			s.options(word)
		}
	}
	s.statements(file.Stmts, false)
	return s
}

// note takes notice of what changes which commands there are, wherever it stands.
func (s *shellScript) note(c *syntax.CallExpr) {
	var words []string
	for _, w := range c.Args {
		words = append(words, literal(w))
	}
	switch {
	case len(words) == 0:
	case words[0] == "." || words[0] == "source":
		s.anywhere = true // what it reads there may say anything
	case slices.Contains(words, "--install"): // of BusyBox, which then makes its links
		s.anywhere = true
	case oneOf(path.Base(words[0]), "ln", "cp", "mv", "install"):
		for _, w := range words[1:] {
			s.makes = append(s.makes, path.Base(w))
		}
	case path.Base(words[0]) == "mkdir":
		for _, w := range words[1:] {
			if w == "" || !strings.HasPrefix(w, "-") {
				s.dirs = append(s.dirs, w)
			}
		}
	case path.Base(words[0]) == "mount" && len(words) > 1:
		if at := words[len(words)-1]; at == "" {
			s.anywhere = true
		} else {
			s.places = append(s.places, path.Clean("/"+at))
		}
	}
}

// options reads what a shell is told by -e and the like.
func (s *shellScript) options(word string) {
	if len(word) > 1 && strings.Contains(word[1:], "e") && strings.Trim(word[1:], "abefhmnuvxC") == "" && (word[0] == '-' || word[0] == '+') {
		s.errexit = word[0] == '-'
	}
}

func (s *shellScript) statements(list []*syntax.Stmt, handled bool) {
	for _, stmt := range list {
		if s.ended {
			return
		}
		s.command(stmt, handled || stmt.Negated || stmt.Background)
	}
}

func (s *shellScript) command(stmt *syntax.Stmt, handled bool) {
	switch c := stmt.Cmd.(type) {
	case *syntax.CallExpr:
		s.call(c, handled)
	case *syntax.DeclClause: // export PATH=…, where the parser knows it
		for _, a := range c.Args {
			s.assign(a)
		}
	case *syntax.Block:
		s.statements(c.Stmts, handled)
	case *syntax.BinaryCmd:
		// The left side is run in any case; the right one of a pipe too.
		s.command(c.X, true)
		if c.Op == syntax.Pipe || c.Op == syntax.PipeAll {
			s.command(c.Y, handled)
		}
	}
}

func (s *shellScript) call(c *syntax.CallExpr, handled bool) {
	if len(c.Args) == 0 {
		for _, a := range c.Assigns {
			s.assign(a)
		}
		return
	}
	one := call{line: int(c.Pos().Line()), handled: handled}
	for _, w := range c.Args {
		one.words = append(one.words, literal(w))
	}
	switch one.words[0] {
	case "set":
		for _, w := range one.words[1:] {
			s.options(w)
		}
	case "export", "readonly":
		for _, w := range one.words[1:] {
			if value, ok := strings.CutPrefix(w, "PATH="); ok {
				s.setPath(value)
			}
		}
	case "exec":
		if len(one.words) > 1 {
			one.words, one.exec, one.fatal, s.ended = one.words[1:], true, true, true
		}
	case "exit":
		s.ended = true
	}
	one.fatal = one.fatal || s.errexit && !handled
	s.calls = append(s.calls, one)
}

func (s *shellScript) assign(a *syntax.Assign) {
	if a.Name != nil && a.Name.Value == "PATH" && a.Value != nil {
		s.setPath(literal(a.Value))
	}
}

func (s *shellScript) setPath(value string) {
	s.path, s.anywhere = strings.Split(value, ":"), s.anywhere || value == ""
}

// literal is the text of a word that has nothing to be replaced in it; "" for any other.
func literal(w *syntax.Word) string {
	var text strings.Builder
	for _, part := range w.Parts {
		switch p := part.(type) {
		case *syntax.Lit:
			if strings.ContainsAny(p.Value, `*?[\`) && p.Value != "[" {
				return ""
			}
			text.WriteString(p.Value)
		case *syntax.SglQuoted:
			text.WriteString(p.Value)
		case *syntax.DblQuoted:
			for _, inner := range p.Parts {
				lit, ok := inner.(*syntax.Lit)
				if !ok || strings.Contains(lit.Value, `\`) {
					return ""
				}
				text.WriteString(lit.Value)
			}
		default:
			return ""
		}
	}
	return text.String()
}
