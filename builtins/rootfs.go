package builtins

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"mini/build"
	"mini/build/step"
	"mini/internal/rootfs"
	"mini/lang"

	"go.starlark.net/starlark"
)

// Rootfs is a root filesystem: a list of entries, and the content of its files.
type Rootfs struct {
	thing
	node *build.Node
	def  *Initramfs // what `mini build` makes of it: an initramfs, packed with gzip

	at      string   // the call's place, and those that led there
	paths   []string // that were given one by one, and
	origins []string // where
}

// Outputs implements Target.
func (r *Rootfs) Outputs() []Output { return r.def.Outputs() }

// List is the artifact that lists the entries.
func (r *Rootfs) List() *build.Artifact { return &build.Artifact{Node: r.node, Output: "root.list"} }

// Content is the artifact that holds the files' bytes, each under its SHA-256.
func (r *Rootfs) Content() *build.Artifact { return &build.Artifact{Node: r.node, Output: "content"} }

func (s *Session) rootfs() *lang.Builtin {
	return &lang.Builtin{
		Name: "rootfs", Group: "Root filesystem", Returns: "rootfs",
		Doc: "A root filesystem, put together from trees and single entries. It is a list, not a folder: owners and devices need no root. The same path twice with different content is an error.",
		Params: []lang.Param{
			{Name: "files", Type: lang.AnyType, Doc: "A tree such as `busybox(…)`, a dict, or a list of them. A dict maps an absolute path to a text, to `file(…)`, `symlink(…)`, `device(…)`, `directory(…)`, or to an artifact (a single file keeps its x bit; a tree is laid out below the path)."},
			{Name: "libs", Type: lang.AnyType, Default: starlark.None, Doc: "Shared libraries, as `elf_deps(…)` finds them; or a list of such."},
		},
		Example: `rootfs(files = [bb, {"/init": file("init", mode = 0o755)}], libs = elf_deps(bb))`,
		Do: func(c *lang.Call) (starlark.Value, error) {
			spec := &specBuilder{call: c}
			if err := spec.layer("files", "", c.Value("files")); err != nil {
				return nil, err
			}
			if c.Given("libs") && c.Value("libs") != starlark.None {
				if err := spec.layer("libs", "", c.Value("libs")); err != nil {
					return nil, err
				}
			}
			return s.newRootfs(c, spec), nil
		},
	}
}

func (s *Session) newRootfs(c *lang.Call, spec *specBuilder) *Rootfs {
	n := &build.Node{
		Name: "rootfs", Title: "rootfs: list", Pos: c.Pos.String(),
		Inputs:  append([]build.Input{{Path: "rootfs.spec", Data: rootfs.FormatSpec(spec.directives)}}, spec.inputs...),
		Steps:   []string{step.Line("rootfs", "rootfs.spec", "root.list", "content")},
		Outputs: []string{"root.list", "content"},
		Origins: spec.origins,
	}
	r := &Rootfs{thing: thing{"rootfs", "rootfs"}, node: n, at: originOf(c)}
	for i, d := range spec.directives {
		if d.Kind != rootfs.TreeKind {
			r.paths, r.origins = append(r.paths, d.Path), append(r.origins, spec.origins[i])
		}
	}
	r.def = s.newInitramfs(c, r, "gzip", "/init")
	return r
}

// specBuilder turns the layers of a rootfs call into directives and the inputs that they read.
type specBuilder struct {
	call       *lang.Call
	directives []rootfs.Directive
	origins    []string
	inputs     []build.Input
}

func (b *specBuilder) add(d rootfs.Directive, origin string) {
	b.directives = append(b.directives, d)
	b.origins = append(b.origins, origin)
}

// input lays something into the action's root and returns its path there.
func (b *specBuilder) input(in build.Input) string {
	in.Path = fmt.Sprintf("in/%d", len(b.inputs))
	b.inputs = append(b.inputs, in)
	return in.Path
}

// layer adds a tree, a dict, or a list of them. index says which element of the argument it is, such as [1].
func (b *specBuilder) layer(param, index string, v starlark.Value) error {
	switch v := v.(type) {
	case *Tree:
		b.tree(v, "/", b.origin(param, index))
		return nil
	case *starlark.Dict:
		for _, item := range sortedItems(v) {
			if err := b.entry(param, b.origin(param, index), item[0], item[1]); err != nil {
				return err
			}
		}
		return nil
	case *starlark.List:
		for i := range v.Len() {
			if err := b.layer(param, fmt.Sprintf("%s[%d]", index, i), v.Index(i)); err != nil {
				return err
			}
		}
		return nil
	}
	return b.call.ArgErrorf(param, "rootfs: %s takes trees, dicts, or a list of them; it got %s", param+index, v.Type())
}

// sortedItems are a dict's entries by their keys: a dict that is written in another order is the same root filesystem, and
// the same key.
func sortedItems(d *starlark.Dict) []starlark.Tuple {
	return slices.SortedStableFunc(slices.Values(d.Items()), func(a, b starlark.Tuple) int {
		x, _ := starlark.AsString(a[0])
		y, _ := starlark.AsString(b[0])
		return strings.Compare(x, y)
	})
}

// origin says where a layer was given: the argument's place, and which element of it if there are several.
func (b *specBuilder) origin(param, index string) string {
	at := b.call.ArgPos(param).String()
	if index != "" {
		at += " (" + param + index + ")"
	}
	return at
}

func (b *specBuilder) tree(t *Tree, at, origin string) {
	b.add(rootfs.Directive{Kind: rootfs.TreeKind, Path: at, Host: b.input(build.Input{Label: at, From: t.artifact})}, t.name+" at "+origin)
}

func (b *specBuilder) entry(param, origin string, key, value starlark.Value) error {
	p, ok := starlark.AsString(key)
	if !ok || !strings.HasPrefix(p, "/") || strings.ContainsRune(p, 0) {
		return lang.WithHint(b.call.KeyErrorf(param, p, "rootfs: %s is not a path in the image", key), `paths begin with a slash: "/etc/motd"`)
	}
	written := p
	p = path.Clean(p)
	d := rootfs.Directive{Kind: rootfs.FileKind, Path: p}
	switch v := value.(type) {
	case starlark.String:
		text, err := lang.StringType.Convert(v)
		if err != nil {
			return b.call.ItemErrorf(param, written, "rootfs: %s: %v", p, err)
		}
		d.Host, d.Mode = b.input(build.Input{Label: p, Data: []byte(text.(starlark.String))}), 0o644
	case starlark.Bytes:
		d.Host, d.Mode = b.input(build.Input{Label: p, Data: []byte(v)}), 0o644
	case *Entry:
		d, origin = v.directive, v.pos
		d.Path = p
		if d.Kind == rootfs.FileKind {
			in := v.input()
			in.Label = p
			d.Host = b.input(in)
		}
	case *File:
		// The x bit of what a build made is part of it, and stays.
		d.Host, d.Mode = b.input(build.Input{Label: p, From: v.artifact}), rootfs.KeepMode
	case *Tree:
		b.tree(v, p, origin)
		return nil
	default:
		return b.call.ItemErrorf(param, written, "rootfs: %s: want a text, file(…), symlink(…), device(…), directory(…) or an artifact, got %s", p, value.Type())
	}
	b.add(d, origin)
	return nil
}

func (e *Entry) input() build.Input {
	if e.from != nil {
		return build.Input{From: e.from.artifact}
	}
	if e.host != "" {
		return build.Input{Host: e.host}
	}
	return build.Input{Data: e.data}
}
