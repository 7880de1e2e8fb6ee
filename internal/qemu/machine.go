package qemu

import (
	"fmt"
	"strconv"
)

// Machine says what to boot and on which hardware. Only Program is required.
type Machine struct {
	Program string // path of the emulator, e.g. /usr/bin/qemu-system-x86_64
	Type    string // -machine, e.g. "pc" or "virt"; "" is QEMU's default
	CPU     string // -cpu; "" is QEMU's default
	Accel   string // -accel, "tcg" or "kvm"; "" is QEMU's default
	Memory  int    // MiB; 0 is QEMU's default
	CPUs    int    // 0 is one

	Kernel  string   // host path of the kernel image; "" when Args bring something bootable
	Initrd  string   // host path of an external initramfs; "" for none
	Cmdline string   // kernel command line; used only with Kernel
	Args    []string // further arguments of the user, after all of ours

	// Network is a virtio network card behind QEMU's user networking, in which
	// the guest gets 10.0.2.15 by DHCP and the host is 10.0.2.2. Forwards lead
	// from TCP ports of the host's 127.0.0.1 to the guest's.
	Network  bool
	Forwards []Forward
}

// Forward is a TCP port of the host that leads to one of the guest. With 0 for the host's, QEMU takes any that is free.
type Forward struct{ Host, Guest int }

// network is QEMU's name for ours.
const network = "net0"

// Command returns the argument vector, Program first, of a QEMU whose first
// serial port is its standard input and output and which has no window, no
// monitor and no devices but those of the board itself and those in Args.
func (m Machine) Command() []string {
	argv := []string{m.Program}
	for _, group := range m.groups() {
		argv = append(argv, group...)
	}
	argv = append(argv, "-monitor", "none", "-serial", "stdio")
	return append(argv, m.Args...)
}

// groups returns the arguments that are the same whoever holds the serial
// port, one slice for an option and its value.
func (m Machine) groups() [][]string {
	var groups [][]string
	add := func(option, value string) {
		if value != "" {
			groups = append(groups, []string{option, value})
		}
	}
	// -nodefaults drops the network card, VGA, floppy and CD drive that QEMU
	// adds unasked: their option ROMs cost boot time and nobody configured
	// them. The parts soldered to the board (interrupt controllers, timers,
	// clock, serial port) stay, so a kernel without PCI still boots.
	groups = append(groups, []string{"-nodefaults"})
	add("-machine", m.Type)
	add("-accel", m.Accel)
	add("-cpu", m.CPU)
	add("-m", number(m.Memory))
	add("-smp", number(m.CPUs))
	if m.Kernel != "" {
		add("-kernel", m.Kernel)
		add("-initrd", m.Initrd)
		add("-append", m.Cmdline)
	}
	if m.Network {
		add("-netdev", m.netdev())
		// Without romfile= the firmware would look for something to boot there.
		add("-device", "virtio-net-pci,netdev="+network+",romfile=")
	}
	// -no-reboot makes every reset an exit. Without it a guest that reboots,
	// or that triple-faults, starts over for ever.
	return append(groups, []string{"-no-reboot"}, []string{"-display", "none"})
}

func (m Machine) netdev() string {
	text := "user,id=" + network
	for _, f := range m.Forwards {
		text += fmt.Sprintf(",hostfwd=tcp:127.0.0.1:%d-:%d", f.Host, f.Guest)
	}
	return text
}

func number(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}
