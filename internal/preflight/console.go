package preflight

import (
	"fmt"
	"strings"
)

// checkConsole looks at whether anybody hears the machine: mini listens to its first serial port. The kernel's messages go
// to every console= that it has a driver for, what init says to the last of them alone
// (Documentation/admin-guide/serial-console.rst).
func checkConsole(b *Boot) []Finding {
	var all []Finding
	if b.Kernel.known() {
		all = append(all, b.drivers()...)
	}
	if b.unpacks() {
		all = append(all, b.consoleFile()...)
	}
	return all
}

func (b *Boot) drivers() []Finding {
	k, port := b.Kernel, b.Arch.Console
	if !k.on("TTY") {
		return []Finding{{
			Severity: Error, Part: InKernel, What: "the kernel has no terminals: TTY is off", Boot: "nothing that init says is heard, and no shell can be talked to",
			Fix: ask(k.lacks(append([]string{"TTY"}, consoleSymbols(port)...)...)),
		}}
	}
	var all []Finding
	if f := b.console(); f != nil {
		all = append(all, *f)
	}
	if !k.on("PRINTK") {
		all = append(all, Finding{
			Severity: Warning, Part: InKernel, What: "the kernel says nothing: PRINTK is off", Boot: "init is heard, but no message of the kernel, a panic's included",
			Fix: ask([]string{"PRINTK"}),
		})
	}
	return all
}

// console looks at what is console of the ones that the command line names.
func (b *Boot) console() *Finding {
	port := b.Arch.Console
	names, mute, last := b.consoles()
	switch {
	case len(names) == 0:
		return &Finding{
			Severity: Error, Part: InMachine, What: "no console= counts: the kernel takes its command line from its own configuration alone (CMDLINE_OVERRIDE)",
			Boot: "the kernel may say nothing", Fix: fmt.Sprintf("write console=%s into CMDLINE, or switch CMDLINE_OVERRIDE off", port),
		}
	case last == "":
		lacks := b.Kernel.lacks(consoleSymbols(names[0])...)
		return &Finding{
			Severity: Error, Part: InKernel, What: fmt.Sprintf("the kernel has no driver for console=%s: %s", names[0], are(lacks)),
			Boot: "not a word comes: neither the kernel nor init is heard", Fix: ask(lacks),
		}
	case last != port:
		return &Finding{
			Severity: Warning, Part: InMachine, What: fmt.Sprintf("init's console is %s, the last console= that the kernel has a driver for; mini listens to %s", last, port),
			Boot: "what init says, and its shell, are not seen; mini run and mini test wait for a prompt in vain",
			Fix:  fmt.Sprintf("let the last console= be %s: cmdline = \"… console=%s\"", port, port),
		}
	case len(mute) == 0:
		return nil
	}
	f := &Finding{Severity: Warning, Part: InMachine, Boot: fmt.Sprintf("everything is said on %s alone", port)}
	if lacks := b.Kernel.lacks(consoleSymbols(mute[0])...); len(lacks) > 0 {
		f.Part, f.Fix = InKernel, ask(lacks)+fmt.Sprintf(", or leave console=%s out", mute[0])
		f.What = fmt.Sprintf("the kernel has no driver for console=%s: %s", mute[0], are(lacks))
	} else {
		f.What = fmt.Sprintf("console=%s is a device that QEMU isn't given", mute[0])
		f.Fix = fmt.Sprintf(`give it one by args = ["-device", "virtio-serial-pci", "-device", "virtconsole,chardev=…"], or leave console=%s out`, mute[0])
	}
	return f
}

// consoles are the names of all console=, of those that can't be one, and of the last that can.
func (b *Boot) consoles() (names, mute []string, last string) {
	for _, p := range b.parameters() {
		if p.name != "console" {
			continue
		}
		name, _, _ := strings.Cut(p.value, ",")
		names = append(names, name)
		symbols := consoleSymbols(name)
		switch {
		case len(symbols) == 0:
			last = b.Arch.Console // nobody knows, and nothing is said of it
		case len(b.Kernel.lacks(symbols...)) > 0 || strings.HasPrefix(name, "hvc") && !strings.Contains(strings.Join(b.Args, " "), "virtconsole"):
			mute = append(mute, name)
		default:
			last = name
		}
	}
	return names, mute, last
}

// consoleSymbols are what a console needs of the kernel; none for one that isn't known here.
func consoleSymbols(name string) []string {
	switch {
	case strings.HasPrefix(name, "ttyS"):
		return []string{"SERIAL_8250", "SERIAL_8250_CONSOLE"}
	case strings.HasPrefix(name, "hvc"):
		return []string{"VIRTIO_CONSOLE"}
	case strings.HasPrefix(name, "tty") && len(name) > 3 && strings.Trim(name[3:], "0123456789") == "":
		return []string{"VT", "VT_CONSOLE"}
	case strings.HasPrefix(name, "ttyUSB"):
		return []string{"USB_SERIAL", "USB_SERIAL_CONSOLE"}
	case name == "null" || name == "":
		return []string{"NULL_TTY"}
	}
	return nil
}

// consoleFile looks at /dev/console: the kernel opens it for init before anything is mounted, so that DEVTMPFS_MOUNT, which is
// for root filesystems on disks, comes too late.
func (b *Boot) consoleFile() []Finding {
	e, ok := b.Files.Resolve("/dev/console")
	what := "there is no /dev/console in the root filesystem"
	switch {
	case ok && e.Type == Char && (e.Major == 5 && e.Minor == 1 || e.Major == 4 && e.Minor >= 64): // itself, or a serial port
		return nil
	case ok && e.Type == Char:
		what = fmt.Sprintf("/dev/console is the device %d:%d", e.Major, e.Minor)
	case ok:
		what = fmt.Sprintf("/dev/console is a %s", e.Type)
	}
	f := Finding{
		Severity: Error, Part: InRoot, What: what, Path: "/dev/console",
		Boot: "nothing that init says is heard, and it is told nothing", Fix: `write "/dev/console": device("c", 5, 1, mode = 0o600), or leave it to rootfs(…)`,
	}
	if !ok {
		f.Path = ""
	}
	if text := b.initText(); strings.Contains(text, "/dev/console") || strings.Contains(text, "/dev/"+b.Arch.Console) {
		f.Severity = Warning // it may open another one by itself
	}
	return []Finding{f}
}

// initText is what init is written in, if that is a script, without its comments.
func (b *Boot) initText() string {
	chain, bad := Start(b.Files, b.initPath())
	if bad != nil || len(chain) < 2 {
		return ""
	}
	text, err := b.Files.Read(chain[0])
	if err != nil {
		return ""
	}
	var code strings.Builder
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			code.WriteString(line)
		}
	}
	return code.String()
}
