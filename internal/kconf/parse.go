package kconf

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Options say where Kconfig files are and what surrounds them.
type Options struct {
	Style Style
	Root  string  // the first file: "Kconfig", "Config.in"
	Dirs  []fs.FS // where files are looked for; the first that has one wins
	Top   string  // what $(srctree) is: a source statement may begin with it
	// Env answers $(NAME) where the files define no such macro.
	Env func(name string) (string, bool)
	// Shell answers $(shell,COMMAND): what the command prints. Without it answers stay open.
	Shell func(command string) (string, error)
}

const (
	maxFiles  = 20_000
	maxNest   = 100 // of source statements
	maxErrors = 20
)

// Parse reads the files. Its error has a line for each thing that conf would have refused, beginning with file:line.
func Parse(o Options) (*Tree, error) {
	p := &parser{tree: newTree(o.Style), options: o}
	p.macros = macros{vars: make(map[string]*variable), env: o.Env, shell: o.Shell, fail: p.fail, warn: p.warn}
	p.entry, p.into = p.tree.root, p.tree.root
	p.file(o.Root, Pos{})
	if len(p.errors) > 0 {
		return nil, errors.New(strings.Join(p.errors, "\n"))
	}
	p.finish()
	return p.tree, nil
}

type parser struct {
	tree    *Tree
	options Options
	macros  macros
	scan    *scanner
	open    []string // the files around this one
	entry   *Entry   // what properties belong to
	into    *Entry   // what entries are added below
	choice  *Entry   // what configs are members of
	ahead   *statement
	errors  []string
}

func (p *parser) fail(at Pos, what string) {
	if len(p.errors) < maxErrors {
		p.errors = append(p.errors, fmt.Sprintf("%s: %s", at, what))
	}
}

func (p *parser) warn(at Pos, what string) {
	p.tree.Warnings = append(p.tree.Warnings, fmt.Sprintf("%s: %s", at, what))
}

func (p *parser) failed() bool { return len(p.errors) >= maxErrors }

// peek is the next statement, and take takes it.
func (p *parser) peek() *statement {
	if p.ahead == nil {
		p.ahead = p.next()
	}
	return p.ahead
}

func (p *parser) take() *statement {
	st := p.peek()
	p.ahead = nil
	return st
}

// file reads one file. A block that begins in it ends in it.
func (p *parser) file(name string, from Pos) {
	name = p.clean(name)
	text, err := p.read(name)
	switch {
	case err != nil && from.File == "":
		p.fail(Pos{name, 1}, "the source has no such file")
		return
	case err != nil:
		p.fail(from, fmt.Sprintf("it sources %q, which the source doesn't have", name))
		return
	case slices.Contains(p.open, name):
		p.fail(from, fmt.Sprintf("it sources %q, which it is in", name))
		return
	case len(p.open) >= maxNest || len(p.tree.Files) >= maxFiles:
		p.fail(from, fmt.Sprintf("sourcing %q has no end", name))
		return
	}
	p.tree.Files = append(p.tree.Files, name)
	scan, ahead := p.scan, p.ahead
	p.scan, p.ahead = &scanner{file: name, src: string(text), line: 1}, nil
	p.open = append(p.open, name)
	p.statements("")
	p.open = p.open[:len(p.open)-1]
	p.scan, p.ahead = scan, ahead
}

func (p *parser) clean(name string) string {
	if p.options.Top != "" {
		name = strings.TrimPrefix(name, p.options.Top+"/")
	}
	return path.Clean(name)
}

func (p *parser) read(name string) (text []byte, err error) {
	err = fs.ErrNotExist
	for _, dir := range p.options.Dirs {
		if text, err = fs.ReadFile(dir, name); err == nil {
			return text, nil
		}
	}
	return nil, err
}

// statements reads until the word that ends the block around them, or the file's end.
func (p *parser) statements(end string) {
	for !p.failed() {
		st := p.take()
		if st == nil {
			if end != "" {
				p.fail(p.into.Pos, fmt.Sprintf("there is no %s for this", end))
			}
			return
		}
		if st.assign != "" {
			p.macros.set(st.tokens[0].text, st.assign, st.value, st.pos)
			continue
		}
		switch word := st.keyword(); {
		case end != "" && word == end:
			return
		case word == "endmenu" || word == "endif" || word == "endchoice":
			p.fail(st.pos, fmt.Sprintf("%s where nothing of the kind is open", word))
		default:
			p.statement(word, st)
		}
	}
}

func (p *parser) statement(word string, st *statement) {
	l := &line{p: p, pos: st.pos, rest: st.tokens[1:]}
	switch word {
	case "config", "menuconfig":
		p.config(word, l)
	case "choice":
		p.choiceBlock(l)
	case "menu":
		e := p.begin(MenuEntry, nil, l)
		e.Text = l.text()
		l.end()
		p.properties("menu")
		p.block(e, "endmenu")
	case "if":
		e := p.begin(IfEntry, nil, l)
		e.Depends = []Cond{{l.expr(), l.pos}}
		l.end()
		p.block(e, "endif")
	case "comment":
		p.begin(CommentEntry, nil, l).Text = l.text()
		l.end()
		p.properties("comment")
	case "mainmenu":
		p.tree.Title = l.text()
		l.end()
	case "source", "osource", "rsource", "orsource":
		p.source(word, l)
	default:
		p.fail(st.pos, fmt.Sprintf("there is no statement %q", first(st)))
	}
}

func first(st *statement) string { return st.tokens[0].text }

// begin adds an entry below the block that is open.
func (p *parser) begin(kind EntryKind, s *Symbol, l *line) *Entry {
	e := &Entry{Kind: kind, Symbol: s, Parent: p.into, Pos: l.pos, index: len(p.tree.entries)}
	p.tree.entries = append(p.tree.entries, e)
	p.into.Children = append(p.into.Children, e)
	if s != nil {
		s.Entries = append(s.Entries, e)
	}
	p.entry = e
	return e
}

func (p *parser) block(e *Entry, end string) {
	around := p.into
	p.into = e
	p.statements(end)
	p.into = around
}

func (p *parser) config(word string, l *line) {
	name := l.word()
	l.end()
	if name == "" {
		return
	}
	s := p.tree.symbol(name, false)
	if s.constant {
		p.fail(l.pos, fmt.Sprintf("%s is no name for a symbol", name))
		return
	}
	kind := ConfigEntry
	if word == "menuconfig" {
		kind = MenuconfigEntry
	}
	e := p.begin(kind, s, l)
	if p.choice != nil {
		p.choice.Symbol.members = append(p.choice.Symbol.members, e)
	}
	p.properties("config")
}

func (p *parser) choiceBlock(l *line) {
	s := p.tree.add(&Symbol{choice: true})
	if p.tree.Style == Choices {
		s.Type = Bool
	}
	e := p.begin(ChoiceEntry, s, l)
	l.rest = nil // an old choice may have a name
	p.properties("choice")
	e.Text = s.Title()
	around := p.choice
	p.choice = e
	p.block(e, "endchoice")
	p.choice = around
}

// source reads further files. osource doesn't mind if there is none, rsource looks beside the file that it is in, and
// all of them take patterns.
func (p *parser) source(word string, l *line) {
	name := l.text()
	l.end()
	if strings.TrimSpace(name) == "" {
		return
	}
	if word == "rsource" || word == "orsource" {
		name = path.Join(path.Dir(l.pos.File), name)
	}
	optional := strings.HasPrefix(word, "o")
	if strings.ContainsAny(name, "*?[") {
		names := p.glob(p.clean(name))
		if len(names) == 0 && !optional {
			p.fail(l.pos, fmt.Sprintf("no file fits %q", name))
		}
		for _, n := range names {
			p.file(n, l.pos)
		}
		return
	}
	if optional {
		if _, err := p.read(p.clean(name)); err != nil {
			return
		}
	}
	p.file(name, l.pos)
}

func (p *parser) glob(pattern string) []string {
	for _, dir := range p.options.Dirs {
		if names, err := fs.Glob(dir, pattern); err == nil && len(names) > 0 {
			return names
		}
	}
	return nil
}
