package builtins

import (
	"fmt"
	"strings"

	"mini/build"
	"mini/build/step"
	"mini/internal/arch"
	"mini/internal/kconfig"
	"mini/lang"

	"go.starlark.net/starlark"
)

func (s *Session) busybox() *lang.Builtin {
	return &lang.Builtin{
		Name: "busybox", Group: "Programs", Returns: "tree",
		Doc: "BusyBox from source, as its `make install` lays it out: one program, and a link for every applet. `.version` is its version, `.config` its final configuration.",
		Params: []lang.Param{
			{Name: "version", Type: lang.StringType, Doc: "A version (`1.36.1`), a series (`1.36`: the newest known of it), or `newest`."},
			configParam("BusyBox"),
			baseParam("defconfig", "What `config` is laid upon: `defconfig` (nearly everything), `allnoconfig` (nothing), or the path of a .config file beside the script."),
			archParam(),
			sourceParam(),
			patchesParam(),
			toolsParam("Further programs of this machine that BusyBox's build calls, beyond those that it always takes: `python3` for what a patch brings."),
			quirksParam(),
		},
		Example: `busybox("1.36.1", config = {"DESKTOP": False, "STATIC": True})`,
		Do:      func(c *lang.Call) (starlark.Value, error) { return s.program(c, "busybox", s.buildBusybox) },
	}
}

// program reads the arguments that BusyBox and the kernel have in common, and hands over to what differs.
func (s *Session) program(c *lang.Call, name string, describe func(*lang.Call, *arch.Arch, *unpacked, kconfig.Request, *worked) (starlark.Value, error)) (starlark.Value, error) {
	a, err := s.arch(c)
	if err != nil {
		return nil, err
	}
	asked, err := request(c)
	if err != nil {
		return nil, err
	}
	around, err := s.quirks(c, a, name)
	if err != nil {
		return nil, err
	}
	src, err := s.sourceTree(c, name, around)
	if err != nil {
		return nil, err
	}
	return describe(c, a, src, asked, around)
}

func (s *Session) buildBusybox(c *lang.Call, a *arch.Arch, src *unpacked, asked kconfig.Request, around *worked) (starlark.Value, error) {
	words, why := around.words(src.version, false)
	make := s.makeCommand(a, append([]string{"ARCH=" + a.Kernel}, words...)...)
	configure := func(asked kconfig.Request) (configNodes, error) {
		return s.configureBusybox(c, a, src, asked, around, make)
	}
	checked, err := configure(asked)
	if err != nil {
		return nil, err
	}
	n := &build.Node{
		Name: "busybox", Title: title("compile", "busybox", src.version, a.Name),
		Pos: c.Pos.String(), Tools: checked.tree.Node.Tools, Compilers: checked.tree.Node.Compilers, Env: kbuildEnv,
		Libraries: librariesFor(busyboxHostLibraries, c.Str("base"), asked),
		Inputs: []build.Input{
			{Path: "src", From: src.tree},
			{Path: "build", From: checked.tree, Mode: build.Copied},
		},
		Steps: []string{
			make,
			make + ` CONFIG_PREFIX="$PWD/install" install > install.log`,
		},
		Outputs: []string{"install"}, After: []*build.Node{checked.check},
		Program: &build.Program{Name: "busybox", Version: src.version, Licence: "GPL-2.0-only"},
		Quirks:  why, Causes: around.causes(asked),
	}
	name := strings.Join(strings.Fields("busybox "+src.version), " ")
	config := newFile(name+".config", ".config", checked.config)
	return &Tree{
		thing: thing{"tree", name}, artifact: &build.Artifact{Node: n, Output: "install"},
		attrs: starlark.StringDict{"version": starlark.String(src.version), "config": config},
		extra: config.Outputs(), id: "busybox", arch: a,
		configuration: s.configuration(c, checked, make, around, asked, configure),
	}, nil
}

func (s *Session) configureBusybox(c *lang.Call, a *arch.Arch, src *unpacked, asked kconfig.Request, around *worked, make string) (configNodes, error) {
	implied, why := around.settings(src.version, asked)
	wanted := implied.Merge(asked)
	n := &build.Node{
		Name: "busybox.configure", Title: title("configure", "busybox", src.version, a.Name),
		Pos: c.Pos.String(), Tools: s.buildTools(a), Compilers: s.compilersFor(a), Env: kbuildEnv, Outputs: []string{"build"},
		Inputs: []build.Input{
			{Path: "src", From: src.tree},
			{Path: "request.config", Data: wanted.Fragment()},
			{Path: "replaced.sed", Data: dropScript(wanted)},
		},
		Quirks: why,
	}
	if err := addTools(c, n); err != nil {
		return configNodes{}, err
	}
	n.Steps = append(n.Steps, "mkdir build")
	switch base := c.Str("base"); base {
	case "defconfig":
		n.Steps = append(n.Steps, make+" defconfig")
	case "allnoconfig":
		n.Steps = append(n.Steps, make+" allnoconfig")
	case "tinyconfig":
		return configNodes{}, lang.WithHint(c.ArgErrorf("base", "busybox: BusyBox has no tinyconfig"), `its smallest base is "allnoconfig"`)
	default:
		text, err := baseFile(c, base, "defconfig, allnoconfig")
		if err != nil {
			return configNodes{}, err
		}
		n.Inputs = append(n.Inputs, build.Input{Path: "base.config", Data: text})
		n.Steps = append(n.Steps, "cp base.config build/.config", make+" -s outputmakefile")
	}
	// BusyBox's Kconfig is of 2006. Of two lines for a symbol it takes the first, so the old one has to go. It has no
	// olddefconfig, and asks: an empty answer takes the default.
	n.Steps = append(n.Steps, "sed -i -f replaced.sed build/.config", "cat request.config >> build/.config", "yes '' | "+make+" oldconfig > oldconfig.log", dropOldConfig)
	return checkConfig(c, "busybox", src, n, asked), nil
}

// dropOldConfig removes what make keeps of the configuration that it was given. It says how somebody asked for the final
// one, and would be in the key of all that is compiled: two requests that end in the same configuration are the same.
const dropOldConfig = "rm -f build/.config.old"

// dropScript is a sed program that removes whatever a configuration says of the wanted symbols.
func dropScript(wanted kconfig.Request) []byte {
	var b strings.Builder
	for _, s := range wanted {
		if !s.Accept {
			fmt.Fprintf(&b, "/^CONFIG_%s=/d\n/^# CONFIG_%s is not set$/d\n", s.Symbol, s.Symbol)
		}
	}
	return []byte(b.String())
}

// makeCommand is make for an out-of-tree build, with the compiler's prefix.
func (s *Session) makeCommand(a *arch.Arch, vars ...string) string {
	words := append([]string{"make", "-C", "src", `O="$PWD/build"`}, vars...)
	if cross := a.Cross(s.opts.Host); cross != "" {
		words = append(words, "CROSS_COMPILE="+cross)
	}
	return strings.Join(words, " ")
}

// kbuildEnv is what Linux and BusyBox take the builder's name, machine and time from
// (Documentation/kbuild/reproducible-builds.rst).
var kbuildEnv = []string{
	"KBUILD_BUILD_HOST=mini",
	"KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 1970",
	"KBUILD_BUILD_USER=mini",
	"KBUILD_BUILD_VERSION=1",
	"KCONFIG_NOTIMESTAMP=1",
}

// checkConfig adds the node that holds a final configuration against what the script asked for. It gets the source for
// the reasons of what did not take; it opens it only then.
func checkConfig(c *lang.Call, program string, src *unpacked, configure *build.Node, asked kconfig.Request) configNodes {
	tree := &build.Artifact{Node: configure, Output: "build"}
	n := &build.Node{
		Name: program + ".config", Title: strings.TrimSuffix(configure.Title, "configure") + "check configuration", Pos: c.Pos.String(),
		Inputs: []build.Input{
			{Path: "src", From: src.tree},
			{Path: "build", From: tree}, // BusyBox generates its Kconfig files
			{Path: "final.config", From: &build.Artifact{Node: configure, Output: "build", Sub: ".config"}},
			{Path: "asked.config", Data: asked.Fragment()},
		},
		Steps:   []string{step.Line("kconfig", "--source", "build", "--source", "src", "final.config", "asked.config", "config")},
		Outputs: []string{"config"},
	}
	return configNodes{tree, &build.Artifact{Node: n, Output: "config"}, n, src}
}

func baseFile(c *lang.Call, name, known string) ([]byte, error) {
	text, err := c.ReadFile(name)
	if err != nil {
		return nil, lang.WithHint(c.ArgErrorf("base", "%s: there is no base %q: %v", c.Builtin.Name, name, err),
			fmt.Sprintf("base is one of %s, or the path of a .config file beside the script", known))
	}
	return text, nil
}
