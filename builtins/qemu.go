package builtins

import (
	"slices"
	"strconv"
	"strings"

	"mini/build"
	"mini/internal/arch"
	"mini/lang"

	"go.starlark.net/starlark"
)

// Machine is a computer that QEMU emulates, with what it boots.
type Machine struct {
	thing
	Arch      *arch.Arch
	Kernel    *build.Artifact
	Initramfs *build.Artifact // nil: none, or inside the kernel
	Memory    int             // MiB
	CPUs      int
	Cmdline   string
	Machine   string
	CPU       string
	Args      []string
	Network   bool
	Ports     [][2]int // from the host's to the guest's, sorted

	kernel     *Kernel // nil when the image is just a file
	root       *Rootfs // what Initramfs is of; nil when nobody knows
	inspection *build.Node
	trusted    bool // nobody looks at it before its kernel is compiled
}

// Outputs implements Target.
func (m *Machine) Outputs() []Output {
	out := []Output{{"." + m.Arch.ImageSuffix, m.Kernel}}
	if m.Initramfs != nil {
		out = append(out, Output{".cpio", m.Initramfs})
	}
	if m.kernel != nil {
		out = append(out, Output{".config", m.kernel.config})
	}
	return out
}

// Symbols is the kernel with its symbols, for debuggers; nil when the image is just a file.
func (m *Machine) Symbols() *File {
	if m.kernel == nil {
		return nil
	}
	return newFile("vmlinux", ".vmlinux", m.kernel.files["/vmlinux"])
}

// SystemMap is the table of the kernel's functions by address; nil when the image is just a file.
func (m *Machine) SystemMap() *File {
	if m.kernel == nil {
		return nil
	}
	return newFile("System.map", ".System.map", m.kernel.files["/System.map"])
}

func (s *Session) qemu() *lang.Builtin {
	return &lang.Builtin{
		Name: "qemu", Group: "Machines", Returns: "machine",
		Doc: "A machine that QEMU emulates. `mini run` boots it and attaches the terminal to its serial console; `mini build` writes a run.sh that boots it with plain qemu.",
		Params: []lang.Param{
			{Name: "kernel", Type: kernelType, Doc: "What it boots: a kernel, or a kernel image that lies beside the script (`file(…)`) or that a build makes."},
			{Name: "initramfs", Type: initramfsType, Default: starlark.None, Doc: "An external initramfs, laid over the one in the kernel: a rootfs, an initramfs, or a cpio archive that lies beside the script (`file(…)`) or that a build makes."},
			{Name: "memory", Type: lang.Union(lang.IntType, lang.StringType), Default: starlark.None, Named: true, Doc: "In MiB, or as \"512M\" or \"2G\". When not given: what a small system of the architecture is comfortable with."},
			{Name: "cpus", Type: lang.IntType, Default: starlark.MakeInt(1), Named: true, Doc: "How many processors it has."},
			{Name: "cmdline", Type: lang.StringType, Default: starlark.String(""), Named: true, Doc: "Added to the kernel's command line, after `console=…`, `panic=-1` (a panic ends the machine) and, on x86_64, `no_timer_check` (the timer of an emulated machine is late on a busy host, and not broken)."},
			{Name: "machine", Type: lang.StringType, Default: starlark.String(""), Named: true, Doc: "QEMU's -machine. When not given: the architecture's usual one."},
			{Name: "cpu", Type: lang.StringType, Default: starlark.String(""), Named: true, Doc: "QEMU's -cpu."},
			{Name: "network", Type: lang.BoolType, Default: starlark.False, Named: true, Doc: "A virtio network card, behind which QEMU plays a router with DHCP (`virtio_net` of `@mini//linux.star` is what the kernel needs for it)."},
			{Name: "ports", Type: lang.DictType, Default: starlark.NewDict(0), Named: true, Doc: "TCP ports of the guest that are reached from this machine: a dict from ports of 127.0.0.1 to ports of the guest. It means `network` as well."},
			{Name: "args", Type: lang.ListOf(lang.StringType), Default: starlark.NewList(nil), Named: true, Doc: "Further arguments for QEMU, as they are."},
			{Name: "config", Type: lang.Optional(lang.Union(lang.StringType, artifactType)), Default: starlark.None, Named: true, Doc: "The final configuration of a kernel image that something else made, for what mini looks at before a boot: the path of a .config file beside the script, or one that a build makes. When not given: the one that the image holds (CONFIG_IKCONFIG). `kernel(…)` has its own."},
			{Name: "preflight", Type: lang.BoolType, Default: starlark.True, Named: true, Doc: "Whether mini looks for what would keep the machine from booting before its kernel is compiled, as `mini check --boot` does. False for a machine that is meant not to, or where mini is mistaken."},
			archParam(),
		},
		Example: `qemu(linux, memory = "256M", cmdline = "quiet", ports = {2222: 22})`,
		Do:      s.newMachine,
	}
}

var kernelType = lang.TypeFunc("kernel", func(v starlark.Value) (starlark.Value, error) {
	switch v.(type) {
	case *Kernel, *File:
		return v, nil
	}
	if givenFile(v) {
		return v, nil
	}
	return nil, wrongType("what kernel(…) returned, or a kernel image: file(…), or one that a build makes", v)
})

func (s *Session) newMachine(c *lang.Call) (starlark.Value, error) {
	m := &Machine{thing: thing{"machine", "qemu"}, CPUs: c.Int("cpus"), CPU: c.Str("cpu")}
	switch k := s.given(c.Value("kernel")).(type) {
	case *Kernel:
		m.kernel, m.Kernel, m.Arch = k, k.image, k.arch
	case *File:
		m.Kernel = k.artifact
	}
	if m.Arch == nil || c.Given("arch") {
		a, err := s.arch(c)
		if err != nil {
			return nil, err
		}
		if m.Arch != nil && a != m.Arch {
			return nil, c.ArgErrorf("arch", "qemu: the kernel is for %s, so the machine can't be %s", m.Arch.Name, a.Name)
		}
		m.Arch = a
	}
	m.Initramfs, m.root = s.asInitramfs(c, c.Value("initramfs"), "gzip"), rootOf(c.Value("initramfs"))
	if m.CPUs < 1 || m.CPUs > 255 {
		return nil, c.ArgErrorf("cpus", "qemu: a machine has 1 to 255 processors, not %d", m.CPUs)
	}
	var err error
	if m.Memory, err = memory(c, m.Arch.Memory); err != nil {
		return nil, err
	}
	m.Machine = m.Arch.Machine
	if given := c.Str("machine"); given != "" {
		m.Machine = given
	}
	m.Cmdline = "console=" + m.Arch.Console + " panic=-1"
	for _, more := range []string{m.Arch.Cmdline, strings.TrimSpace(c.Str("cmdline"))} {
		if more != "" {
			m.Cmdline += " " + more
		}
	}
	if strings.ContainsAny(m.Cmdline, "\n\x00") {
		return nil, c.ArgErrorf("cmdline", "qemu: the kernel's command line is one line")
	}
	m.Args = stringsOf(c, "args")
	if m.Ports, err = ports(c); err != nil {
		return nil, err
	}
	m.Network = c.Bool("network") || len(m.Ports) > 0
	if m.kernel != nil && c.Value("config") != starlark.None {
		return nil, lang.WithHint(c.ArgErrorf("config", "qemu: the kernel is configured by the script already"), "config is for the image of a kernel that something else made")
	}
	m.trusted = !c.Bool("preflight")
	m.inspection, err = m.newPreflight(c, s.archiveOf(c, c.Value("initramfs"), "gzip"))
	return m, err
}

// ports reads the ports argument.
func ports(c *lang.Call) ([][2]int, error) {
	var all [][2]int
	for _, item := range c.Value("ports").(*starlark.Dict).Items() {
		var pair [2]int
		for i, v := range item {
			n, err := starlark.AsInt32(v)
			if err != nil || n < 1 || n > 65535 {
				return nil, lang.WithHint(c.ArgErrorf("ports", "qemu: %s is not a port", v), "ports = {2222: 22} makes port 22 of the guest port 2222 of this machine")
			}
			pair[i] = n
		}
		all = append(all, pair)
	}
	slices.SortFunc(all, func(a, b [2]int) int { return a[0] - b[0] })
	return all, nil
}

// memory reads a size in MiB, or with a unit.
func memory(c *lang.Call, def int) (int, error) {
	wrong := func() (int, error) {
		return 0, lang.WithHint(c.ArgErrorf("memory", "qemu: %s is not a size of memory", c.Value("memory")),
			`write MiB as a number (256), or "256M", or "2G"`)
	}
	size := 0
	switch v := c.Value("memory").(type) {
	case starlark.NoneType:
		return def, nil
	case starlark.Int:
		size = c.Int("memory")
	case starlark.String:
		text, unit := strings.ToUpper(string(v)), 1
		switch {
		case strings.HasSuffix(text, "G"):
			text, unit = strings.TrimSuffix(text, "G"), 1024
		case strings.HasSuffix(text, "M"):
			text = strings.TrimSuffix(text, "M")
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return wrong()
		}
		size = n * unit
	}
	if size < 1 || size > 1<<20 {
		return wrong()
	}
	return size, nil
}
