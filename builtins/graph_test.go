package builtins_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"mini/build"
	"mini/builtins"
	"mini/internal/source"
	"mini/internal/toolchain"
	"mini/lang"
)

func evaluate(t *testing.T, script string) map[string]builtins.Target {
	t.Helper()
	return evaluateWith(t, script, nil)
}

// evaluateWith takes every source for a pinned one of the version that is asked for.
func evaluateWith(t *testing.T, script string, compiler func(string) (toolchain.Facts, bool)) map[string]builtins.Target {
	t.Helper()
	session := builtins.New(builtins.Options{
		Host: "x86_64", Compiler: compiler,
		Pin: func(w source.Want) (source.Pin, bool) {
			return source.Pin{Name: w.Name, Version: w.Version, File: w.Name + ".tar", SHA256: strings.Repeat("0", 64), Size: 1}, true
		},
	})
	program, err := lang.Run(context.Background(), "t.star", []byte(script), lang.Options{Builtins: session.Table(), Types: builtins.Types()})
	if err != nil {
		t.Fatal(err)
	}
	targets := map[string]builtins.Target{}
	for _, target := range program.Targets {
		if v, ok := target.Value.(builtins.Target); ok {
			targets[target.Name] = v
		}
	}
	return targets
}

func node(t *testing.T, target builtins.Target, name string) *build.Node {
	t.Helper()
	for _, n := range build.NewGraph([]*build.Node{target.Outputs()[0].Artifact.Node}).Nodes {
		if n.Name == name {
			return n
		}
	}
	t.Fatalf("there is no node %s", name)
	return nil
}

// A kernel is compiled without looking at what it carries: that is what makes an edit of /init cheap.
func TestTheCompileNodeDoesNotReadTheInitramfs(t *testing.T) {
	targets := evaluate(t, `
a = kernel("6.1", initramfs = rootfs({"/init": "a"}))
b = kernel("6.1", initramfs = rootfs({"/init": "b"}))
c = kernel("6.1")
`)
	for _, name := range []string{"a", "b", "c"} {
		compile := node(t, targets[name], "linux.compile")
		for _, in := range compile.Inputs {
			if in.From != nil && (in.From.Node.Name == "initramfs" || in.From.Node.Name == "rootfs") {
				t.Errorf("%s: the compile node reads %s", name, in.From)
			}
		}
	}
	// But an initramfs that can't boot is found before.
	if after := node(t, targets["a"], "linux.compile").After; len(after) != 2 || after[1].Name != "initramfs" {
		t.Errorf("the compile node waits for %v", after)
	}
}

func TestTwoKernelsOfOneVersionShareASourceTree(t *testing.T) {
	targets := evaluate(t, `
a = kernel("6.1", arch = "i386")
b = kernel("6.1", arch = "x86_64")
`)
	if node(t, targets["a"], "linux.unpack") != node(t, targets["b"], "linux.unpack") {
		t.Error("each unpacks a tree of its own")
	}
}

func TestArchComesFromTheScriptsParam(t *testing.T) {
	targets := evaluate(t, `
arch = param("arch", "i386")
a = kernel("6.1")
b = kernel("6.1", arch = "x86_64")
`)
	for name, want := range map[string]string{"a": "ARCH=i386 CROSS_COMPILE=i686-linux-gnu- ", "b": "ARCH=x86_64 "} {
		steps := strings.Join(node(t, targets[name], "linux.compile").Steps, "\n")
		if !strings.Contains(steps, want) {
			t.Errorf("%s: %q is not in %q", name, want, steps)
		}
	}
}

func TestTheOrderOfADictDoesNotMatter(t *testing.T) {
	targets := evaluate(t, `
a = kernel("6.1", config = {"NET": True, "INET": True})
b = kernel("6.1", config = {"CONFIG_INET": True, "NET": True})
`)
	data := func(name string) string {
		for _, in := range node(t, targets[name], "linux.configure").Inputs {
			if in.Path == "request.config" {
				return string(in.Data)
			}
		}
		return ""
	}
	if data("a") != data("b") || !strings.Contains(data("a"), "CONFIG_INET=y\n") {
		t.Errorf("a:\n%s\nb:\n%s", data("a"), data("b"))
	}
}

func TestEveryStepsToolsAreDeclared(t *testing.T) {
	targets := evaluate(t, `vm = qemu(kernel("6.1", arch = "i386", initramfs = rootfs(busybox("1.36", arch = "i386"))))`)
	for _, n := range build.NewGraph([]*build.Node{targets["vm"].Outputs()[0].Artifact.Node}).Nodes {
		if n.InProcess() || n.Fetch != nil {
			continue
		}
		tools := " " + strings.Join(n.Tools, " ") + " "
		for _, c := range n.Compilers {
			if !strings.Contains(tools, " "+c+" ") {
				t.Errorf("%s: its compiler %s is not among its tools", n.Name, c)
			}
		}
		for _, s := range n.Steps {
			first := strings.Fields(s)[0]
			if first == "for" { // the shell's own
				continue
			}
			if !strings.Contains(tools, " "+first+" ") {
				t.Errorf("%s: %s is not among its tools", n.Name, first)
			}
		}
	}
}

// What an initramfs is put in by is learnt from the compiled kernel alone, once for all that it will ever carry.
func TestRelinkingIsLearntOnceForEveryInitramfs(t *testing.T) {
	targets := evaluate(t, `
a = kernel("6.1", initramfs = rootfs({"/init": "a"}))
b = kernel("6.1", initramfs = rootfs({"/init": "b"}))
c = kernel("6.1")
`)
	for _, name := range []string{"record", "relink", "prove"} {
		a, b := node(t, targets["a"], "linux."+name), node(t, targets["b"], "linux."+name)
		if !reflect.DeepEqual(a.Steps, b.Steps) {
			t.Errorf("%s: the steps differ:\n%q\n%q", name, a.Steps, b.Steps)
		}
		for _, in := range a.Inputs {
			if in.From != nil && (in.From.Node.Name == "initramfs" || in.From.Node.Name == "rootfs") {
				t.Errorf("%s reads %s", a.Name, in.From)
			}
		}
	}
	for _, n := range build.NewGraph([]*build.Node{targets["c"].Outputs()[0].Artifact.Node}).Nodes {
		if n.Name == "linux.record" || n.Name == "linux.prove" {
			t.Errorf("a kernel without an initramfs takes the node %s", n.Name)
		}
	}
}

// What is compiled for a kernel's addresses is compiled for a size, which an edit seldom changes, and not for a content.
func TestAddressesDependOnTheSizeAlone(t *testing.T) {
	targets := evaluate(t, `
a = kernel("6.1", initramfs = rootfs({"/init": "a"}))
b = kernel("6.1", initramfs = initramfs(rootfs({"/init": "a"}), compression = "xz"))
`)
	n := node(t, targets["a"], "linux.addresses")
	for _, in := range n.Inputs {
		if in.From != nil && in.From.Node.Name == "initramfs" {
			t.Errorf("it reads %s", in.From)
		}
	}
	if pack := node(t, targets["a"], "initramfs").Steps[0]; !strings.Contains(pack, " --pad 65536 ") {
		t.Errorf("its size changes with every edit: %s", pack)
	}
	// Where the size changes with every edit it would be compiled twice as often.
	for _, n := range build.NewGraph([]*build.Node{targets["b"].Outputs()[0].Artifact.Node}).Nodes {
		if n.Name == "linux.addresses" {
			t.Errorf("%s has the node %s", targets["b"], n.Name)
		}
	}
}

// The stand-in for the linker bears the name by which make calls the linker.
func TestTheLinkersStandInHasItsName(t *testing.T) {
	targets := evaluate(t, `
a = kernel("6.1", arch = "x86_64", initramfs = rootfs({"/init": "a"}))
b = kernel("6.1", arch = "i386", initramfs = rootfs({"/init": "a"}))
`)
	for name, ld := range map[string]string{"a": "ld", "b": "i686-linux-gnu-ld"} {
		found := false
		for _, in := range node(t, targets[name], "linux.record").Inputs {
			if in.Path == "watch/"+ld {
				found = in.Exec && strings.Contains(string(in.Data), "exec "+ld+` "$@"`)
			}
		}
		if !found {
			t.Errorf("%s: there is no executable watch/%s that calls %s", name, ld, ld)
		}
	}
}

// What packs the image is there to do it, and mini's own choice of gzip stands back for another.
func TestThePackerOfTheImageIsATool(t *testing.T) {
	targets := evaluate(t, `
none  = kernel("6.1")
xz    = kernel("6.1", config = {"KERNEL_XZ": True})
bzip2 = kernel("6.1", config = {"KERNEL_BZIP2": True})
tiny  = kernel("6.1", base = "tinyconfig")
`)
	for name, want := range map[string]string{"none": "gzip", "xz": "xz", "bzip2": "bzip2", "tiny": "xz"} {
		for _, step := range []string{"linux.configure", "linux.compile"} {
			n := 0
			for _, tool := range node(t, targets[name], step).Tools {
				if tool == want {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%s: %s has %s %d times among its tools", name, step, want, n)
			}
		}
		for _, in := range node(t, targets[name], "linux.configure").Inputs {
			if gzip := strings.Contains(string(in.Data), "CONFIG_KERNEL_GZIP=y"); gzip != (name == "none") && in.Path == "request.config" {
				t.Errorf("%s: KERNEL_GZIP is asked for: %v", name, gzip)
			}
		}
	}
}

// What a feature's build calls is a tool of it, and none where it is off.
func TestAFeaturesProgramsAreTools(t *testing.T) {
	targets := evaluate(t, `
on  = kernel("6.1", config = {"MODULE_SIG": True, "IKHEADERS": True, "DEBUG_INFO_BTF": True})
off = kernel("6.1", config = {"MODULE_SIG": False, "IKHEADERS": None})
`)
	for _, step := range []string{"linux.configure", "linux.compile"} {
		for name, want := range map[string]bool{"on": true, "off": false} {
			n := node(t, targets[name], step)
			if has := slices.ContainsFunc(n.Libraries, func(l build.Library) bool { return l.Name == "z" }); has != want && step == "linux.compile" {
				t.Errorf("%s: %s has libz: %v", name, step, has)
			}
		}
		for _, tool := range []string{"openssl", "cpio", "pahole", "python3"} {
			if !slices.Contains(node(t, targets["on"], step).Tools, tool) {
				t.Errorf("%s lacks %s", step, tool)
			}
			if slices.Contains(node(t, targets["off"], step).Tools, tool) {
				t.Errorf("%s has %s for nothing", step, tool)
			}
		}
	}
}

// A program that a script names is there in every step of a build, also where Kconfig looks which programs there are, and
// where the kernel takes its initramfs in; a compiler brings what it reads along.
func TestNamedToolsAreInEveryStep(t *testing.T) {
	targets := evaluate(t, `
linux = kernel("6.1", initramfs = rootfs({"/init": "a"}), tools = ["pahole", "perl"])
bb    = busybox("1.36", tools = ["pahole", "clang-gcc"])
`)
	for name, steps := range map[string][]string{
		"linux": {"linux.configure", "linux.compile", "linux.record", "linux.prove", "linux.embed"},
		"bb":    {"busybox.configure", "busybox"},
	} {
		for _, step := range steps {
			n := node(t, targets[name], step)
			if !slices.Contains(n.Tools, "pahole") {
				t.Errorf("%s: %s has no pahole", name, step)
			}
			if name == "bb" && !slices.Contains(n.Compilers, "clang-gcc") {
				t.Errorf("%s: what its compiler reads is not known to %s", name, step)
			}
			if perls := len(slices.DeleteFunc(slices.Clone(n.Tools), func(tool string) bool { return tool != "perl" })); name == "linux" && perls != 1 {
				t.Errorf("%s: %s has perl %d times", name, step, perls)
			}
		}
	}
}

// What a kernel carries is packed only where it is sure that the kernel can unpack it.
func TestACarriedInitramfsIsPackedIfTheKernelUnpacksIt(t *testing.T) {
	targets := evaluate(t, `
root  = rootfs({"/init": "a"})
mini  = kernel("6.1", initramfs = root)
old   = kernel("5.4", initramfs = root)
off   = kernel("6.1", initramfs = root, config = {"RD_ZSTD": False})
other = kernel("6.1", initramfs = root, base = "defconfig")
given = kernel("6.1", initramfs = initramfs(root, compression = "xz"))
`)
	for name, want := range map[string]string{
		"mini": "initramfs.cpio.zst", "old": "initramfs.cpio", "off": "initramfs.cpio",
		"other": "initramfs.cpio", "given": "initramfs.cpio.xz",
	} {
		if got := node(t, targets[name], "initramfs").Outputs[0]; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		for _, in := range node(t, targets[name], "linux.config").Inputs {
			if held := strings.Contains(string(in.Data), "CONFIG_RD_ZSTD=y"); in.Path == "asked.config" && held != strings.HasSuffix(want, ".zst") {
				t.Errorf("%s: RD_ZSTD is held against the configuration: %v", name, held)
			}
		}
	}
}

// What make keeps of the configuration that it was given would let two requests for the same configuration be two keys.
func TestNoConfigurationKeepsAnOldOne(t *testing.T) {
	for _, script := range []string{
		`x = busybox("1.36", base = "allnoconfig")`, `x = busybox("1.36")`, `x = kernel("6.1", base = "tinyconfig")`, `x = kernel("6.1", base = "defconfig")`,
	} {
		target := evaluate(t, script)["x"]
		name := "linux.configure"
		if strings.Contains(script, "busybox") {
			name = "busybox.configure"
		}
		steps := node(t, target, name).Steps
		if last := steps[len(steps)-1]; last != "rm -f build/.config.old" {
			t.Errorf("%s: the last step is %s", script, last)
		}
	}
}

// A build sees the libraries of the host that its configuration can make it need, and no others: one that it does not
// need would rebuild it with every upgrade.
func TestHostLibrariesFollowTheConfiguration(t *testing.T) {
	for call, want := range map[string]string{
		`kernel("6.1")`:                                            "elf",
		`kernel("6.1", base = "tinyconfig")`:                       "elf",
		`kernel("6.1", base = "defconfig")`:                        "elf crypto",
		`kernel("6.1", config = {"MODULE_SIG": True})`:             "elf crypto",
		`kernel("6.1", config = {"MODULE_SIG": False})`:            "elf",
		`kernel("6.1", config = {"SYSTEM_TRUSTED_KEYRING": True})`: "elf crypto",
		`busybox("1.35.0")`:                                        "",
		`busybox("1.35.0", config = {"PAM": True})`:                "pam pam_misc",
		`busybox("1.35.0", config = {"PAM": None, "ASH": True})`:   "",
	} {
		target := evaluate(t, "x = "+call+"\n")["x"]
		name := "busybox"
		if strings.HasPrefix(call, "kernel") {
			name = "linux.compile"
		}
		var got []string
		for _, l := range node(t, target, name).Libraries {
			got = append(got, l.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", call, got, want)
		}
	}
}

// differing names the nodes of b that no node of a can stand for.
func differing(t *testing.T, a, b string) string {
	t.Helper()
	var sets [][]*build.Node
	for _, script := range []string{a, b} {
		var roots []*build.Node
		for _, target := range evaluate(t, script) {
			for _, o := range target.Outputs() {
				roots = append(roots, o.Artifact.Node)
			}
		}
		sets = append(sets, roots)
	}
	known := map[*build.Node]bool{}
	merged := build.Merge(sets...)
	for _, n := range build.NewGraph(sets[0]).Nodes {
		known[merged.Node(n)] = true
	}
	var names []string
	for _, n := range build.NewGraph(sets[1]).Nodes {
		if !known[merged.Node(n)] {
			names = append(names, n.Name)
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

// How a script is written does not matter, and a change in one part reaches what is made of that part.
func TestWhatAChangedScriptChanges(t *testing.T) {
	const script = `
bb    = busybox("1.35.0", config = {"DESKTOP": False, "ASH": True})
root  = rootfs(files = [bb, {"/init": "a", "/etc/motd": "b"}], libs = elf_deps(bb))
linux = kernel("6.1", config = {"VIRTIO_NET": True, "IKCONFIG": True}, initramfs = root)
`
	for name, c := range map[string]struct{ old, new, want string }{
		"a comment, and other lines": {"bb  ", "# a comment\n\nbb  ", ""},
		"the order of symbols":       {`{"DESKTOP": False, "ASH": True}`, `{"ASH": True, "DESKTOP": False}`, ""},
		"the order of the kernel's":  {`{"VIRTIO_NET": True, "IKCONFIG": True}`, `{"IKCONFIG": True, "VIRTIO_NET": True}`, ""},
		"a text by another way":      {`"/etc/motd": "b"`, `"/etc/motd": "%s" % "b"`, ""},
		"a file":                     {`"/etc/motd": "b"`, `"/etc/motd": "c"`, "initramfs initramfs.size linux.addresses linux.embed rootfs"},
		"a symbol of BusyBox": {`"ASH": True`, `"ASH": False`,
			"busybox busybox.config busybox.configure elf_deps initramfs initramfs.size linux.addresses linux.embed rootfs"},
		"a symbol of the kernel": {`"IKCONFIG": True`, `"IKCONFIG": False`,
			"linux.addresses linux.compile linux.config linux.configure linux.embed linux.prove linux.record linux.relink"},
	} {
		changed := strings.Replace(script, c.old, c.new, 1)
		if changed == script {
			t.Fatalf("%s: nothing to change", name)
		}
		if got := differing(t, script, changed); got != c.want {
			t.Errorf("%s changes %q, want %q", name, got, c.want)
		}
	}
}

// A make that is told -j leaves the budget that all makes share.
func TestNoStepSaysHowManyJobs(t *testing.T) {
	targets := evaluate(t, `vm = qemu(kernel("6.1", initramfs = rootfs(busybox("1.36"))))`)
	for _, n := range build.NewGraph([]*build.Node{targets["vm"].Outputs()[0].Artifact.Node}).Nodes {
		for _, s := range n.Steps {
			if words := " " + s + " "; strings.Contains(words, "make ") && (strings.Contains(words, " -j") || strings.Contains(words, " --jobs")) {
				t.Errorf("%s: %s", n.Name, s)
			}
		}
	}
}

// Ports mean a network card, in whatever order they are written.
func TestPortsMeanANetwork(t *testing.T) {
	targets := evaluate(t, `
k = kernel("6.1")
a = qemu(k, ports = {8080: 80, 2222: 22})
b = qemu(k, network = True)
c = qemu(k)
`)
	machine := func(name string) *builtins.Machine { return targets[name].(*builtins.Machine) }
	if a := machine("a"); !a.Network || !slices.Equal(a.Ports, [][2]int{{2222, 22}, {8080, 80}}) {
		t.Errorf("%v %v", a.Network, a.Ports)
	}
	if !machine("b").Network || machine("c").Network {
		t.Error("a card where none was asked for, or none where one was")
	}
}

// A patch belongs to the source: who builds the same source with the same patches shares it, and another byte makes that
// source, and what is built of it, anew.
func TestAPatchIsPartOfTheSource(t *testing.T) {
	const script = `
fix  = file(text = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
a    = busybox("1.35.0", patches = [fix], arch = "i386")
b    = busybox("1.35.0", patches = [fix], arch = "x86_64")
c    = busybox("1.35.0")
k    = kernel("6.1", patches = [fix])
d    = package("dash", "0.5.12", source = distro("dash", patches = [fix]), patches = [fix], steps = ["make"])
`
	targets := evaluate(t, script)
	unpack := node(t, targets["a"], "busybox.unpack")
	if unpack != node(t, targets["b"], "busybox.unpack") || unpack == node(t, targets["c"], "busybox.unpack") {
		t.Error("the same patched source is made twice, or shared with the unpatched one")
	}
	if got := unpack.Steps[len(unpack.Steps)-1]; got != "mini step patch src patches/1/patch" {
		t.Error(got)
	}
	if got := node(t, targets["d"], "dash.unpack").Steps[1]; got != "mini step patch src patches/1/patch patches/2/patch" {
		t.Error(got)
	}
	for _, s := range node(t, targets["c"], "busybox.unpack").Steps {
		if strings.Contains(s, "patch") {
			t.Error(s)
		}
	}
	changed := strings.Replace(script, "+b", "+c", 1)
	const want = "busybox busybox.config busybox.configure busybox.unpack dash dash.unpack linux.compile linux.config linux.configure linux.unpack"
	if got := differing(t, script, changed); got != want {
		t.Errorf("another byte changes %q, want %q", got, want)
	}
}

// What would keep a machine from booting is looked for before its kernel is compiled, by who asks for the machine.
func TestAMachineIsLookedAtBeforeItsKernelIsCompiled(t *testing.T) {
	targets := evaluate(t, `
linux = kernel("6.1", initramfs = rootfs({"/init": "a"}))
vm = qemu(linux)
trusted = qemu(linux, preflight = False)
beside = qemu(linux, initramfs = rootfs({"/System.map": linux["/System.map"]}))
`)
	compile := node(t, targets["linux"], "linux.compile")
	gate := targets["vm"].(*builtins.Machine).Preflight()
	if len(gate.Before) != 1 || gate.Before[0] != compile {
		t.Errorf("the look at the machine comes before %v", gate.Before)
	}
	if slices.ContainsFunc(build.NewGraph([]*build.Node{gate}).Nodes, builtins.CompilesKernel) {
		t.Error("a look at the machine compiles its kernel")
	}
	if targets["trusted"].(*builtins.Machine).Preflight() != nil {
		t.Error("a machine is looked at that nobody wants looked at")
	}
	// What is read from a kernel is there only after it.
	if before := targets["beside"].(*builtins.Machine).Preflight().Before; before != nil {
		t.Errorf("a look at what the kernel has made comes before it: %v", before)
	}
}

// The kernel is told what QEMU is, and then what the script says, as it says it.
func TestCommandLine(t *testing.T) {
	targets := evaluate(t, `
plain = qemu(kernel("6.1", arch = "x86_64"))
more  = qemu(kernel("6.1", arch = "x86_64"), cmdline = ' quiet dyndbg="file  a.c +p" ')
small = qemu(kernel("6.1", arch = "i386"))
`)
	for name, want := range map[string]string{
		"plain": "console=ttyS0 panic=-1 no_timer_check",
		"more":  `console=ttyS0 panic=-1 no_timer_check quiet dyndbg="file  a.c +p"`,
		"small": "console=ttyS0 panic=-1", // there, a kernel without X86_IO_APIC would hand the word to its init
	} {
		if got := targets[name].(*builtins.Machine).Cmdline; got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
