package builtins

import (
	"fmt"
	"slices"
	"strings"

	"mini/build"
	"mini/internal/arch"
	"mini/internal/kconfig"
	"mini/internal/source"
	"mini/lang"

	"go.starlark.net/starlark"
)

// Kernel is a Linux kernel: its image, and what else its build leaves behind.
type Kernel struct {
	thing
	arch    *arch.Arch
	version string
	image   *build.Artifact
	config  *build.Artifact
	files   map[string]*build.Artifact // by the path that scripts use
	carried *archive                   // the initramfs inside; nil if there is none
	packed  *build.Artifact            // the same, as it lies there
	compile *build.Node
	at      string // the call's place, and those that led there

	configuration *Configuration
}

var (
	_ starlark.Mapping  = (*Kernel)(nil)
	_ starlark.HasAttrs = (*Kernel)(nil)
)

// Outputs implements Target.
func (k *Kernel) Outputs() []Output {
	return []Output{{"." + k.arch.ImageSuffix, k.image}, {".config", k.config}}
}

// Attr implements starlark.HasAttrs.
func (k *Kernel) Attr(name string) (starlark.Value, error) {
	switch name {
	case "image":
		return newFile(k.name+".image", "."+k.arch.ImageSuffix, k.image), nil
	case "config":
		return newFile(k.name+".config", ".config", k.config), nil
	case "version":
		return starlark.String(k.version), nil
	case "arch":
		return starlark.String(k.arch.Name), nil
	}
	return nil, nil
}

// AttrNames implements starlark.HasAttrs.
func (k *Kernel) AttrNames() []string { return []string{"arch", "config", "image", "version"} }

// Get implements starlark.Mapping: linux["/vmlinux"].
func (k *Kernel) Get(key starlark.Value) (starlark.Value, bool, error) {
	p, err := pathKey(k.kind, key)
	if err != nil {
		return nil, false, err
	}
	a := k.files[p]
	if a == nil {
		return nil, false, fmt.Errorf(`a kernel has "/vmlinux" and "/System.map"; there is no %q`, p)
	}
	return newFile(fmt.Sprintf("%s[%q]", k.name, p), "."+strings.TrimPrefix(p, "/"), a), true, nil
}

func (s *Session) kernel() *lang.Builtin {
	return &lang.Builtin{
		Name: "kernel", Group: "Programs", Returns: "kernel",
		Doc: "Linux from source. With an initramfs the image carries it and boots by itself; the kernel is compiled without looking at it, so a change in it compiles nothing. `.image` is the bootable image, `.config` the final configuration, `.version` the version, and `[\"/vmlinux\"]` and `[\"/System.map\"]` are for debuggers.",
		Params: []lang.Param{
			{Name: "version", Type: lang.StringType, Doc: "A version (`6.1.100`), a series (`6.1`: the newest of it), or `newest`."},
			configParam("the kernel"),
			baseParam("mini", "What `config` is laid upon: `mini` (a short list for the architecture that boots fast, on top of allnoconfig), `allnoconfig`, `tinyconfig`, `defconfig`, or the path of a .config file beside the script."),
			{Name: "initramfs", Type: initramfsType, Default: starlark.None, Named: true, Doc: "What the image carries: a rootfs, an initramfs, or a cpio archive that lies beside the script (`file(…)`) or that a build makes."},
			archParam(),
			sourceParam(),
			patchesParam(),
			toolsParam("Further programs of this machine that the kernel's build calls, beyond those that it always takes and those that mini knows of (`pahole` for DEBUG_INFO_BTF, `openssl` for MODULE_SIG, the image's packer). They are there when it is configured too, since Kconfig looks which programs there are."),
			quirksParam(),
		},
		Example: `kernel("6.1", config = {"VIRTIO_MENU": True}, initramfs = root)`,
		Do:      func(c *lang.Call) (starlark.Value, error) { return s.program(c, "linux", s.buildKernel) },
	}
}

// initramfsFile is where the kernel's build finds what it carries, in its build directory. The name ends in .cpio and
// the kernel's own compression is off, so usr/Makefile takes the bytes as they are, packed or not: the code that
// unpacks them at boot looks at their first bytes, not at a name.
const initramfsFile = "initramfs.cpio"

var kernelImplied = kconfig.Request{
	{Symbol: "INITRAMFS_COMPRESSION_NONE", Value: kconfig.Bool(true)},
	{Symbol: "INITRAMFS_SOURCE", Value: kconfig.Str(initramfsFile)},
}

func (s *Session) buildKernel(c *lang.Call, a *arch.Arch, src *unpacked, asked kconfig.Request, around *worked) (starlark.Value, error) {
	words, why := around.words(src.version, false)
	make := s.makeCommand(a, append([]string{"ARCH=" + a.Kernel}, words...)...)
	_, ours := c.Value("initramfs").(*Rootfs)
	configure := func(asked kconfig.Request) (configNodes, error) {
		if ours && canUnpackZstd(c.Str("base"), src.version, asked) {
			asked = asked.Merge(unpackZstd) // mini's own list has it, but only what is asked for is checked
		}
		return s.configureKernel(c, a, src, asked, around, make)
	}
	packing := ""
	if ours && canUnpackZstd(c.Str("base"), src.version, asked) {
		packing = quick
	}
	checked, err := configure(asked)
	if err != nil {
		return nil, err
	}
	compile := &build.Node{
		Name: "linux.compile", Title: title("compile", "linux", src.version, a.Name), Pos: c.Pos.String(),
		Tools: checked.tree.Node.Tools, Compilers: checked.tree.Node.Compilers, Env: kbuildEnv,
		Libraries: librariesFor(kernelHostLibraries, c.Str("base"), asked),
		Inputs: []build.Input{
			{Path: "src", From: src.tree},
			{Path: "build", From: checked.tree, Mode: build.Copied},
			{Path: initramfsFile, Data: emptyInitramfs()},
		},
		Steps: []string{
			"cp " + initramfsFile + " build/",
			make + " " + a.ImageTarget,
		},
		Outputs: []string{"build"}, After: []*build.Node{checked.check},
		Program: &build.Program{Name: "linux", Version: src.version, Licence: "GPL-2.0-only WITH Linux-syscall-note"},
		Quirks:  why, Causes: around.causes(asked),
	}
	k := &Kernel{
		thing: thing{"kernel", strings.TrimSpace("linux " + src.version)}, arch: a, version: src.version, config: checked.config,
		configuration: s.configuration(c, checked, make, around, asked, configure),
		compile:       compile, at: originOf(c),
		carried: s.archiveOf(c, c.Value("initramfs"), packing),
	}
	image, symbols := compile, compile
	at := func(n *build.Node, file string) *build.Artifact {
		return &build.Artifact{Node: n, Output: "build", Sub: file}
	}
	if carried := s.asInitramfs(c, c.Value("initramfs"), packing); carried != nil {
		// An initramfs that can't boot is found while nothing is lost.
		compile.After = append(compile.After, carried.Node)
		k.packed = carried
		image, symbols = s.embed(c, a, src, compile, carried, packing == quick, make+" "+a.ImageTarget)
		at = func(n *build.Node, file string) *build.Artifact {
			return &build.Artifact{Node: n, Output: "build/" + file}
		}
	}
	k.image = at(image, a.Image)
	k.files = map[string]*build.Artifact{"/vmlinux": at(symbols, "vmlinux"), "/System.map": at(symbols, "System.map")}
	return k, nil
}

var unpackZstd = kconfig.Request{{Symbol: "RD_ZSTD", Value: kconfig.Bool(true)}}

// canUnpackZstd reports whether a kernel is sure to unpack an initramfs that is packed with zstd (Linux 5.9 and later). The
// image as a whole is packed again, by gzip as a rule. That takes a second for what a root filesystem is made of and a
// tenth of it for what is packed already, and the image is no larger: so an edit of /init is sooner in an image.
func canUnpackZstd(base, version string, asked kconfig.Request) bool {
	for _, s := range asked {
		if s.Symbol == "RD_ZSTD" && (s.Accept || s.Value != kconfig.Bool(true)) {
			return false
		}
	}
	numbered := version != "" && version[0] >= '0' && version[0] <= '9'
	return base == "mini" && (version == "newest" || numbered && source.CompareVersions(version, "5.9") >= 0)
}

func (s *Session) configureKernel(c *lang.Call, a *arch.Arch, src *unpacked, asked kconfig.Request, around *worked, make string) (configNodes, error) {
	implied, why := around.settings(src.version, asked)
	n := &build.Node{
		Name: "linux.configure", Title: title("configure", "linux", src.version, a.Name), Pos: c.Pos.String(),
		Compilers: s.compilersFor(a), Env: kbuildEnv, Outputs: []string{"build"},
		Inputs: []build.Input{{Path: "src", From: src.tree}},
		Steps:  []string{"mkdir build"},
		Quirks: why,
	}
	wanted := kernelImplied.Merge(implied).Merge(asked)
	var inBase kconfig.Request
	upon := []string{"cat request.config >> build/.config", make + " olddefconfig", dropOldConfig} // Kconfig takes the last of two lines
	switch base := c.Str("base"); base {
	case "mini":
		list, err := kconfig.ParseFragment(a.Name+".config", a.KernelConfig())
		if err != nil {
			return configNodes{}, c.Errorf("kernel: mini's own configuration is broken: %v", err)
		}
		if len(packers(asked)) > 0 { // one of a choice: Kconfig takes the last that is y
			list = slices.DeleteFunc(list, func(s kconfig.Setting) bool { return s.Symbol == "KERNEL_GZIP" })
		}
		wanted = list.Merge(wanted)
		n.Steps = append(n.Steps, make+` KCONFIG_ALLCONFIG="$PWD/request.config" allnoconfig`)
	case "allnoconfig":
		n.Steps = append(n.Steps, make+` KCONFIG_ALLCONFIG="$PWD/request.config" allnoconfig`)
	case "tinyconfig", "defconfig":
		n.Steps = append(append(n.Steps, make+" "+base), upon...)
		if base == "tinyconfig" {
			inBase = kconfig.Request{{Symbol: "KERNEL_XZ", Value: kconfig.Bool(true)}} // kernel/configs/tiny.config
		}
	default:
		text, err := baseFile(c, base, "mini, allnoconfig, tinyconfig, defconfig")
		if err != nil {
			return configNodes{}, err
		}
		if r, err := kconfig.ParseFragment(base, text); err == nil { // Kconfig itself reads over what it can't read
			inBase = r
		}
		n.Inputs = append(n.Inputs, build.Input{Path: "base.config", Data: text})
		n.Steps = append(append(n.Steps, "cp base.config build/.config"), upon...)
	}
	n.Tools = s.buildTools(a, "bc", "bison", "flex", "perl")
	for _, p := range programsFor(inBase.Merge(wanted)) {
		if !slices.Contains(n.Tools, p) {
			n.Tools = append(n.Tools, p)
		}
	}
	if err := addTools(c, n); err != nil {
		return configNodes{}, err
	}
	n.Inputs = append(n.Inputs, build.Input{Path: "request.config", Data: wanted.Fragment()})
	return checkConfig(c, "linux", src, n, asked), nil
}

// packerOf is the program by which the kernel's build packs the image. Nobody chooses gzip: it is what the others replace.
var packerOf = map[string]string{
	"KERNEL_BZIP2": "bzip2", "KERNEL_LZ4": "lz4", "KERNEL_LZMA": "lzma", "KERNEL_LZO": "lzop", "KERNEL_XZ": "xz", "KERNEL_ZSTD": "zstd",
}

// packers are the programs that a configuration makes the build call to pack the image.
func packers(r kconfig.Request) []string {
	var tools []string
	for _, s := range r {
		if tool := packerOf[s.Symbol]; tool != "" && isOn(s) {
			tools = append(tools, tool)
		}
	}
	return tools
}

// programsOf are those that the build of a feature calls beside the packers. Kconfig has no word for most of them, and then the
// build ends with "not found" when nearly all is compiled.
var programsOf = map[string][]string{
	"DEBUG_INFO_BTF": {"pahole", "python3"}, // scripts/link-vmlinux.sh, and libbpf's bpf_doc.py
	"IKHEADERS":      {"cpio", "xz"},        // kernel/gen_kheaders.sh
	"MODULE_SIG":     {"openssl"},           // certs/Makefile makes a key
}

// programsFor are all programs that a configuration makes the build call, beyond those that every kernel takes.
func programsFor(r kconfig.Request) []string {
	tools := packers(r)
	for _, s := range r {
		if isOn(s) {
			tools = append(tools, programsOf[s.Symbol]...)
		}
	}
	return tools
}

func isOn(s kconfig.Setting) bool { return s.Value == kconfig.Bool(true) && !s.Accept }
