package preflight

import (
	"fmt"
	"strings"
)

// drivers are what the kernel needs for the devices that people give QEMU. word stands in QEMU's arguments; what says what
// it is, and missing what there isn't without its driver. A driver that is a module will do.
var drivers = []struct {
	words   []string
	what    string
	missing string
	symbols []string
}{
	{[]string{"virtio-blk", "if=virtio"}, "a virtio disk", "there is no /dev/vda", []string{"BLOCK", "BLK_DEV", "PCI", "VIRTIO_PCI", "VIRTIO_BLK"}},
	{[]string{"virtio-net", "model=virtio"}, "a virtio network card", "there is no eth0", []string{"NET", "NETDEVICES", "PCI", "VIRTIO_PCI", "VIRTIO_NET"}},
	{[]string{"-virtfs", "virtio-9p"}, "a directory shared by 9p", "it can't be mounted", []string{"NET", "PCI", "VIRTIO_PCI", "NET_9P", "NET_9P_VIRTIO", "9P_FS"}},
	{[]string{"vhost-user-fs"}, "a directory shared by virtiofs", "it can't be mounted", []string{"PCI", "VIRTIO_PCI", "FUSE_FS", "VIRTIO_FS"}},
	{[]string{"virtio-serial", "virtconsole"}, "a virtio console", "there is no /dev/hvc0", []string{"PCI", "VIRTIO_PCI", "VIRTIO_CONSOLE"}},
	{[]string{"virtio-rng"}, "a source of random numbers", "it gives none", []string{"PCI", "VIRTIO_PCI", "HW_RANDOM", "HW_RANDOM_VIRTIO"}},
	{[]string{"virtio-scsi"}, "a virtio SCSI controller", "there are no disks behind it", []string{"BLOCK", "PCI", "VIRTIO_PCI", "SCSI", "SCSI_VIRTIO", "BLK_DEV_SD"}},
	{[]string{"virtio-gpu"}, "a virtio screen", "there is no /dev/dri", []string{"PCI", "VIRTIO_PCI", "DRM", "DRM_VIRTIO_GPU"}},
	{[]string{"-device nvme", "if=nvme"}, "an NVMe disk", "there is no /dev/nvme0n1", []string{"BLOCK", "PCI", "BLK_DEV_NVME"}},
	{[]string{"-device e1000,", "model=e1000,"}, "an Intel network card", "there is no eth0", []string{"NET", "NETDEVICES", "PCI", "E1000"}},
	{[]string{"-device e1000e"}, "an Intel network card", "there is no eth0", []string{"NET", "NETDEVICES", "PCI", "E1000E"}},
	{[]string{"usb-storage"}, "a USB stick", "there is no disk", []string{"BLOCK", "SCSI", "BLK_DEV_SD", "USB", "USB_STORAGE"}},
	{[]string{"-device ahci", "ich9-ahci"}, "a SATA controller", "there are no disks behind it", []string{"BLOCK", "PCI", "ATA", "SATA_AHCI", "BLK_DEV_SD"}},
	{[]string{"-hda ", "-hdb ", "if=ide"}, "an IDE disk", "there is no /dev/sda", []string{"BLOCK", "PCI", "ATA", "ATA_PIIX", "BLK_DEV_SD"}},
}

// checkDevices looks at the drivers of what QEMU is given.
func checkDevices(b *Boot) []Finding {
	if !b.Kernel.known() {
		return nil
	}
	k := b.Kernel
	var all []Finding
	add := func(what, boot string, off []string) {
		all = append(all, Finding{
			Severity: Warning, Part: InKernel, What: fmt.Sprintf("the machine has %s, for which the kernel has no driver: %s", what, are(off)), Boot: boot, Fix: ask(off),
		})
	}
	if b.Network {
		boot := "there is no eth0"
		if b.Ports {
			boot += ", and the ports of this machine lead nowhere"
		}
		if off := k.absent("NET", "INET", "NETDEVICES", "PCI", "VIRTIO_PCI", "VIRTIO_NET"); len(off) > 0 {
			add("a network card", boot, off)
		}
	}
	args := strings.Join(b.Args, " ") + " "
	for _, d := range drivers {
		found := false
		for _, word := range d.words {
			found = found || strings.Contains(args, word)
		}
		if off := k.absent(d.symbols...); found && len(off) > 0 && !strings.Contains(args, "virtio-mmio") {
			add(d.what, d.missing, off)
		}
	}
	if b.CPUs > 1 && !k.on("SMP") {
		all = append(all, Finding{
			Severity: Warning, Part: InKernel, What: fmt.Sprintf("the machine has %d processors, and the kernel knows of one: SMP is off", b.CPUs),
			Boot: "it uses one of them", Fix: ask([]string{"SMP"}),
		})
	}
	return append(all, b.board()...)
}

// board looks at devices that the board has no place for.
func (b *Boot) board() []Finding {
	board, _, _ := strings.Cut(b.Machine, ",")
	if !oneOf(board, "isapc", "microvm") || board == "microvm" && strings.Contains(b.Machine, "pcie=on") || !b.Network {
		return nil
	}
	return []Finding{{
		Severity: Error, Part: InMachine, What: fmt.Sprintf("the network card is behind PCI, which QEMU's %s doesn't have", board),
		Boot: `QEMU doesn't start: "No 'PCI' bus found for device"`, Fix: `write machine = "pc"`,
	}}
}
