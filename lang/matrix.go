package lang

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// MatrixDecl is a matrix() that was evaluated: a name for several systems that are built together.
type MatrixDecl struct {
	Name, Doc string
	Rows      []Row
	Pos       Position
}

// Row is one system of a matrix: the variants that are put in force for it, in their order, and values that win over
// those.
type Row struct {
	Variants []string
	Values   []Setting
	Pos      Position
}

func matrixBuiltin() *Builtin {
	return &Builtin{
		Name:  "matrix",
		Group: "Language",
		Doc: "Names a list of systems to build together. `mini build --matrix name` builds them, what they share only once. " +
			"It stands at the top level of the script that is run.",
		Returns: "None",
		Example: "variant(\"tiny\", debug = False)\nmatrix(\"release\", [\"tiny\", {\"arch\": \"i386\"}, [\"tiny\", {\"arch\": \"i386\"}]])",
		Params: []Param{
			{Name: "name", Type: TypeFunc("string", setName), Doc: "The name after --matrix; no variant has it."},
			{Name: "rows", Type: ListType, Doc: "One item for each system: a variant's name, a dict of values by the names of params, or a list of both. The values of a dict win over variants."},
			{Name: "doc", Type: StringType, Default: starlark.String(""), Doc: "One line for people who run the script."},
		},
		Do: declareMatrix,
	}
}

// declareMatrix runs a call of matrix. As with variants, what it names is looked for when the script has ended.
func declareMatrix(c *Call) (starlark.Value, error) {
	if err := c.atTop(); err != nil {
		return nil, err
	}
	d := &MatrixDecl{Name: c.Str("name"), Doc: c.Str("doc"), Pos: c.Pos}
	if err := c.run.params.free(c, d.Name); err != nil {
		return nil, err
	}
	for i, item := range elements(c.Value("rows").(*starlark.List)) {
		row := Row{Pos: c.ArgPos("rows")}
		if err := row.add(c, item, true); err != nil {
			return nil, c.ArgErrorf("rows", "rows[%d]: %v", i, err)
		}
		d.Rows = append(d.Rows, row)
	}
	if len(d.Rows) == 0 {
		return nil, c.ArgErrorf("rows", "rows: there is nothing to build")
	}
	c.run.params.matrices = append(c.run.params.matrices, d)
	return starlark.None, nil
}

// add takes one part of a row; lists are not nested.
func (row *Row) add(c *Call, part starlark.Value, list bool) error {
	switch part := part.(type) {
	case starlark.String:
		if len(row.Variants) == 0 && len(row.Values) == 0 {
			row.Pos = c.spotIn("rows", string(part))
		}
		row.Variants = append(row.Variants, string(part))
		return nil
	case *starlark.Dict:
		for _, kv := range part.Items() {
			name, ok := kv[0].(starlark.String)
			if !ok {
				return fmt.Errorf("want the names of params as keys, got %s", typeName(kv[0]))
			}
			pos := c.spotIn("rows", string(name))
			row.Values = append(row.Values, Setting{string(name), frozen(kv[1]), pos, pos, c.run.sourceAt(pos)})
		}
		return nil
	case *starlark.List:
		if !list {
			break
		}
		for _, item := range elements(part) {
			if err := row.add(c, item, false); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("want a variant's name, a dict of values or a list of both, got %s", typeName(part))
}

// spotIn is the place of the literal s inside the argument called name; the argument's own if it is not written there.
func (c *Call) spotIn(name, s string) Position {
	pos := c.ArgPos(name)
	arg := c.argExpr(name)
	if arg == nil {
		return pos
	}
	found := false
	syntax.Walk(arg, func(n syntax.Node) bool {
		if lit, ok := n.(*syntax.Literal); ok && !found && lit.Value == s {
			pos, found = c.site.position(lit.TokenPos), true
		}
		return !found
	})
	return pos
}

// check tells what a matrix names that is not there or doesn't fit.
func (d *MatrixDecl) check(r *run) Errors {
	var es Errors
	for _, row := range d.Rows {
		for _, name := range row.Variants {
			if r.params.variant(name) == nil {
				e := &Error{Pos: row.Pos, Source: r.sourceAt(row.Pos), Msg: "matrix " + d.Name + ": "}
				es = append(es, r.params.unknownVariant(name, e))
			}
		}
		es = append(es, r.params.checkSettings("matrix "+d.Name+": ", row.Values)...)
		for _, s := range row.Values {
			if list, ok := s.Value.(*starlark.List); ok && !separable(list) {
				es = append(es, s.errorf("", "matrix %s: %s: an item with a comma can't be given on the command line, so not here either", d.Name, s.Name))
			}
		}
	}
	return es
}

// separable reports whether a list survives being written with commas between its items.
func separable(list *starlark.List) bool {
	for _, item := range elements(list) {
		if s, ok := starlark.AsString(item); ok && (strings.Contains(s, ",") || strings.TrimSpace(s) != s || s == "") {
			return false
		}
	}
	return true
}
