package preflight

import (
	"fmt"
	"slices"
	"strings"
)

// disks are the drivers behind the names of disks; the first of each list that fits what QEMU has is enough.
var disks = []struct {
	prefix  string
	what    string
	symbols []string
	qemu    []string // words of QEMU's arguments of which one makes such a disk
}{
	{"vd", "a virtio disk", []string{"BLOCK", "BLK_DEV", "PCI", "VIRTIO_PCI", "VIRTIO_BLK"}, []string{"virtio-blk", "if=virtio"}},
	{"nvme", "an NVMe disk", []string{"BLOCK", "PCI", "BLK_DEV_NVME"}, []string{"nvme"}},
	{"sd", "a SCSI or SATA disk", []string{"BLOCK", "PCI", "SCSI", "BLK_DEV_SD"}, []string{"-hda", "-hdb", "ide-hd", "scsi-hd", "scsi-block", "usb-storage", "if=ide", "if=scsi", "-drive"}},
	{"mmcblk", "a memory card", []string{"BLOCK", "MMC", "MMC_BLOCK"}, []string{"sd-card", "if=sd"}},
}

// checkRootDevice looks at the root filesystem on a disk, where the kernel mounts that itself: it has no initramfs, or one
// without an init (kernel_init in init/main.c, init/do_mounts.c).
func checkRootDevice(b *Boot) []Finding {
	if !b.Kernel.known() || len(b.Archive) > 0 && (b.Files == nil || reaches(b.Files, b.askedInit())) {
		return nil
	}
	root, given := b.last("root")
	if !given || root == "" {
		if len(b.Archive) > 0 {
			return nil // checkInit has said what is missing
		}
		return []Finding{{
			Severity: Error, Part: InMachine, What: "there is no root filesystem: neither an initramfs nor root= on the kernel's command line",
			Boot: b.nothingFound(), Fix: "write kernel(…, initramfs = root), or qemu(…, initramfs = root)",
		}}
	}
	var all []Finding
	all = append(all, b.disk(root)...)
	all = append(all, b.rootType(root)...)
	if len(all) == 0 && !b.Kernel.on("DEVTMPFS_MOUNT") && !strings.HasPrefix(root, "/dev/ram") {
		all = append(all, Finding{
			Severity: Warning, Part: InKernel, What: "nothing is mounted at /dev of the root filesystem on the disk: DEVTMPFS_MOUNT is off",
			Boot: `unless the disk has a /dev/console of its own: "Warning: unable to open an initial console", and init is not heard`,
			Fix:  ask(b.Kernel.lacks("DEVTMPFS", "DEVTMPFS_MOUNT")),
		})
	}
	return all
}

// disk looks for the driver of the disk, and the disk.
func (b *Boot) disk(root string) []Finding {
	args := strings.Join(b.Args, " ")
	name, isDevice := strings.CutPrefix(root, "/dev/")
	for _, d := range disks {
		if !isDevice || !strings.HasPrefix(name, d.prefix) {
			continue
		}
		if off := b.Kernel.lacks(d.symbols...); len(off) > 0 {
			return []Finding{{
				Severity: Error, Part: InKernel, What: fmt.Sprintf("root=%s is %s, for which the kernel has no driver: %s", root, d.what, are(off)),
				Boot: b.cannotOpen(root), Fix: ask(off),
			}}
		}
		for _, word := range d.qemu {
			if strings.Contains(args, word) {
				return nil
			}
		}
		return []Finding{{
			Severity: Error, Part: InMachine, What: fmt.Sprintf("root=%s is %s, and QEMU is given none", root, d.what),
			Boot: b.cannotOpen(root),
			Fix:  `give it one: args = ["-drive", "file=disk.img,format=raw,if=virtio"]`,
		}}
	}
	if off := b.Kernel.lacks("BLOCK"); len(off) > 0 && !oneOf(root, "/dev/nfs", "/dev/cifs") && !strings.HasPrefix(root, "mtd") && !b.rootIsNoDisk() {
		return []Finding{{
			Severity: Error, Part: InKernel, What: fmt.Sprintf("root=%s is a disk, and the kernel knows of none: %s", root, are(off)),
			Boot: b.nothingFound(), Fix: ask(off),
		}}
	}
	return nil
}

func (b *Boot) cannotOpen(root string) string {
	if !b.knowsDisks() {
		return b.nothingFound()
	}
	return fmt.Sprintf(`the kernel says: VFS: Cannot open root device %q, and panics: "VFS: Unable to mount root fs"`, strings.TrimPrefix(root, "/dev/"))
}

// rootIsNoDisk reports whether the root filesystem is of a kind that lies on no disk, such as a directory of the host.
func (b *Boot) rootIsNoDisk() bool {
	kinds, _ := b.last("rootfstype")
	for kind := range strings.SplitSeq(kinds, ",") {
		if kind != "" && !slices.Contains(onDisks, kind) && !oneOf(kind, "ext3", "msdos", "exfat", "ntfs3") {
			return true
		}
	}
	return false
}

// rootType looks for the file system on it.
func (b *Boot) rootType(root string) []Finding {
	finding := func(what string, symbols []string) []Finding {
		return []Finding{{
			Severity: Error, Part: InKernel, What: what, Boot: fmt.Sprintf(`the kernel panics: "VFS: Unable to mount root fs", and means %s`, root), Fix: ask(symbols),
		}}
	}
	if kinds, given := b.last("rootfstype"); given && kinds != "" {
		var off []string
		for kind := range strings.SplitSeq(kinds, ",") {
			symbol, ok := b.Kernel.mounts(kind, false)
			if ok {
				return nil
			}
			off = append(off, symbol)
		}
		return finding(fmt.Sprintf("rootfstype=%s is no file system that the kernel knows: %s", kinds, are(off)), off)
	}
	if root == "/dev/nfs" || root == "/dev/cifs" {
		return nil
	}
	for _, kind := range onDisks {
		if _, ok := b.Kernel.mounts(kind, false); ok {
			return nil
		}
	}
	return finding("the kernel knows no file system that lies on disks", []string{"EXT4_FS"})
}
