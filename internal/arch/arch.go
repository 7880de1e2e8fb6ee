// Package arch knows what differs from one CPU architecture to the next: one record each, all in this file.
package arch

import (
	"embed"
	"fmt"
	"sort"
)

// Arch is everything that mini knows of an architecture.
type Arch struct {
	Name string // as scripts write it: "x86_64"

	// Kernel is make's ARCH=, and Image the target and path of the bootable file below the build directory
	// (linux Documentation/kbuild/kbuild.rst; arch/*/boot/Makefile).
	Kernel      string
	ImageTarget string
	Image       string
	ImageSuffix string // how the image file is called by those who build it

	// Triplet is the GNU system name; a cross compiler's programs are called TRIPLET-gcc and so on.
	Triplet string
	ELF     string // the machine as internal/elf names it
	Bits    int    // of the kernel: 32 or 64

	QEMU    string // the program
	Machine string // its -machine
	CPU     string // its -cpu; "" for the default
	Console string // the kernel's name of the first serial port
	Memory  int    // MiB that a small system is comfortable with
	// Cmdline is what a kernel is told beside its console because QEMU is what it runs on. A word that a kernel doesn't know
	// becomes an argument of init, so it is only what every kernel of the architecture knows.
	Cmdline string
}

// all is the table. Machine "pc" is chosen over newer ones because a kernel without PCI and ACPI boots on it.
var all = map[string]*Arch{
	"i386": {
		Name: "i386", Kernel: "i386", ImageTarget: "bzImage", Image: "arch/x86/boot/bzImage", ImageSuffix: "bzImage",
		Triplet: "i686-linux-gnu", ELF: "i386", Bits: 32,
		QEMU: "qemu-system-i386", Machine: "pc", Console: "ttyS0", Memory: 128,
	},
	"x86_64": {
		Name: "x86_64", Kernel: "x86_64", ImageTarget: "bzImage", Image: "arch/x86/boot/bzImage", ImageSuffix: "bzImage",
		Triplet: "x86_64-linux-gnu", ELF: "x86_64", Bits: 64,
		QEMU: "qemu-system-x86_64", Machine: "pc", Console: "ttyS0", Memory: 128,
		// A kernel counts ticks for a moment to see whether the timer is wired up, and panics if there are too few. On a busy
		// host an emulated timer is late; under KVM, Hyper-V and VMware kernels leave the check out by themselves. Those for
		// i386 know the word only with X86_IO_APIC, and without it have no such check.
		Cmdline: "no_timer_check",
	},
}

// Names lists the architectures that scripts may ask for, sorted.
func Names() []string {
	var names []string
	for n := range all {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Get returns an architecture by name.
func Get(name string) (*Arch, bool) {
	a, ok := all[name]
	return a, ok
}

// Host translates Go's name of a machine (runtime.GOARCH) into ours.
func Host(goarch string) (string, bool) {
	name, ok := map[string]string{"386": "i386", "amd64": "x86_64"}[goarch]
	return name, ok
}

//go:embed kernel/*.config
var kernelConfigs embed.FS

// KernelConfig is the documented list of symbols that makes a small kernel which boots fast on this architecture, on
// top of allnoconfig: what all have in common, then what this one adds.
func (a *Arch) KernelConfig() []byte {
	var text []byte
	for _, name := range []string{"common", a.Name} {
		b, err := kernelConfigs.ReadFile("kernel/" + name + ".config")
		if err != nil {
			panic(fmt.Sprintf("no kernel configuration for %s", name)) // a test holds the table and the files together
		}
		text = append(text, b...)
	}
	return text
}

// Cross is the prefix of the compiler's programs on a machine of the host architecture: empty for the host's own.
func (a *Arch) Cross(host string) string {
	if a.Name == host {
		return ""
	}
	return a.Triplet + "-"
}
