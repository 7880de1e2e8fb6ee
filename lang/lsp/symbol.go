package lsp

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"mini/lang"
	"mini/lang/outline"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// symbol is a name that a script can use, with what there is to show of it.
type symbol struct {
	name, detail, doc string // doc is Markdown
	kind              int    // of a completion item
	callable          *lang.Builtin
	place             *location // where it is defined; nil if that is no file
}

// symbols lists the names that a place on line (from 1) can use, the innermost first.
func (s *server) symbols(d *document, line int) []symbol {
	syms := d.locals(line)
	o := d.outline
	for _, l := range o.Loads {
		syms = append(syms, s.loaded(d, l.Name, l.From, l.File))
	}
	syms = append(syms, fileSymbols(o, d.uri, d.readLines())...)
	opts := s.language(d.path)
	for _, b := range append(lang.Core(), opts.Builtins...) {
		syms = append(syms, callableSymbol(b))
	}
	if d.read != nil {
		for _, name := range d.read.Predeclared.Keys() {
			syms = append(syms, starlarkSymbol(name, d.read.Predeclared[name]))
		}
	}
	for _, name := range starlark.Universe.Keys() {
		syms = append(syms, starlarkSymbol(name, starlark.Universe[name]))
	}
	return syms
}

// lookup finds what name means on a line, nil if nothing.
func (s *server) lookup(d *document, name string, line int) *symbol {
	for _, sym := range s.symbols(d, line) {
		if sym.name == name {
			return &sym
		}
	}
	return nil
}

// readLines is the lines that places in the outline count in.
func (d *document) readLines() []string {
	if d.read == nil {
		return nil
	}
	return d.read.Lines()
}

func callableSymbol(b *lang.Builtin) symbol {
	return symbol{name: b.Name, detail: b.Signature(), doc: lang.Markdown(b), kind: kindFunction, callable: b}
}

// starlarkSymbol is about what the language has of itself, whose docs are elsewhere.
func starlarkSymbol(name string, v starlark.Value) symbol {
	sym := symbol{name: name, detail: "Starlark's " + name, kind: kindConstant}
	switch v.(type) {
	case *starlark.Builtin:
		sym.kind = kindFunction
	case starlark.HasAttrs:
		sym.kind = kindModule
	}
	return sym
}

// fileSymbols is what a file's top level defines.
func fileSymbols(o *outline.Outline, uri string, lines []string) []symbol {
	var syms []symbol
	for _, f := range o.Functions {
		sym := callableSymbol(&f.Builtin)
		sym.place = placeOf(uri, lines, f.Start, f.Name)
		syms = append(syms, sym)
	}
	for _, v := range o.Values {
		doc := fmt.Sprintf("```python\n%s = %s\n```\n", v.Name, v.Text)
		for _, p := range o.Params {
			if strings.HasPrefix(v.Text, "param(") && p.Pos.Line == v.Pos.Line && p.Doc != "" {
				doc += "\n" + p.Doc + "\n"
			}
		}
		if v.Doc != "" {
			doc += "\n" + v.Doc + "\n"
		}
		syms = append(syms, symbol{name: v.Name, detail: v.Text, doc: doc, kind: kindVariable, place: placeOf(uri, lines, v.Pos, v.Name)})
	}
	return syms
}

func placeOf(uri string, lines []string, pos syntax.Position, name string) *location {
	if uri == "" {
		return nil
	}
	end := pos
	end.Col += int32(len([]rune(name)))
	return &location{uri, between(lines, pos, end)}
}

// locals is the parameters and variables of the functions around a line, the innermost function's first.
func (d *document) locals(line int) []symbol {
	var syms []symbol
	if d.read == nil {
		return nil
	}
	syntax.Walk(d.read.Tree, func(n syntax.Node) bool {
		def, ok := n.(*syntax.DefStmt)
		if !ok {
			return n != nil
		}
		start, end := def.Span()
		if int(start.Line) > line || int(end.Line) < line {
			return true
		}
		var inner []symbol
		seen := make(map[string]bool)
		bind := func(what string, ids ...*syntax.Ident) {
			for _, id := range ids {
				if !seen[id.Name] {
					seen[id.Name] = true
					inner = append(inner, symbol{
						name: id.Name, detail: detailOf(d.read, what, id, def), kind: kindVariable,
						place: placeOf(d.uri, d.readLines(), id.NamePos, id.Name),
					})
				}
			}
		}
		for _, param := range def.Params {
			bind("parameter", parameter(param)...)
		}
		for _, stmt := range def.Body {
			syntax.Walk(stmt, func(n syntax.Node) bool {
				switch n := n.(type) {
				case *syntax.AssignStmt:
					bind("variable", lang.BoundBy(n.LHS)...)
				case *syntax.ForStmt:
					bind("variable", lang.BoundBy(n.Vars)...)
				case *syntax.DefStmt:
					bind("function", n.Name)
					return false
				}
				return n != nil
			})
		}
		syms = append(inner, syms...)
		return true
	})
	return syms
}

// detailOf says what a local name is: "parameter of f: str".
func detailOf(f *lang.File, what string, id *syntax.Ident, def *syntax.DefStmt) string {
	detail := what + " of " + def.Name.Name
	if t := f.TypeAt(id.NamePos); t != "" && what == "parameter" {
		detail += ": " + t
	}
	return detail
}

// parameter is the name that a function's parameter binds; none for a lone *.
func parameter(e syntax.Expr) []*syntax.Ident {
	switch p := e.(type) {
	case *syntax.BinaryExpr: // with a default
		e = p.X
	case *syntax.UnaryExpr: // *args
		e = p.X
	}
	return lang.BoundBy(e)
}

// loaded is a name that the document loads out of file, with what that says of it if it can be read.
func (s *server) loaded(d *document, name, from, file string) symbol {
	sym := symbol{name: name, detail: "from " + file, kind: kindVariable}
	o, uri, lines := s.other(d, file)
	if o == nil {
		return sym
	}
	for _, there := range fileSymbols(o, uri, lines) {
		if there.name == from {
			there.name = name
			if there.callable == nil {
				there.detail = "from " + file + ": " + there.detail
			}
			return there
		}
	}
	return sym
}

// other reads a file that the document loads: as it is in the editor if it is open there. uri is "" for an embedded
// file, which no editor can show; the outline is nil if there is nothing to read.
func (s *server) other(d *document, file string) (o *outline.Outline, uri string, lines []string) {
	var src []byte
	var err error
	if module, inside, found := strings.Cut(strings.TrimPrefix(file, "@"), "//"); found && strings.HasPrefix(file, "@") {
		fsys := s.opts.Modules[module]
		if fsys == nil {
			return nil, "", nil
		}
		src, err = fs.ReadFile(fsys, path.Clean(inside))
	} else {
		host, _ := s.resolve(d, file)
		if host == "" {
			return nil, "", nil
		}
		uri = uriOf(host)
		if open := s.docs[uri]; open != nil {
			return open.outline, uri, open.readLines()
		}
		if info, serr := os.Stat(host); serr != nil || !info.Mode().IsRegular() || info.Size() > maxMessage {
			return nil, "", nil
		}
		src, err = os.ReadFile(host)
	}
	if err != nil {
		return nil, "", nil
	}
	read, err := lang.Parse(file, src)
	if err != nil {
		return nil, "", nil
	}
	return outline.Of(read), uri, read.Lines()
}

// resolve is the path of a file that the document names: beside it, with // from its root, or in a module. Shown is how
// positions show it.
func (s *server) resolve(d *document, file string) (host, shown string) {
	if d.path == "" || file == "" || strings.HasPrefix(file, "@") {
		return "", file
	}
	opts := s.language(d.path)
	rest, rooted := strings.CutPrefix(file, "//")
	module, inside, found := strings.Cut(file, "//")
	switch {
	case rooted && opts.Root != "":
		host = filepath.Join(opts.Root, filepath.FromSlash(rest))
	case rooted:
		host = filepath.Join(filepath.Dir(d.path), filepath.FromSlash(rest))
	case found && opts.Remote != nil:
		// The document may itself be of a module; it is looked at as what a script of its own would load.
		if mod, err := opts.Remote(context.Background(), "", module); err == nil {
			return filepath.Join(mod.Dir, filepath.FromSlash(inside)), mod.Shown + inside
		}
		return "", file
	default:
		host = filepath.Join(filepath.Dir(d.path), filepath.FromSlash(file))
	}
	return host, host
}
