package kconf

import "fmt"

// A Tree is what the Kconfig files of a source say. It does not change once it is parsed.
type Tree struct {
	Style    Style
	Title    string    // of the mainmenu
	Symbols  []*Symbol // those that a config or menuconfig defines, in the order of their first mention
	Files    []string  // all that were read, in that order
	Warnings []string  // what conf would have warned about, each with its place

	root    *Entry
	all     []*Symbol // every symbol, also constants, choices and those that nothing defines, by index
	named   map[string]*Symbol
	consts  map[string]*Symbol
	modules *Symbol // the symbol that allows m, or n
	entries []*Entry
	yes     *Symbol
	mod     *Symbol
	no      *Symbol
}

// A Style is a generation of the language's rules.
type Style uint8

const (
	// Choices is Linux since 6.11: a choice is a plain set of members, of which exactly one is y.
	Choices Style = iota
	// ChoiceSymbols is Linux before that: a choice is a hidden symbol with a value of its own.
	ChoiceSymbols
	// Old is the Kconfig of 2006 that BusyBox carries: no macros, no implies, and a default may exceed its dependencies.
	Old
)

// A Pos is a line of a Kconfig file.
type Pos struct {
	File string // as the source statement named it, relative to the source's top
	Line int    // from 1
}

func (p Pos) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// A Type is what values a symbol can have.
type Type uint8

// Unknown is the type of a symbol that is only mentioned, never defined: its value is its name, which is n to a condition.
const (
	Unknown Type = iota
	Bool
	Tristate
	Int
	Hex
	String
)

func (t Type) String() string {
	return [...]string{"unknown", "bool", "tristate", "int", "hex", "string"}[t]
}

// logical reports whether values are y, m and n.
func (t Type) logical() bool { return t == Bool || t == Tristate }

// A Symbol is a name that has a value.
type Symbol struct {
	Name    string // without CONFIG_; empty for a choice
	Type    Type
	Entries []*Entry // where it is defined; none for a constant or a name that nothing defines
	Props   []*Prop  // all of its properties, of all entries, in their order

	index        int
	constant     bool
	macro        bool // stands for the answer of a shell, which is not known
	choice       bool
	optional     bool // of a choice: no member need be chosen
	transitional bool // only there to be read from an older .config
	selects      []*Prop
	implies      []*Prop
	of           *Entry   // the choice that it is a member of
	members      []*Entry // of a choice
}

// Defined reports whether a config or menuconfig statement defines the symbol.
func (s *Symbol) Defined() bool { return len(s.Entries) > 0 && !s.choice }

// Choice is the choice that the symbol is a member of, or nil.
func (s *Symbol) Choice() *Entry { return s.of }

// SelectedBy lists the select properties that name the symbol.
func (s *Symbol) SelectedBy() []*Prop { return s.selects }

// ImpliedBy lists the imply properties that name the symbol.
func (s *Symbol) ImpliedBy() []*Prop { return s.implies }

// Prompts reports whether a person can set the symbol anywhere, if what it depends on is on.
func (s *Symbol) Prompts() bool { return s.prop(Prompt) != nil }

// Help is the first help text, or "".
func (s *Symbol) Help() string {
	for _, e := range s.Entries {
		if e.Help != "" {
			return e.Help
		}
	}
	return ""
}

// Title is the first prompt's text, or "".
func (s *Symbol) Title() string {
	if p := s.prop(Prompt); p != nil {
		return p.Text
	}
	return ""
}

func (s *Symbol) prop(kind PropKind) *Prop {
	for _, p := range s.Props {
		if p.Kind == kind {
			return p
		}
	}
	return nil
}

func (s *Symbol) isConst(name string) bool { return s.constant && s.Name == name }

// A PropKind is what a property says of its symbol.
type PropKind uint8

// The kinds of properties.
const (
	Prompt PropKind = iota
	Default
	Select
	Imply
	Range
)

// A Prop is one property of a symbol.
type Prop struct {
	Kind  PropKind
	Text  string  // of a prompt
	Value *Expr   // of a default
	To    *Symbol // what a select or imply names
	Low   *Symbol // of a range
	High  *Symbol
	If    *Expr // its own condition, or nil
	Entry *Entry
	Pos   Pos

	unless []*Expr // the "visible if" of the menus around a prompt
}

// An EntryKind is the statement that made an entry.
type EntryKind uint8

// The kinds of entries.
const (
	MenuEntry EntryKind = iota
	ConfigEntry
	MenuconfigEntry
	ChoiceEntry
	CommentEntry
	IfEntry
)

// An Entry is one statement of the tree of menus.
type Entry struct {
	Kind     EntryKind
	Symbol   *Symbol // of config, menuconfig and choice
	Text     string  // of a menu, a comment or a choice
	Depends  []Cond
	Visible  []Cond // of a menu: "visible if"
	Parent   *Entry
	Children []*Entry
	Help     string
	Pos      Pos

	index int
}

// A Cond is a condition and where it stands.
type Cond struct {
	Expr *Expr
	Pos  Pos
}

// Lookup finds a defined symbol by its name, without CONFIG_.
func (t *Tree) Lookup(name string) *Symbol {
	if s := t.named[name]; s != nil && s.Defined() {
		return s
	}
	return nil
}

// Root is the entry that all others are below.
func (t *Tree) Root() *Entry { return t.root }

// Modules is the symbol that allows m, or nil where there are no modules.
func (t *Tree) Modules() *Symbol {
	if t.modules == t.no {
		return nil
	}
	return t.modules
}

// symbol finds or makes a symbol. y, m and n are constants however they are written.
func (t *Tree) symbol(name string, constant bool) *Symbol {
	switch name {
	case "y":
		return t.yes
	case "m":
		return t.mod
	case "n":
		return t.no
	}
	table := t.named
	if constant {
		table = t.consts
	}
	s := table[name]
	if s == nil {
		s = t.add(&Symbol{Name: name, constant: constant})
		table[name] = s
	}
	return s
}

func (t *Tree) add(s *Symbol) *Symbol {
	s.index = len(t.all)
	t.all = append(t.all, s)
	return s
}

func newTree(style Style) *Tree {
	t := &Tree{Style: style, named: make(map[string]*Symbol), consts: make(map[string]*Symbol)}
	t.yes = t.add(&Symbol{Name: "y", Type: Tristate, constant: true})
	t.mod = t.add(&Symbol{Name: "m", Type: Tristate, constant: true})
	t.no = t.add(&Symbol{Name: "n", Type: Tristate, constant: true})
	t.modules = t.no
	t.root = &Entry{Kind: MenuEntry}
	t.entries = append(t.entries, t.root)
	return t
}
