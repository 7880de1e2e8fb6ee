// Package builtins is the vocabulary of mini's scripts: one file a builtin. A call checks its arguments and returns a
// frozen value that wraps nodes of package build; it never downloads, compiles or runs anything.
package builtins

import (
	"mini/build"
	"mini/internal/arch"
	"mini/internal/source"
	"mini/internal/toolchain"
	"mini/lang"

	"go.starlark.net/starlark"
)

// Options are what the vocabulary has to know of the world.
type Options struct {
	// Host is the architecture of this machine, as scripts write it: the default for what a script builds.
	Host string
	// Pin says which bytes a source was resolved to; false when nobody has decided yet. Then the script's value is
	// complete but for the version, and its graph can be planned but not built.
	Pin func(Wanted) (Pin, bool)
	// Compiler tells what is known of this machine's compiler of a name, for quirks that depend on it; nil, or false, is
	// nothing.
	Compiler func(name string) (toolchain.Facts, bool)
}

// Wanted is a source as a script asks for it, and Pin is what it was resolved to.
type (
	Wanted = source.Want
	Pin    = source.Pin
)

// Session is one evaluation: it collects what the script's calls asked for.
type Session struct {
	opts    Options
	wants   []Want
	tests   []*Test
	sources map[string]*unpacked // by what was asked, so that two kernels of one version share a tree
	looks   map[build.Artifact]*build.Node
	files   map[*Entry]*File
}

// Want is a source that has to be resolved, and where the script asked for it.
type Want struct {
	source.Want
	Pos string
}

// New begins an evaluation.
func New(o Options) *Session {
	return &Session{opts: o, sources: map[string]*unpacked{}, looks: map[build.Artifact]*build.Node{}, files: map[*Entry]*File{}}
}

// Wants lists the sources that Options.Pin didn't know, in the order of the script's calls.
func (s *Session) Wants() []Want { return s.wants }

// Table returns all builtins.
func (s *Session) Table() []*lang.Builtin {
	return []*lang.Builtin{
		s.busybox(), s.kernel(), s.pkg(), s.run(),
		s.elfDeps(), s.rootfs(), s.file(), s.folder(), s.symlink(), s.device(), s.directory(), s.initramfs(),
		s.qemu(), s.bootTest(),
		s.source(), s.distro(),
	}
}

// archParam is a parameter of everything that is built for a CPU.
func archParam() lang.Param {
	return lang.Param{
		Name: "arch", Type: lang.Optional(lang.OneOf(arch.Names()...)), Default: starlark.None, Named: true,
		Doc: "The CPU to build for. When not given: the script's own param called `arch`, or else this machine's.",
	}
}

// arch finds out which architecture a call is for.
func (s *Session) arch(c *lang.Call) (*arch.Arch, error) {
	name := c.Str("arch")
	if name == "" {
		if v, ok := c.ScriptParam("arch"); ok {
			name, _ = starlark.AsString(v)
		}
	}
	if name == "" {
		name = s.opts.Host
	}
	a, ok := arch.Get(name)
	if !ok {
		return nil, c.ArgErrorf("arch", "%s: mini can't build for the CPU %q; it knows %v", c.Builtin.Name, name, arch.Names())
	}
	return a, nil
}
