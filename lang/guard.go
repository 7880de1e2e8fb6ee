package lang

import (
	"errors"
	"fmt"

	"go.starlark.net/lib/json"
	"go.starlark.net/lib/math"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// One call of these can take all memory, the whole stack or hours, and neither the step limit nor a cancellation
// interrupts it. The limits are far above what a script has use for.
const (
	maxRange     = 1_000_000 // items
	maxIntText   = 10_000    // digits
	maxJSONDepth = 1_000     // nested lists and objects
)

// guarded is the names that every script has besides Starlark's own, and Starlark's own that had to be bounded.
func guarded() starlark.StringDict {
	return starlark.StringDict{
		"json":   boundedJSON(),
		"math":   math.Module,
		"struct": starlark.NewBuiltin("struct", starlarkstruct.Make),
		"range":  wrap("range", starlark.Universe["range"], nil, shortRange),
		"int":    wrap("int", starlark.Universe["int"], shortInt, nil),
	}
}

// wrap calls fn with a look at its first argument before or at its result after.
func wrap(name string, fn starlark.Value, before, after func(starlark.Value) error) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if before != nil {
			for _, v := range args {
				if err := before(v); err != nil {
					return nil, err
				}
			}
			for _, kv := range kwargs {
				if err := before(kv[1]); err != nil {
					return nil, err
				}
			}
		}
		v, err := starlark.Call(thread, fn, args, kwargs)
		if err == nil && after != nil {
			err = after(v)
		}
		return v, err
	})
}

func shortRange(v starlark.Value) error {
	if n := starlark.Len(v); n > maxRange {
		return fmt.Errorf("range: %d items are too many, the limit is %d", n, maxRange)
	}
	return nil
}

func shortInt(v starlark.Value) error {
	if s, ok := starlark.AsString(v); ok && len(s) > maxIntText {
		return fmt.Errorf("int: %d digits are too many, the limit is %d", len(s), maxIntText)
	}
	return nil
}

func boundedJSON() *starlarkstruct.Module {
	members := make(starlark.StringDict)
	for name, v := range json.Module.Members {
		members[name] = v
	}
	members["decode"] = wrap("json.decode", json.Module.Members["decode"], shallowJSON, nil)
	members["indent"] = wrap("json.indent", json.Module.Members["indent"], shallowJSON, nil)
	return &starlarkstruct.Module{Name: "json", Members: members}
}

// shallowJSON counts brackets outside of strings; whether the text is JSON at all is the decoder's business.
func shallowJSON(v starlark.Value) error {
	s, ok := starlark.AsString(v)
	if !ok {
		return nil
	}
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			if depth++; depth > maxJSONDepth {
				return errors.New("json.decode: the text nests too deep")
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return nil
}
