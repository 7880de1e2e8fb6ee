package lang

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.starlark.net/starlark"
)

// ParamDecl is a param() that was evaluated.
type ParamDecl struct {
	Name, Doc string
	Default   starlark.Value
	Value     starlark.Value   // what the script got
	Choices   []starlark.Value // nil: any value of the default's type
	From      string           // what set it: "command line", "variant tiny" or a place in a file; "" if nothing did
	Pos       Position         // of the first param() call of this name
}

func paramBuiltin() *Builtin {
	return &Builtin{
		Name:    "param",
		Group:   "Language",
		Doc:     "A value that people who run the script can set. The command line sets it with `name=value`, a variant of the script with `-V name`, a file with `--params file.toml`; the first of these wins that has a value for it, and without one it is the default. The text given on the command line is converted to the type of the default: string, int, bool (true, false, yes, no, 1, 0) or list of string (split at commas).",
		Returns: "the value that was given, otherwise the default",
		Example: "arch = param(\"arch\", \"x86_64\", choices = [\"i386\", \"x86_64\"], doc = \"target CPU\")",
		Params: []Param{
			{Name: "name", Type: TypeFunc("string", paramName), Doc: "The name on the command line: letters, digits, - and _."},
			{Name: "default", Type: Union(StringType, IntType, BoolType, ListOf(StringType)), Doc: "The value if none is given; its type is the type of the param."},
			{Name: "choices", Type: ListType, Default: starlark.None, Doc: "The values allowed; for a list, the items allowed."},
			{Name: "doc", Type: StringType, Default: starlark.String(""), Doc: "One line for people who run the script."},
		},
		Do: declare,
	}
}

var nameOfParam = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

func paramName(v starlark.Value) (starlark.Value, error) {
	v, err := StringType.Convert(v)
	if err == nil && !nameOfParam.MatchString(string(v.(starlark.String))) {
		return nil, fmt.Errorf("%s can't be the name of a param: want letters, digits, - and _", v)
	}
	return v, err
}

// declare runs a call of param.
func declare(c *Call) (starlark.Value, error) {
	d := &ParamDecl{Name: c.Str("name"), Doc: c.Str("doc"), Default: frozen(c.Value("default")), Pos: c.Pos}
	choices, err := choicesOf(c, d.Default)
	if err != nil {
		return nil, err
	}
	d.Choices = choices
	ps := c.run.params
	if before := ps.find(d.Name); before != nil {
		if err := before.sameAs(c, d); err != nil {
			return nil, err
		}
		return thawed(before.Value), nil
	}
	if err := allowed(d.Default, choices); err != nil {
		return nil, WithHint(c.ArgErrorf("default", "default: %v", plain(err)), hintOf(err))
	}
	ps.decls = append(ps.decls, d)
	if err := ps.set(c, d); err != nil {
		return nil, err
	}
	return thawed(d.Value), nil
}

// set gives a param its value: that of the command line, or else of the last variant or file that has one.
func (ps *params) set(c *Call, d *ParamDecl) error {
	d.Value = d.Default
	if text, given := ps.given[d.Name]; given {
		v, err := d.Parse(text)
		if err != nil {
			return WithHint(c.Errorf("%s=%s: %v", d.Name, text, plain(err)), hintOf(err))
		}
		d.Value, d.From = v, "command line"
		return nil
	}
	what, s := ps.setting(d.Name)
	if s == nil {
		return nil
	}
	d.From = strings.TrimSuffix(what, ": ")
	if what == "" {
		d.From = s.Pos.String()
	}
	v, err := s.value(what, d)
	if err != nil {
		return err
	}
	d.Value = v
	return nil
}

// setting finds what gives a param its value, if the command line doesn't. what is whose setting it is, for messages.
func (ps *params) setting(name string) (what string, s *Setting) {
	last := func(list []Setting) *Setting {
		for i := len(list) - 1; i >= 0; i-- {
			if list[i].Name == name {
				return &list[i]
			}
		}
		return nil
	}
	for i := len(ps.inForce) - 1; i >= 0; i-- {
		if s := last(ps.inForce[i].Values); s != nil {
			return "variant " + ps.inForce[i].Name + ": ", s
		}
	}
	return "", last(ps.settings)
}

// Parse converts a text of the command line to the param's type, and checks it against the choices.
func (d *ParamDecl) Parse(text string) (starlark.Value, error) {
	v, err := parse(text, d.Default)
	if err == nil {
		err = allowed(v, d.Choices)
	}
	return v, err
}

// choicesOf returns the choices, which must have the type of the default, or of its items.
func choicesOf(c *Call, def starlark.Value) ([]starlark.Value, error) {
	list, ok := c.Value("choices").(*starlark.List)
	if !ok {
		return nil, nil
	}
	want := def.Type()
	if want == "list" {
		want = "string"
	}
	var choices []starlark.Value
	for v := range starlark.Elements(list) {
		if v.Type() != want {
			return nil, c.ArgErrorf("choices", "choices: want a %s each, as the default is, got %s", want, typeName(v))
		}
		choices = append(choices, v)
	}
	if len(choices) == 0 {
		return nil, c.ArgErrorf("choices", "choices: there is none to choose from")
	}
	return choices, nil
}

// allowed checks v, or each of its items, against the choices.
func allowed(v starlark.Value, choices []starlark.Value) error {
	if choices == nil {
		return nil
	}
	if list, ok := v.(*starlark.List); ok {
		for item := range starlark.Elements(list) {
			if err := allowed(item, choices); err != nil {
				return err
			}
		}
		return nil
	}
	shown, names := make([]string, len(choices)), make([]string, len(choices))
	for i, choice := range choices {
		if same, err := starlark.Equal(choice, v); err == nil && same {
			return nil
		}
		shown[i], names[i] = choice.String(), spelled(choice)
	}
	return &Error{Msg: fmt.Sprintf("want one of %s, got %s", plainList(shown), v), Hint: didYouMean(spelled(v), names)}
}

// spelled is a value as the command line would write it.
func spelled(v starlark.Value) string {
	if s, ok := starlark.AsString(v); ok {
		return s
	}
	return v.String()
}

// parse converts the command line's text to the type of def.
func parse(text string, def starlark.Value) (starlark.Value, error) {
	switch def.(type) {
	case starlark.String:
		return StringType.Convert(starlark.String(text))
	case starlark.Int:
		n, err := strconv.ParseInt(text, 0, 64)
		if err != nil {
			return nil, errors.New("want an int")
		}
		return starlark.MakeInt64(n), nil
	case starlark.Bool:
		switch strings.ToLower(text) {
		case "true", "yes", "1":
			return starlark.True, nil
		case "false", "no", "0":
			return starlark.False, nil
		}
		return nil, errors.New("want true or false")
	}
	var items []starlark.Value
	for _, item := range strings.Split(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, starlark.String(item))
		}
	}
	return frozen(starlark.NewList(items)), nil
}

// sameAs checks a second declaration against the first: a param has one meaning in all files of a script.
func (d *ParamDecl) sameAs(c *Call, again *ParamDecl) error {
	what := ""
	if same, err := starlark.Equal(d.Default, again.Default); err != nil || !same {
		what = fmt.Sprintf("default %s here, %s", again.Default, d.Default)
	} else if !sameValues(d.Choices, again.Choices) {
		what = "other choices here than"
	}
	if what == "" {
		return nil
	}
	return WithHint(c.Errorf("%s is declared twice, with %s at %s", d.Name, what, d.Pos),
		"declare it once and load its value from there, or make both the same")
}

func sameValues(a, b []starlark.Value) bool {
	same, err := starlark.Equal(starlark.Tuple(a), starlark.Tuple(b))
	return err == nil && same
}

// frozen makes v unchangeable, so that what the declaration tells stays what it was.
func frozen(v starlark.Value) starlark.Value {
	v.Freeze()
	return v
}

// thawed gives the script a list of its own, which it may append to.
func thawed(v starlark.Value) starlark.Value {
	if list, ok := v.(*starlark.List); ok {
		return starlark.NewList(append([]starlark.Value(nil), elements(list)...))
	}
	return v
}

func elements(list *starlark.List) []starlark.Value {
	var vs []starlark.Value
	for v := range starlark.Elements(list) {
		vs = append(vs, v)
	}
	return vs
}

// plain is err's message alone, without a rendering around it; hintOf is its hint.
func plain(err error) string {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Msg
	}
	return err.Error()
}

func hintOf(err error) string {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Hint
	}
	return ""
}
