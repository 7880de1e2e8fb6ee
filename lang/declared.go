package lang

import (
	"fmt"
	"sort"
	"strings"
)

// params is what one run was given for its params, and what the script has declared so far.
type params struct {
	given    map[string]string // of the command line
	inForce  []*VariantDecl
	settings []Setting
	seeking  bool // the run ends as soon as the variants that were asked for are known

	decls    []*ParamDecl
	variants []*VariantDecl
	matrices []*MatrixDecl
}

func (ps *params) find(name string) *ParamDecl {
	for _, d := range ps.decls {
		if d.Name == name {
			return d
		}
	}
	return nil
}

func (ps *params) variant(name string) *VariantDecl {
	for _, v := range ps.variants {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// free refuses a name that a variant or a matrix has already: --matrix takes both.
func (ps *params) free(c *Call, name string) error {
	if v := ps.variant(name); v != nil {
		return c.ArgErrorf("name", "there is a variant %q already, at %s", name, v.Pos)
	}
	for _, m := range ps.matrices {
		if m.Name == name {
			return c.ArgErrorf("name", "there is a matrix %q already, at %s", name, m.Pos)
		}
	}
	return nil
}

// checkParams tells what was given that no param takes, by the command line, by files, or by the script's own variants
// and matrices. It must wait for the end of the script, since a param may stand anywhere in it.
func (r *run) checkParams() error {
	ps := r.params
	var es Errors
	for name := range ps.given {
		if ps.find(name) == nil {
			es = append(es, ps.unknown("", name, &Error{Pos: Position{File: r.entryName}}))
		}
	}
	sort.Slice(es, func(i, j int) bool { return es[i].Msg < es[j].Msg })
	es = append(es, ps.checkSettings("", ps.settings)...)
	for _, v := range ps.inForce {
		if ps.variant(v.Name) == nil {
			es = append(es, &Error{
				Pos: v.Pos, Source: r.sourceAt(v.Pos), Msg: fmt.Sprintf("variant %s is no longer declared once it is in force", v.Name),
				Hint: "whether it is declared must not depend on the params that it sets",
			})
		}
	}
	for _, v := range ps.variants {
		es = append(es, ps.checkSettings("variant "+v.Name+": ", v.Values)...)
	}
	for _, m := range ps.matrices {
		es = append(es, m.check(r)...)
	}
	return es.inOrder()
}

// checkSettings tells the settings that no param takes. what is whose they are.
func (ps *params) checkSettings(what string, settings []Setting) Errors {
	var es Errors
	for _, s := range settings {
		d := ps.find(s.Name)
		if d == nil {
			es = append(es, ps.unknown(what, s.Name, &Error{Pos: s.Pos, Source: s.Source}))
		} else if _, err := s.value(what, d); err != nil {
			es = append(es, err)
		}
	}
	return es
}

// unknown completes an error about a name that should be a param's.
func (ps *params) unknown(what, name string, e *Error) *Error {
	var declared []string
	for _, d := range ps.decls {
		declared = append(declared, d.Name)
	}
	has := "the script has no parameters"
	if len(declared) > 0 {
		has = "the script has: " + plainList(declared)
	}
	e.Msg = fmt.Sprintf("%sunknown parameter %q", what, name)
	e.Hint = strings.TrimSpace(didYouMean(name, declared) + " " + has)
	return e
}

// unknownVariant completes an error about a name that should be a variant's.
func (ps *params) unknownVariant(name string, e *Error) *Error {
	var names []string
	for _, v := range ps.variants {
		names = append(names, v.Name)
	}
	has := "the script has no variants"
	if len(names) > 0 {
		has = "the script has: " + plainList(names)
	}
	e.Msg += fmt.Sprintf("unknown variant %q", name)
	e.Hint = strings.TrimSpace(didYouMean(name, names) + " " + has)
	return e
}
