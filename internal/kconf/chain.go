package kconf

import (
	"fmt"
	"strings"
)

const maxChain = 12

// chain lists why a symbol is less than wanted, the deepest cause first: each line names one symbol, what it needs of
// what doesn't hold, the present values, and where that stands.
func (s *State) chain(sym *Symbol, want Tri) []string {
	c := chain{s: s, seen: make(map[*Symbol]bool)}
	c.down(sym, want, 0)
	if over := len(c.lines) - maxChain; over > 0 {
		c.lines = append(c.lines[over:], fmt.Sprintf("and %d more", over))
	}
	return c.lines
}

type chain struct {
	s     *State
	seen  map[*Symbol]bool
	lines []string
}

func (c *chain) down(sym *Symbol, want Tri, depth int) {
	if c.seen[sym] || depth > maxPlanDepth {
		return
	}
	c.seen[sym] = true
	if sym.Type == Bool || c.s.modules == No {
		want = min(want, Mod)
	}
	prop := c.closest(sym, want)
	if prop == nil {
		c.lines = append(c.lines, c.closed(sym))
		return
	}
	var needs, values []string
	for _, cond := range conditions(c.s.tree, prop) {
		for _, e := range c.s.unmet(cond.Expr, want) {
			e.each(func(leaf *Symbol) {
				if leaf.Defined() && leaf.Type.logical() && c.s.Tri(leaf) < want {
					c.down(leaf, want, depth+1)
				}
			})
			needs = append(needs, bracketed(e))
			values = append(values, c.values(e)...)
		}
	}
	if len(needs) == 0 {
		c.lines = append(c.lines, fmt.Sprintf("%s: %s is %s, and can be set", prop.Pos, sym.Name, c.s.text(sym)))
		return
	}
	c.lines = append(c.lines, fmt.Sprintf("%s: %s needs %s (%s)", prop.Pos, sym.Name, strings.Join(compact(needs), " && "), strings.Join(compact(values), ", ")))
}

// closest is the prompt of which the fewest conditions don't hold.
func (c *chain) closest(sym *Symbol, want Tri) *Prop {
	var found *Prop
	fewest := 0
	for _, p := range sym.Props {
		if p.Kind != Prompt {
			continue
		}
		n := 0
		for _, cond := range conditions(c.s.tree, p) {
			n += len(c.s.unmet(cond.Expr, want))
		}
		if found == nil || n < fewest {
			found, fewest = p, n
		}
	}
	return found
}

// closed is the line of a symbol without a prompt.
func (c *chain) closed(sym *Symbol) string {
	by := selectors(sym)
	line := fmt.Sprintf("%s: %s is %s, and has no prompt", sym.Entries[0].Pos, sym.Name, c.s.text(sym))
	if len(by) > 0 {
		return line + "; what selects it: " + strings.Join(shorten(by), ", ")
	}
	for _, p := range sym.Props {
		if p.Kind == Default {
			return line + "; its default is " + defaultText(p)
		}
	}
	return line
}

// unmet is the part of a condition that doesn't hold, as a list of what all would have to.
func (s *State) unmet(e *Expr, want Tri) []*Expr {
	if s.expr(e, true) >= want {
		return nil
	}
	if e.Op == OpAnd {
		return append(s.unmet(e.X, want), s.unmet(e.Y, want)...)
	}
	return []*Expr{e}
}

func bracketed(e *Expr) string {
	if e.Op == OpOr {
		return "(" + e.String() + ")"
	}
	return e.String()
}

// values tells what the symbols of an expression are now.
func (c *chain) values(e *Expr) []string {
	var values []string
	e.each(func(sym *Symbol) {
		switch {
		case sym.macro:
			values = append(values, "what the compiler or another tool said is "+c.s.text(sym))
		case sym.constant || sym.Type == Unknown && !undefined(sym):
		case sym.Type == Unknown:
			values = append(values, sym.Name+" doesn't exist here")
		case c.s.text(sym) == "":
			values = append(values, sym.Name+" is empty")
		default:
			values = append(values, sym.Name+" is "+c.s.text(sym))
		}
	})
	return values
}

// undefined reports whether a name is that of a symbol which this source, or this architecture, doesn't have.
func undefined(sym *Symbol) bool {
	return strings.Trim(sym.Name, "0123456789") != "" && !strings.HasPrefix(sym.Name, "0x")
}

func compact(words []string) []string {
	var out []string
	seen := make(map[string]bool)
	for _, w := range words {
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}
