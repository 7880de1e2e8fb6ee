package lang

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.starlark.net/starlark"
)

// VariantDecl is a variant() that was evaluated: a name for some values of params.
type VariantDecl struct {
	Name, Doc string
	Values    []Setting // in the order of the call
	Pos       Position
}

func variantBuiltin() *Builtin {
	return &Builtin{
		Name:  "variant",
		Group: "Language",
		Doc: "Names a set of values for the script's params. `-V name` on the command line puts it in force: the values take the place of the defaults. " +
			"Given several times, a later -V wins over an earlier one where both set the same param, and a `name=value` wins over all of them. " +
			"It stands at the top level of the script that is run, before or after the params that it sets.",
		Returns: "None",
		Example: "debug = param(\"debug\", True, doc = \"keep symbols\")\n" +
			"fs = param(\"filesystems\", [\"ext4\"], choices = [\"ext4\", \"btrfs\"])\n" +
			"variant(\"tiny\", debug = False, filesystems = [], doc = \"as small as it gets\")",
		Params: []Param{
			{Name: "name", Type: TypeFunc("string", setName), Doc: "The name after -V: letters, digits, -, _ and dots."},
			{Name: "doc", Type: StringType, Default: starlark.String(""), Doc: "One line for people who run the script.", Named: true},
		},
		Rest: &Param{Name: "values", Type: AnyType, Doc: "A value for each param that the variant sets, of that param's type. (A name with a dash is written `**{\"a-b\": 1}`; params called name or doc can't be set.)"},
		Do:   declareVariant,
	}
}

var nameOfSet = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// setName is the name of a variant or a matrix. It has no comma, no = and no blank, since the command line and file
// names use them around it.
func setName(v starlark.Value) (starlark.Value, error) {
	v, err := StringType.Convert(v)
	if err == nil && !nameOfSet.MatchString(string(v.(starlark.String))) {
		return nil, fmt.Errorf("%s can't be a name here: want letters, digits, -, _ and dots", v)
	}
	return v, err
}

// declareVariant runs a call of variant. Whether the values fit is looked at when the script has ended: a param may
// stand after the variants that set it.
func declareVariant(c *Call) (starlark.Value, error) {
	if err := c.atTop(); err != nil {
		return nil, err
	}
	d := &VariantDecl{Name: c.Str("name"), Doc: c.Str("doc"), Pos: c.Pos}
	ps := c.run.params
	if err := ps.free(c, d.Name); err != nil {
		return nil, err
	}
	for _, kv := range c.rest {
		pos := c.keywordPos(kv.Name)
		d.Values = append(d.Values, Setting{kv.Name, frozen(kv.Value), pos, c.valuePos(kv.Name), c.run.sourceAt(pos)})
	}
	for _, v := range ps.inForce {
		if v.Name == d.Name && !sameSettings(v.Values, d.Values) {
			return nil, WithHint(c.Errorf("%s sets other values once it is in force itself", d.Name),
				"the values of a variant must not depend on the params that it sets")
		}
	}
	ps.variants = append(ps.variants, d)
	if ps.seeking && ps.foundAll(c.run.opts.Variants) {
		c.run.thread.Cancel("the variants are known")
	}
	return starlark.None, nil
}

// atTop refuses a call in a function or in a loaded file: what the command line offers should be seen on the page that
// is run.
func (c *Call) atTop() error {
	if entry := c.run.loading[0]; c.site != entry {
		return WithHint(c.Errorf("this stands in a file that another one loads, and belongs into %s", entry.name),
			"a loaded file can offer a dict of values, for variant(…, **values)")
	}
	if len(c.stack) > 0 {
		return WithHint(c.Errorf("this stands inside of a function, and belongs to the top level of the script"), "")
	}
	return nil
}

// force looks up the variants that should be in force. The script must be evaluated for that, without any of them and
// as far as the last of them. The params that stand before it have other values once they are in force, and so the
// evaluation begins anew afterwards.
func (r *run) force(src []byte) error {
	names := r.opts.Variants
	if len(names) == 0 {
		return nil
	}
	opts := r.opts
	opts.Print = nil
	first, err := newRun(r.ctx, r.entryName, opts)
	if err != nil {
		return err
	}
	first.params.seeking = true
	stop := context.AfterFunc(r.ctx, func() { first.thread.Cancel("context") })
	defer stop()
	mod, err := first.evaluate(r.entry(), src)
	found := first.params
	if !found.foundAll(names) {
		r.params, r.loaded = found, first.loaded // what was declared is told all the same
		return first.notFound(names, mod, err)
	}
	for _, name := range names {
		r.params.inForce = append(r.params.inForce, found.variant(name))
	}
	return nil
}

// foundAll reports whether the variants that are looked for have been declared.
func (ps *params) foundAll(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return ps.variant(name) == nil })
}

// notFound tells why variants are not there: the script has none of that name, or it failed before it came to them.
func (r *run) notFound(names []string, mod *module, err error) error {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return r.params.variant(name) != nil })
	if err == nil {
		var es Errors
		for _, name := range names {
			es = append(es, r.params.unknownVariant(name, &Error{Pos: Position{File: r.entryName}}))
		}
		return es.inOrder()
	}
	err = r.explain(err)
	if e := (*Error)(nil); mod != nil && errors.As(err, &e) {
		e.Hint = strings.TrimSpace(e.Hint + fmt.Sprintf("\n(variant %s is not known before the script has come past this; variants stand best right after the params)", plainList(names)))
	}
	return err
}
