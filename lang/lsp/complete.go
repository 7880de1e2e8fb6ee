package lsp

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"mini/lang"
	"mini/lang/outline"

	"go.starlark.net/starlark"
)

var keywords = []string{"def", "for", "in", "if", "elif", "else", "return", "load", "and", "or", "not", "lambda", "pass", "break", "continue"}

// completion lists what may stand at a place. The editor drops what doesn't begin with what is typed already.
func (s *server) completion(d *document, p position) (any, *rpcError) {
	c := look(d.before(p))
	var items []completionItem
	switch {
	case c.comment:
	case c.str != nil:
		items = s.completeString(d, c)
	case lang.EndsInType(d.before(p)):
		for _, name := range lang.TypeNames(s.language(d.path)) {
			items = append(items, completionItem{Label: name, Kind: kindConstant, Detail: "type"})
		}
	case c.dot != "":
		items = s.completeAttr(d, c.dot)
	default:
		items = append(s.completeKeyword(d, c, p.Line+1), s.completeName(d, p.Line+1)...)
	}
	if items == nil {
		items = []completionItem{}
	}
	return completionList{Items: items}, nil
}

// completeKeyword is the parameters that a call doesn't have yet. They come first.
func (s *server) completeKeyword(d *document, c *cursor, line int) []completionItem {
	call := c.call()
	if call == nil || call.keyword != "" {
		return nil
	}
	sym := s.lookup(d, call.callee, line)
	if sym == nil || sym.callable == nil {
		return nil
	}
	var items []completionItem
	if call.callee == "variant" { // which takes the script's own params by their names
		for i, p := range d.outline.Params {
			if !slices.Contains(call.given, p.Name) {
				items = append(items, completionItem{
					Label: p.Name + " = ", Kind: kindProperty, Detail: "param, default " + p.Default, Documentation: markdown(p.Doc),
					SortText: fmt.Sprintf("0p%03d", i),
				})
			}
		}
	}
	for i, p := range sym.callable.Params {
		positional := !p.Named && i < call.commas
		if positional || slices.Contains(call.given, p.Name) || strings.HasPrefix(p.Name, "*") {
			continue
		}
		items = append(items, completionItem{
			Label: p.Name + " = ", Kind: kindProperty, Detail: paramDetail(p), Documentation: markdown(p.Doc),
			SortText: fmt.Sprintf("0%03d", i),
		})
	}
	return items
}

func paramDetail(p lang.Param) string {
	detail := "required"
	if p.Default != nil {
		detail = "default " + p.Default.String()
	}
	if p.Type != nil {
		detail = p.Type.String() + ", " + detail
	}
	return detail
}

// completeName is all names that can be used. Of two with the same name the inner one counts.
func (s *server) completeName(d *document, line int) []completionItem {
	var items []completionItem
	seen := make(map[string]bool)
	for _, sym := range s.symbols(d, line) {
		if seen[sym.name] {
			continue
		}
		seen[sym.name] = true
		items = append(items, sym.item())
	}
	for _, word := range keywords {
		items = append(items, completionItem{Label: word, Kind: kindKeyword, SortText: "3" + word})
	}
	return items
}

func (sym symbol) item() completionItem {
	order := "1" // what is mini's or the script's own, before what every Starlark has
	if sym.doc == "" && sym.place == nil {
		order = "2"
	}
	return completionItem{Label: sym.name, Kind: sym.kind, Detail: sym.detail, Documentation: markdown(sym.doc), SortText: order + sym.name}
}

// completeAttr is the attributes of a value that the last evaluation knows.
func (s *server) completeAttr(d *document, name string) []completionItem {
	v, known := d.values[name]
	if !known && d.read != nil {
		v, known = d.read.Predeclared[name]
	}
	has, ok := v.(starlark.HasAttrs)
	if !known || !ok {
		return nil
	}
	names := has.AttrNames()
	sort.Strings(names)
	var items []completionItem
	for _, attr := range names {
		item := completionItem{Label: attr, Kind: kindField}
		if value, err := has.Attr(attr); err == nil && value != nil {
			item.Detail = value.Type()
		}
		items = append(items, item)
	}
	return items
}

// completeString is about the strings of load: files, and the names in them.
func (s *server) completeString(d *document, c *cursor) []completionItem {
	call := c.call()
	if call == nil || call.callee != "load" {
		return nil
	}
	if call.commas == 0 {
		return s.completeFile(d, c.str.text)
	}
	if len(call.strs) == 0 {
		return nil
	}
	o, uri, lines := s.other(d, call.strs[0])
	if o == nil {
		return nil
	}
	var items []completionItem
	for _, sym := range fileSymbols(o, uri, lines) {
		if outline.Public(sym.name) && !slices.Contains(call.strs[1:], sym.name) {
			items = append(items, sym.item())
		}
	}
	return items
}

// completeFile is the files and directories that continue typed, and the embedded ones.
func (s *server) completeFile(d *document, typed string) []completionItem {
	var items []completionItem
	for module, fsys := range s.opts.Modules {
		names, _ := fs.Glob(fsys, "*.star")
		for _, name := range names {
			items = append(items, completionItem{Label: "@" + module + "//" + name, Kind: kindFile})
		}
	}
	dir := typed[:strings.LastIndex(typed, "/")+1]
	if host, _ := s.resolve(d, dir+"x"); host != "" {
		entries, _ := os.ReadDir(filepath.Dir(host))
		for _, e := range entries {
			name := e.Name()
			switch {
			case strings.HasPrefix(name, ".") || filepath.Join(filepath.Dir(host), name) == d.path:
			case e.IsDir():
				items = append(items, completionItem{Label: dir + name + "/", Kind: kindModule})
			case strings.HasSuffix(name, ".star"):
				items = append(items, completionItem{Label: dir + name, Kind: kindFile})
			}
		}
	}
	return items
}
