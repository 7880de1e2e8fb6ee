package lang

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.starlark.net/starlark"
)

// Param is one parameter of a builtin. (In the description of a script's function the name may be *args too, and the type is
// nil unless the script says it.)
type Param struct {
	Name string
	Type Type
	// Default is the value of a parameter that is not given; nil makes the parameter required. It is shared by all
	// calls and handed out as it is, unconverted, so nobody may change it. If it is None, the script may also
	// write None.
	Default starlark.Value
	Doc     string // one or two sentences, with the unit
	Named   bool   // only by keyword
}

// Builtin is one word of the vocabulary. The record feeds the unpacking of calls, help(), the reference page and
// the errors, so that they can't disagree.
type Builtin struct {
	Name    string
	Doc     string // what it does, in whole sentences
	Returns string // what its value is, and its attributes
	Example string // a few lines of script
	Group   string // the heading it stands under in the reference
	Params  []Param
	// Rest describes what keywords may be given that no Param has; nil if there is no such thing. Name stands for all of
	// them in the docs, and a call has them as [Call.Rest].
	Rest *Param
	// Result is the type of what a script's function returns, nil if it doesn't say.
	Result Type
	// Typed puts types into the signature, as a script's function has them.
	Typed bool
	// Do runs a call whose arguments are bound and converted. A plain error is given the place of the call; a nil
	// value is None.
	Do func(*Call) (starlark.Value, error)

	live bool // may be called by the functions of [Program.Call]
}

// Signature is the call as the docs show it: kernel(version, config = None, *, initramfs = None).
func (b *Builtin) Signature() string {
	text, _ := b.signature()
	return text
}

// Part is where a parameter stands in a signature, in characters.
type Part struct {
	Param      Param
	Start, End int
}

// Parts is where the parameters stand in the signature, those first that need no name.
func (b *Builtin) Parts() []Part {
	_, parts := b.signature()
	return parts
}

func (b *Builtin) signature() (text string, parts []Part) {
	text = b.Name + "("
	add := func(s string) {
		if !strings.HasSuffix(text, "(") {
			text += ", "
		}
		text += s
	}
	addParam := func(p Param) {
		one := p.signature(b.Typed)
		add(one)
		end := utf8.RuneCountInString(text)
		parts = append(parts, Part{p, end - utf8.RuneCountInString(one), end})
	}
	positional := b.positional()
	for _, p := range positional {
		addParam(p)
	}
	if len(positional) < len(b.Params) && !slices.ContainsFunc(positional, Param.rest) {
		add("*")
	}
	for _, p := range b.Params {
		if p.Named {
			addParam(p)
		}
	}
	if b.Rest != nil {
		add("**" + b.Rest.signature(b.Typed))
	}
	text += ")"
	if b.Result != nil {
		text += " -> " + b.Result.String()
	}
	return text, parts
}

func (p Param) signature(typed bool) string {
	text := p.Name
	if typed {
		text = p.typed()
	}
	if p.Default != nil {
		text += " = " + p.Default.String()
	}
	return text
}

// rest reports whether p is *args, which takes what no other parameter does.
func (p Param) rest() bool { return strings.HasPrefix(p.Name, "*") }

// positional is the parameters that may be given without their names, in order.
func (b *Builtin) positional() []Param {
	var ps []Param
	for _, p := range b.Params {
		if !p.Named {
			ps = append(ps, p)
		}
	}
	return ps
}

func (b *Builtin) param(name string) (Param, bool) {
	for _, p := range b.Params {
		if p.Name == name {
			return p, true
		}
	}
	return Param{}, false
}

func paramNames(ps []Param) []string {
	names := make([]string, len(ps))
	for i, p := range ps {
		names[i] = p.Name
	}
	return names
}

// callable is the Starlark value that the builtin's name stands for in scripts.
func (r *run) callable(b *Builtin) *starlark.Builtin {
	return starlark.NewBuiltin(b.Name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		c := r.newCall(thread, b)
		if err := c.fixed(thread); err != nil {
			return nil, err
		}
		if err := c.bind(args, kwargs); err != nil {
			return nil, err
		}
		v, err := b.Do(c)
		if err != nil {
			return nil, c.placed(err)
		}
		if v == nil {
			v = starlark.None
		}
		return v, nil
	})
}
