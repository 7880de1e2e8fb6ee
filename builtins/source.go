package builtins

import (
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"mini/build"
	"mini/build/step"
	"mini/internal/source"
	"mini/lang"

	"go.starlark.net/starlark"
)

// Source says where the bytes of something are to come from; busybox and kernel take one instead of their own places.
type Source struct {
	thing
	suite  string
	distro bool
	name   string // of the distribution's source package, for distro
	url    string
	host   string // absolute path of a file of the user's
	sha256 string

	patches []patched
}

var sourceType = lang.Optional(lang.TypeFunc("source", func(v starlark.Value) (starlark.Value, error) {
	if s, ok := v.(*Source); ok {
		return s, nil
	}
	return nil, fmt.Errorf("want source(…) or distro(…), got %s", v.Type())
}))

func sourceParam() lang.Param {
	return lang.Param{
		Name: "source", Type: sourceType, Default: starlark.None, Named: true,
		Doc: "Where the source comes from, as `source(…)` or `distro(…)`. When not given: upstream, or the distribution's own package of the series where upstream can't be reached.",
	}
}

func (s *Session) source() *lang.Builtin {
	return &lang.Builtin{
		Name: "source", Group: "Sources", Returns: "source",
		Doc: "A source archive (.tar, .tar.gz, .tar.bz2, .tar.xz or .tar.zst) by its address, or one that lies beside the script.",
		Params: []lang.Param{
			{Name: "place", Type: lang.StringType, Doc: "An http, https or file address, or the path of a file beside the script. The script that is run may also name one elsewhere on this machine, a module that it loads may not."},
			{Name: "sha256", Type: lang.StringType, Default: starlark.String(""), Doc: "The SHA-256 of the archive, 64 hex digits. An address needs it; for a file it is checked if given."},
			patchesParam(),
		},
		Example: `kernel("6.1", source = source("https://example.org/linux-6.1.tar.xz", sha256 = "…"))`,
		Do: func(c *lang.Call) (starlark.Value, error) {
			place, sum := c.Str("place"), strings.ToLower(c.Str("sha256"))
			if sum != "" && !hexDigest.MatchString(sum) {
				return nil, c.ArgErrorf("sha256", "source: a SHA-256 is 64 hex digits, not %q", sum)
			}
			v := &Source{thing: thing{"source", fmt.Sprintf("source(%q)", place)}, sha256: sum}
			var err error
			if v.patches, err = patches(c); err != nil {
				return nil, err
			}
			if u, err := url.Parse(place); err == nil && u.Scheme != "" {
				if sum == "" {
					return nil, lang.WithHint(c.ArgErrorf("place", "source: an address needs the sha256 of what is there"),
						`write source("…", sha256 = "…"), with what sha256sum says of a copy that you trust`)
				}
				v.url = place
				return v, nil
			}
			v.host, err = c.ResolveAnywhere(place)
			return v, err
		},
	}
}

var hexDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (s *Session) distro() *lang.Builtin {
	return &lang.Builtin{
		Name: "distro", Group: "Sources", Returns: "source",
		Doc: "The source package of this machine's own distribution, through its package manager, with the distribution's signatures checked. Neither root nor a change to the machine is needed.",
		Params: []lang.Param{
			{Name: "name", Type: lang.StringType, Doc: "The source package: `linux`, `busybox`."},
			{Name: "suite", Type: lang.StringType, Default: starlark.String(""), Doc: "A suite of the same archive, such as `trixie` or `sid`. When not given: this machine's own, then the others."},
			patchesParam(),
		},
		Example: `kernel("newest", source = distro("linux", suite = "sid"))`,
		Do: func(c *lang.Call) (starlark.Value, error) {
			changes, err := patches(c)
			return &Source{thing: thing{"source", fmt.Sprintf("distro(%q)", c.Str("name"))},
				distro: true, name: c.Str("name"), suite: c.Str("suite"), patches: changes}, err
		},
	}
}

// unpacked is a source tree as an artifact.
type unpacked struct {
	tree    *build.Artifact
	version string // what is known of it: "6.1.192", or "6.1" while that is not resolved
}

// sourceTree makes the nodes that bring and unpack the source of one program, and patch it. What it is spared, if anything, is
// known when its version is.
func (s *Session) sourceTree(c *lang.Call, name string, around *worked) (*unpacked, error) {
	version := c.Str("version")
	changes, err := patches(c)
	if err != nil {
		return nil, err
	}
	var from *Source
	if v, ok := c.Value("source").(*Source); ok {
		from = v
	}
	if from != nil {
		changes = slices.Concat(from.patches, changes)
	}
	if from != nil && !from.distro {
		return s.givenSource(c, name, version, from, changes, around)
	}
	want := source.Want{Name: name, Version: version}
	if version == "newest" {
		want.Version = ""
	}
	if from != nil {
		if from.name != name && c.Builtin.Name != "package" {
			return nil, c.ArgErrorf("source", "%s: distro(%q) is not the source of %s; write distro(%q)", c.Builtin.Name, from.name, name, name)
		}
		want.Name, want.Distro, want.Suite = from.name, true, from.suite
	}
	pin, ok := s.opts.Pin(want)
	if ok {
		version = pin.Version
	}
	return s.shared(fmt.Sprintf("want %v", want), changes, around, version, func() *unpacked {
		if !ok {
			s.wants = append(s.wants, Want{want, c.Own().String()})
			label := strings.TrimSpace(name + " " + version)
			return s.unpack(c, name, version, "", &build.Fetch{File: name + ".tar", Unresolved: label})
		}
		return s.unpack(c, name, version, pin.Member,
			&build.Fetch{
				File: path.Base(pin.File), SHA256: pin.SHA256, Size: pin.Size, Name: pin.Name, Version: pin.Version, From: pin.From})
	}), nil
}

// shared makes one tree for all that ask for the same source with the same patches, and have the same to be spared.
func (s *Session) shared(key string, changes []patched, around *worked, version string, make func() *unpacked) *unpacked {
	for _, p := range changes {
		key += "\x00" + p.name + "\x00" + p.id
	}
	mended := around.patches(version)
	for _, q := range mended {
		key += "\x00" + q.Name
	}
	if s.sources[key] == nil {
		s.sources[key] = make()
		addPatches(s.sources[key].tree.Node, changes)
		mend(s.sources[key].tree.Node, mended)
	}
	return s.sources[key]
}

func (s *Session) givenSource(c *lang.Call, name, version string, from *Source, changes []patched, around *worked) (*unpacked, error) {
	if from.url != "" {
		u, _ := url.Parse(from.url)
		return s.shared("url "+from.sha256, changes, around, version, func() *unpacked {
			return s.unpack(c, name, version, "", &build.Fetch{
				File: path.Base(u.Path), SHA256: from.sha256, URLs: []string{from.url}})
		}), nil
	}
	return s.shared("host "+from.host, changes, around, version, func() *unpacked {
		file := filepath.Base(from.host)
		n := s.unpackNode(c, name, version, "", file)
		n.Inputs = []build.Input{{Path: file, Host: from.host, SHA256: from.sha256}}
		return &unpacked{&build.Artifact{Node: n, Output: "src"}, version}
	}), nil
}

func (s *Session) unpack(c *lang.Call, name, version, member string, f *build.Fetch) *unpacked {
	fetch := &build.Node{
		Name: name + ".fetch", Title: title("fetch "+f.File, name, version), Pos: c.Own().String(),
		Fetch: f, Outputs: []string{f.File},
	}
	n := s.unpackNode(c, name, version, member, f.File)
	n.Inputs = []build.Input{{Path: f.File, From: &build.Artifact{Node: fetch, Output: f.File}}}
	return &unpacked{&build.Artifact{Node: n, Output: "src"}, version}
}

func (s *Session) unpackNode(c *lang.Call, name, version, member, file string) *build.Node {
	args := []string{"--strip", "1"}
	if member != "" {
		args = append(args, "--member", member)
	}
	return &build.Node{
		Name: name + ".unpack", Title: title("unpack", name, version), Pos: c.Own().String(),
		Steps: []string{step.Line("unpack", append(args, file, "src")...)}, Outputs: []string{"src"},
	}
}

// title says what a node is, in the words of whoever reads the screen: "linux 6.1.192 i386: compile".
func title(what string, of ...string) string {
	return strings.Join(strings.Fields(strings.Join(of, " ")), " ") + ": " + what
}
