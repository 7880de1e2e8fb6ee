package lang

import (
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// bind gives each argument of the call to its parameter and converts it. (The stock unpacker can't do it: it
// looks for a mistyped name among the first half of the parameters only, and does not know where an argument
// stands.) Unknown names come before missing ones, because a typing slip causes both.
func (c *Call) bind(args starlark.Tuple, kwargs []starlark.Tuple) error {
	positional := c.Builtin.positional()
	if len(args) > len(positional) {
		return c.tooMany(positional, len(args))
	}
	var unknown Errors
	raw := make(map[string]starlark.Value, len(args)+len(kwargs))
	for i, v := range args {
		raw[positional[i].Name] = v
	}
	for _, kv := range kwargs {
		name := string(kv[0].(starlark.String))
		if _, ok := c.Builtin.param(name); !ok && c.Builtin.Rest != nil {
			v, err := c.Builtin.Rest.Type.Convert(kv[1])
			if err != nil {
				return c.badValue(Param{Name: name}, err)
			}
			c.rest = append(c.rest, Keyword{name, v})
			continue
		} else if !ok {
			unknown = append(unknown, c.unknown(name))
			continue
		}
		if _, twice := raw[name]; twice {
			return WithHint(c.errorAt(c.keywordPos(name), name+" is given twice"), c.Builtin.Signature())
		}
		raw[name] = kv[1]
	}
	if len(unknown) > 0 {
		return unknown.ofOneCall()
	}
	for name := range raw {
		c.given[name] = true
	}
	if err := c.missing(raw); err != nil {
		return err
	}
	return c.convert(raw)
}

// convert fills values. Of several bad arguments all are told.
func (c *Call) convert(raw map[string]starlark.Value) error {
	var bad Errors
	for _, p := range c.Builtin.Params {
		v, given := raw[p.Name]
		if !given {
			continue
		}
		if v == starlark.None && p.Default == starlark.None {
			c.values[p.Name] = v // what the docs show as the default may be written out
			continue
		}
		converted, err := p.Type.Convert(v)
		if err != nil {
			bad = append(bad, c.badValue(p, err))
			continue
		}
		c.values[p.Name] = converted
	}
	return bad.ofOneCall()
}

func (c *Call) badValue(p Param, err error) *Error {
	msg, hint := err.Error(), ""
	if e := (*Error)(nil); errors.As(err, &e) {
		msg, hint = e.Msg, e.Hint
	}
	told := c.errorAt(c.valuePos(p.Name), p.Name+": "+msg)
	told.Hint, told.Err = hint, err
	return told
}

func (c *Call) unknown(name string) *Error {
	e := c.errorAt(c.keywordPos(name), fmt.Sprintf("unexpected parameter %q", name))
	if e.Hint = didYouMean(name, paramNames(c.Builtin.Params)); e.Hint == "" {
		e.Hint = c.Builtin.Signature()
	}
	return e
}

func (c *Call) tooMany(positional []Param, got int) error {
	msg := fmt.Sprintf("takes at most %s without a name (%s), got %d",
		count(len(positional), "value"), strings.Join(paramNames(positional), ", "), got)
	if len(positional) == 0 {
		msg = fmt.Sprintf("takes no values without a name, got %d", got)
	}
	return WithHint(c.errorAt(c.surplusPos(len(positional)), msg), c.Builtin.Signature())
}

func (c *Call) missing(raw map[string]starlark.Value) error {
	var names []string
	for _, p := range c.Builtin.Params {
		if _, given := raw[p.Name]; !given && p.Default == nil {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return WithHint(c.Errorf("missing %s", strings.Join(names, ", ")), c.Builtin.Signature())
}

// count is "1 value", "2 values".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
