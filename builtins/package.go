package builtins

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mini/build"
	"mini/internal/arch"
	"mini/internal/licence"
	"mini/lang"

	"go.starlark.net/starlark"
)

func (s *Session) pkg() *lang.Builtin {
	return &lang.Builtin{
		Name: "package", Group: "Programs", Returns: "tree",
		Doc: "Any program or library from source, by the steps that its README tells: shell commands, run one after the other in a writable copy of the source, in a sandbox without network. What they install below `$DESTDIR` is the tree. " +
			"The environment says for which machine: `CC`, `AR`, `LD`, `NM`, `OBJCOPY`, `OBJDUMP`, `RANLIB`, `READELF`, `STRIP`, `CFLAGS`, and the GNU names `CHOST` (what is built for) and `CBUILD` (what builds), with `CC_FOR_BUILD` for programs that run during the build. " +
			"Of `deps`, which are merged in `$DEPS`, `CC` finds headers and libraries below /usr and /usr/local, and pkg-config what they say of themselves. make runs as many jobs as mini lends it. `.version` is the version.",
		Params: []lang.Param{
			{Name: "name", Type: lang.StringType, Doc: "What it is called. Without `source` also the project's name, for finding its releases."},
			{Name: "version", Type: lang.StringType, Default: starlark.String(""), Doc: "A version (`0.5.12`), a series (`0.5`: the newest known of it), or `newest`. With a `source` by address or of files it is only told."},
			{Name: "steps", Type: lang.ListOf(lang.StringType), Named: true, Doc: "Shell commands. A failing one ends the build. They share one shell: `cd` and variables stay in force."},
			{Name: "deps", Type: lang.ListOf(treeType), Default: starlark.NewList(nil), Named: true, Doc: "Packages whose headers and libraries it is built with; those that these were built with come along. `elf_deps` of the package finds their libraries."},
			toolsParam("Programs of this machine that the steps call, beyond a shell's usual ones, make and the compiler: `perl`, `pkg-config`."),
			envParam(),
			{Name: "licence", Type: licenceType, Default: starlark.String(""), Named: true, Doc: "Under which licence it is, as [SPDX](https://spdx.org/licenses/) writes it: `MIT`, `GPL-2.0-or-later AND Zlib`; one that SPDX doesn't know is a `LicenseRef-` with a name of your own. The manifest and `mini report` tell it; when not given, they tell what the source's own files say."},
			{Name: "source", Type: packageSource, Default: starlark.None, Named: true, Doc: "Where the source comes from: `source(…)`, `distro(…)`, or a dict of files, from relative paths to texts, `file(…)` or artifacts. When not given: upstream, or the distribution's own package of the series where upstream can't be reached."},
			patchesParam(),
			archParam(),
		},
		Example: `package("dash", "0.5.12", steps = [
    "./configure --host=$CHOST --build=$CBUILD --prefix=/usr",
    "make",
    "make install",
])`,
		Do: s.newPackage,
	}
}

var packageSource = lang.Optional(lang.Union(lang.TypeFunc("source", func(v starlark.Value) (starlark.Value, error) {
	if s, ok := v.(*Source); ok {
		return s, nil
	}
	return nil, wrongType("source(…), distro(…) or a dict of files", v)
}), lang.DictType))

var licenceType = lang.TypeFunc("string", func(v starlark.Value) (starlark.Value, error) {
	text, err := lang.StringType.Convert(v)
	if err != nil || text == starlark.String("") { // nobody said
		return text, err
	}
	normal, err := licence.Expression(string(text.(starlark.String)))
	var mistake *licence.Mistake
	if errors.As(err, &mistake) {
		return nil, lang.WithHint(err, licenceHint(mistake))
	}
	return starlark.String(normal), err
})

func licenceHint(m *licence.Mistake) string {
	if m.Word == "" {
		return m.Hint
	}
	if near := lang.Suggest(m.Word, licence.Names()); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return fmt.Sprintf("https://spdx.org/licenses/ lists them; one of your own is called LicenseRef-%s", notInRef.ReplaceAllString(m.Word, "-"))
}

// notInRef is what the name of a LicenseRef can't have.
var notInRef = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

var treeType = lang.TypeFunc("tree", func(v starlark.Value) (starlark.Value, error) {
	if t, ok := v.(*Tree); ok {
		return t, nil
	}
	return nil, wrongType("a tree that a build makes, such as package(…)", v)
})

func (s *Session) newPackage(c *lang.Call) (starlark.Value, error) {
	name := c.Str("name")
	if !packageName.MatchString(name) {
		return nil, lang.WithHint(c.ArgErrorf("name", "package: %q is not a name", name), "names have letters, digits, and + - . _ between them")
	}
	a, err := s.arch(c)
	if err != nil {
		return nil, err
	}
	n := &build.Node{
		Name: name, Pos: c.Own().String(), Outputs: []string{"install"},
		Tools: s.buildTools(a, coreTools...), Compilers: s.compilersFor(a),
	}
	version, err := s.packageSource(c, n, name)
	if err != nil {
		return nil, err
	}
	n.Title = title("build", name, version, a.Name)
	n.Program = &build.Program{Name: name, Version: version, Licence: c.Str("licence")}
	if err := addTools(c, n); err != nil {
		return nil, err
	}
	deps, err := dependencies(c, a)
	if err != nil {
		return nil, err
	}
	if n.Env, err = environment(c, s.packageEnv(a, len(deps) > 0)); err != nil {
		return nil, err
	}
	steps, err := userSteps(c)
	if err != nil {
		return nil, err
	}
	n.Steps = slices.Concat([]string{"mkdir install", `export DESTDIR="$PWD/install"`}, s.withDeps(n, a, deps), []string{"cd src"}, steps, []string{somethingInstalled})
	return &Tree{
		thing: thing{"tree", strings.TrimSpace(name + " " + version)}, artifact: &build.Artifact{Node: n, Output: "install"},
		attrs: starlark.StringDict{"version": starlark.String(version)}, id: name, arch: a, deps: deps,
	}, nil
}

var packageName = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9+._-]*[a-zA-Z0-9+])?$`)

// somethingInstalled ends a build that went well and made nothing: the steps forgot DESTDIR, as a rule.
const somethingInstalled = `test -n "$(ls -A "$DESTDIR")" || { echo 'error: the steps installed nothing below $DESTDIR' >&2; exit 1; }`

// packageSource lays the source at src, writable.
func (s *Session) packageSource(c *lang.Call, n *build.Node, name string) (version string, err error) {
	if files, ok := c.Value("source").(*starlark.Dict); ok {
		n.Inputs, err = fileInputs(c, "source", "src/", files)
		if err == nil && len(n.Inputs) == 0 {
			err = c.ArgErrorf("source", "package: there are no files")
		}
		if err == nil && c.Value("patches").(*starlark.List).Len() > 0 {
			err = c.ArgErrorf("patches", "package: a dict of files is the script's own; patches are for what others publish")
		}
		return c.Str("version"), err
	}
	if c.Value("source") == starlark.None && c.Str("version") == "" {
		return "", lang.WithHint(c.Errorf("package: want a version or a source"), `the newest release is "newest"`)
	}
	src, err := s.sourceTree(c, name, nil)
	if err != nil {
		return "", err
	}
	// Overlaid: many builds write beside what they read, and make goes by the times that the archive had.
	n.Inputs = []build.Input{{Path: "src", From: src.tree, Mode: build.Overlaid}}
	return src.version, nil
}

// packageEnv is what steps know of the machine that is built for. The names of the first kind are those of GNU make's
// implicit variables and of autoconf, CHOST and CBUILD those of other collections of recipes (Gentoo, Alpine).
func (s *Session) packageEnv(a *arch.Arch, deps bool) map[string]string {
	cross := a.Cross(s.opts.Host)
	env := map[string]string{"CFLAGS": "-O2", "CC_FOR_BUILD": "gcc", "CHOST": a.Triplet, "CBUILD": a.Triplet}
	if host, ok := arch.Get(s.opts.Host); ok {
		env["CBUILD"] = host.Triplet
	}
	for _, tool := range binutils {
		if tool != "gcc" && tool != "as" { // to make, AS is a compiler driver
			env[strings.ToUpper(tool)] = cross + tool
		}
	}
	if !deps {
		env["CC"], env["PKG_CONFIG_LIBDIR"] = cross+"gcc", "/nonexistent" // the host's own are for the host
	}
	return env
}

// withDeps merges the dependencies into one tree, as one system has them, and says where it is. The compiler's own
// variables (CPATH, LIBRARY_PATH) would not do: a cross compiler passes over the second, and many makefiles over LDFLAGS.
func (s *Session) withDeps(n *build.Node, a *arch.Arch, deps []*Tree) []string {
	if len(deps) == 0 {
		return nil
	}
	steps := []string{"mkdir deps"}
	taken := map[string]int{}
	for _, d := range deps {
		at := "in/" + d.id
		if taken[d.id]++; taken[d.id] > 1 {
			at = fmt.Sprintf("%s-%d", at, taken[d.id])
		}
		n.Inputs = append(n.Inputs, build.Input{Path: at, From: d.artifact})
		steps = append(steps, "cp -R "+at+"/. deps", "chmod -R u+w deps")
	}
	cc := a.Cross(s.opts.Host) + "gcc"
	for _, prefix := range []string{"usr", "usr/local"} {
		cc += fmt.Sprintf(" -isystem $DEPS/%s/include -L$DEPS/%[1]s/lib -Wl,-rpath-link,$DEPS/%[1]s/lib", prefix)
	}
	pc := "$DEPS/usr/lib/pkgconfig:$DEPS/usr/share/pkgconfig:$DEPS/usr/local/lib/pkgconfig"
	return append(steps,
		`export DEPS="$PWD/deps"`, `export CC="`+cc+`"`,
		`export PKG_CONFIG_SYSROOT_DIR="$DEPS" PKG_CONFIG_LIBDIR="`+pc+`"`)
}

// dependencies lists the given trees and what they were built with, each once, the given ones first.
func dependencies(c *lang.Call, a *arch.Arch) ([]*Tree, error) {
	var all []*Tree
	given := c.Value("deps").(*starlark.List)
	for i := range given.Len() {
		t := given.Index(i).(*Tree)
		if t.arch != nil && t.arch != a {
			return nil, c.ArgErrorf("deps", "package: %s is built for %s, and this for %s", t.name, t.arch.Name, a.Name)
		}
		all = append(all, t)
	}
	for i := 0; i < len(all); i++ { // grows while it is walked
		if slices.Contains(all[:i], all[i]) {
			all = slices.Delete(all, i, i+1)
			i--
			continue
		}
		all = append(all, all[i].deps...)
	}
	return all, nil
}
