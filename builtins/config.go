package builtins

import (
	"fmt"
	"os"
	"path/filepath"

	"mini/build"
	"mini/internal/kconfig"
	"mini/lang"

	"go.starlark.net/starlark"
)

// wrongType is the error of a type that names what it wants.
func wrongType(want string, v starlark.Value) error {
	return fmt.Errorf("want %s, got %s", want, v.Type())
}

func configParam(program string) lang.Param {
	return lang.Param{
		Name: "config", Type: lang.AnyType, Default: starlark.NewDict(0), Named: true,
		Doc: "What " + program + "'s configuration must say on top of `base`: a dict from symbol (with or without CONFIG_) to True, False, \"m\", an int or a string; the path of a fragment file; or a list of them, where later ones win. What did not take is an error; None as a value accepts whatever make chose.",
	}
}

func baseParam(def, doc string) lang.Param {
	return lang.Param{Name: "base", Type: lang.StringType, Default: starlark.String(def), Named: true, Doc: doc}
}

// request reads the config argument.
func request(c *lang.Call) (kconfig.Request, error) {
	var all kconfig.Request
	err := eachOf(c.Value("config"), func(v starlark.Value) error {
		layer, err := requestLayer(c, v)
		all = all.Merge(layer)
		return err
	})
	return all, err
}

func requestLayer(c *lang.Call, v starlark.Value) (kconfig.Request, error) {
	switch v := v.(type) {
	case *starlark.Dict:
		return requestDict(c, v)
	case starlark.String:
		return fragment(c, string(v))
	case *Entry:
		if v.data != nil {
			return parseFragment(c, "text", v.data)
		}
		if v.host == "" {
			break
		}
		text, err := os.ReadFile(v.host)
		if err != nil {
			return nil, c.ArgErrorf("config", "%s: %v", c.Builtin.Name, err)
		}
		return parseFragment(c, filepath.Base(v.host), text)
	}
	return nil, c.ArgErrorf("config", "%s: config takes a dict, the path of a fragment file, or a list of them; it got %s", c.Builtin.Name, v.Type())
}

func fragment(c *lang.Call, name string) (kconfig.Request, error) {
	text, err := c.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return parseFragment(c, name, text)
}

func parseFragment(c *lang.Call, name string, text []byte) (kconfig.Request, error) {
	r, err := kconfig.ParseFragment(name, text)
	if err != nil {
		return nil, c.ArgErrorf("config", "%s: %v", c.Builtin.Name, err)
	}
	return r, nil
}

func requestDict(c *lang.Call, d *starlark.Dict) (kconfig.Request, error) {
	var r kconfig.Request
	at := c.ArgPos("config").String()
	for _, item := range d.Items() {
		key, ok := starlark.AsString(item[0])
		if !ok {
			return nil, c.ArgErrorf("config", "%s: config: a symbol is a string, not %s", c.Builtin.Name, item[0])
		}
		symbol, err := kconfig.NormalizeSymbol(key)
		if err != nil {
			return nil, c.KeyErrorf("config", key, "%s: config: %v", c.Builtin.Name, err)
		}
		s := kconfig.Setting{Symbol: symbol, Origin: at}
		if item[1] == starlark.None {
			s.Accept = true
		} else if s.Value, err = configValue(item[1]); err != nil {
			return nil, c.ItemErrorf("config", key, "%s: config: %s: %v", c.Builtin.Name, symbol, err)
		}
		r = r.Merge(kconfig.Request{s})
	}
	return r, nil
}

func configValue(v starlark.Value) (kconfig.Value, error) {
	switch v := v.(type) {
	case starlark.Bool:
		return kconfig.Bool(bool(v)), nil
	case starlark.Int:
		n, ok := v.Int64()
		if !ok {
			return kconfig.Value{}, fmt.Errorf("%s is too large for a configuration", v)
		}
		return kconfig.Int(n), nil
	case starlark.String:
		text, err := lang.StringType.Convert(v)
		if err != nil {
			return kconfig.Value{}, err
		}
		value := kconfig.Scalar(string(text.(starlark.String)))
		return value, value.Valid()
	}
	return kconfig.Value{}, wrongType(`True, False, "m", an int, a string, or None`, v)
}

// configNodes are the two nodes before a compilation: one lets the source's own make compute a configuration, the
// other refuses it if it isn't what the script asked for.
type configNodes struct {
	tree   *build.Artifact // the configured build directory
	config *build.Artifact // the final configuration
	check  *build.Node
	source *unpacked
}

// Configuration is a program's configuration: what was asked for, and where it lies before it is checked.
type Configuration struct {
	Build  *build.Artifact // the configured build directory, which has the .config and what Kconfig files are generated
	Source *build.Artifact
	Base   string          // as the script has it
	Asked  kconfig.Request // by the script's config
	Call   lang.Position   // of the call that asked for it
	// Menu is the source's own menu on this configuration. Its only output is what was chosen; it needs a terminal, as
	// build.Run.AtTerminal has. The machine's compiler is asked who it is.
	Menu func() *build.Node
	// With is what the call would make if its config said more, or something else.
	With func(more kconfig.Request) (*Configuration, error)
}

// Configured is a target that may have a configuration.
type Configured interface {
	Target
	Configuration() *Configuration // nil if it has none
}

var (
	_ Configured = (*Kernel)(nil)
	_ Configured = (*Tree)(nil)
)

// Configuration implements Configured.
func (k *Kernel) Configuration() *Configuration { return k.configuration }

// Configuration implements Configured.
func (t *Tree) Configuration() *Configuration { return t.configuration }
