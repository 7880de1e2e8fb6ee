package builtins

import (
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"

	"mini/build"
	"mini/internal/arch"
	"mini/lang"

	"go.starlark.net/starlark"
)

// Target is a value that `mini build` can make: every artifact of the script.
type Target interface {
	starlark.Value
	// Outputs are the files and trees that end up in the output directory, each with the ending of its name.
	Outputs() []Output
}

// Output is one file or tree of a target.
type Output struct {
	Suffix   string // ".bzImage"; "" for a tree
	Artifact *build.Artifact
}

// thing is what all artifacts have in common: they can't change, be hashed, be compared with text or be mistaken for it.
type thing struct {
	kind string // the Starlark type
	name string // what messages call it
}

func (t *thing) String() string        { return lang.Mark(t.name) }
func (t *thing) Type() string          { return t.kind }
func (t *thing) Freeze()               {}
func (t *thing) Truth() starlark.Bool  { return true }
func (t *thing) Hash() (uint32, error) { return 0, fmt.Errorf("%s can't be the key of a dict", t.kind) }

// File is one file that a build makes.
type File struct {
	thing
	artifact *build.Artifact
	suffix   string
}

// Outputs implements Target.
func (f *File) Outputs() []Output { return []Output{{f.suffix, f.artifact}} }

// Artifact says which file of which node it is.
func (f *File) Artifact() *build.Artifact { return f.artifact }

// NewFile makes a value of a file that a node makes, for builtins of other programs: all that takes a file takes it. name is
// what messages call it, suffix the ending of its name below mini build -o, such as ".txt".
func NewFile(name, suffix string, a *build.Artifact) *File { return newFile(name, suffix, a) }

// NewTree is the same for a directory that a node makes.
func NewTree(name string, a *build.Artifact) *Tree {
	return &Tree{thing: thing{"tree", name}, artifact: a}
}

// Roots are the nodes that make a program's targets, or only those of the names, in the order of the script.
func Roots(p *lang.Program, names ...string) []*build.Node {
	var roots []*build.Node
	for _, t := range p.Targets {
		v, ok := t.Value.(Target)
		if !ok || len(names) > 0 && !slices.Contains(names, t.Name) {
			continue
		}
		for _, o := range v.Outputs() {
			if !slices.Contains(roots, o.Artifact.Node) {
				roots = append(roots, o.Artifact.Node)
			}
		}
	}
	return roots
}

func newFile(name, suffix string, a *build.Artifact) *File {
	return &File{thing{"file", name}, a, suffix}
}

// Tree is a directory that a build makes; tree["/bin/sh"] is one file of it.
type Tree struct {
	thing
	artifact *build.Artifact
	attrs    starlark.StringDict
	extra    []Output

	id   string     // what an input path calls it
	arch *arch.Arch // nil: for any, or nobody knows
	deps []*Tree    // what it was built with

	configuration *Configuration // nil for most
}

var (
	_ starlark.Mapping  = (*Tree)(nil)
	_ starlark.HasAttrs = (*Tree)(nil)
)

// Outputs implements Target.
func (t *Tree) Outputs() []Output { return append([]Output{{"", t.artifact}}, t.extra...) }

// Get implements starlark.Mapping: tree[path].
func (t *Tree) Get(k starlark.Value) (starlark.Value, bool, error) {
	p, err := pathKey(t.kind, k)
	if err != nil {
		return nil, false, err
	}
	return newFile(fmt.Sprintf("%s[%q]", t.name, p), path.Ext(p),
		&build.Artifact{Node: t.artifact.Node, Output: t.artifact.Output, Sub: strings.TrimPrefix(p, "/")}), true, nil
}

// Attr implements starlark.HasAttrs.
func (t *Tree) Attr(name string) (starlark.Value, error) { return t.attrs[name], nil }

// AttrNames implements starlark.HasAttrs.
func (t *Tree) AttrNames() []string { return sortedNames(t.attrs) }

func pathKey(kind string, k starlark.Value) (string, error) {
	p, ok := starlark.AsString(k)
	if !ok || !strings.HasPrefix(p, "/") || path.Clean(p) != p || p == "/" {
		return "", fmt.Errorf(`%s[…] takes the path of a file in it, such as "/bin/sh", not %s`, kind, k)
	}
	return p, nil
}

func sortedNames(d starlark.StringDict) []string {
	names := d.Keys()
	sort.Strings(names)
	return names
}

// artifactType accepts one file that a build makes.
var artifactType = lang.TypeFunc("file", func(v starlark.Value) (starlark.Value, error) {
	if f, ok := v.(*File); ok {
		return f, nil
	}
	return nil, fmt.Errorf("want a file that a build makes, got %s", v.Type())
})
