package preflight

import (
	"fmt"
)

// unpackers are the symbols by which the kernel unpacks an initramfs (usr/Kconfig); RD_ZSTD came with Linux 5.9.
var unpackers = map[string]string{
	"gzip": "RD_GZIP", "bzip2": "RD_BZIP2", "lzma": "RD_LZMA", "xz": "RD_XZ", "lzo": "RD_LZO", "lz4": "RD_LZ4", "zstd": "RD_ZSTD",
}

// checkUnpack looks at whether the kernel finds its initramfs, and can unpack it (init/initramfs.c).
func checkUnpack(b *Boot) []Finding {
	if !b.Kernel.known() || len(b.Archive) == 0 {
		return nil
	}
	if !b.Kernel.on("BLK_DEV_INITRD") {
		return []Finding{{
			Severity: Error, Part: InKernel, What: "there is an initramfs, and the kernel knows of none: BLK_DEV_INITRD is off",
			Boot: b.nothingFound(), Fix: ask([]string{"BLK_DEV_INITRD"}),
		}}
	}
	var all []Finding
	for _, a := range b.Archive {
		for _, format := range a.Formats {
			symbol := unpackers[format]
			if symbol == "" || b.Kernel.on(symbol) {
				continue
			}
			// What is inside the kernel must be whole; of what QEMU hands it, the kernel says only that it failed.
			boot := fmt.Sprintf("the kernel panics: %q", "compression method "+format+" not configured")
			if !a.Embedded {
				boot = fmt.Sprintf("the kernel says %q; ", "Initramfs unpacking failed: compression method "+format+" not configured") + b.nothingFound()
			}
			all = append(all, Finding{
				Severity: Error, Part: InKernel, What: fmt.Sprintf("the initramfs is packed with %s, which the kernel can't unpack: %s is off", format, symbol),
				Boot: boot, Fix: ask([]string{symbol}) + b.Kernel.otherPacking(),
			})
		}
	}
	return all
}

// checkArchive looks at archives that something else packed.
func checkArchive(b *Boot) []Finding {
	var all []Finding
	for _, a := range b.Archive {
		if a.Trouble == "" {
			continue
		}
		boot := "the kernel panics, for it is in its image"
		if !a.Embedded {
			boot = `the kernel says "Initramfs unpacking failed"; ` + b.nothingFound()
		}
		all = append(all, Finding{
			Severity: Error, Part: InRoot, What: "the kernel can't unpack the initramfs: " + a.Trouble, Boot: boot,
			Fix: "pack it as the kernel takes it: find . | cpio -o -H newc | gzip",
		})
	}
	if len(b.Dropped) > 0 {
		all = append(all, Finding{
			Severity: Warning, Part: InRoot, What: fmt.Sprintf("the initramfs has no entry for the directory of %s", some(b.Dropped)),
			Boot: "the kernel passes over what lies in no directory, without a word", Fix: "let each directory come before what is in it, as find lists them without -depth",
		})
	}
	return all
}

// otherPacking offers what the kernel can unpack, of what mini packs.
func (k Kernel) otherPacking() string {
	for _, format := range []string{"zstd", "gzip", "xz", "lz4"} {
		if k.on(unpackers[format]) {
			return fmt.Sprintf(", or pack it otherwise: initramfs(root, compression = %q)", format)
		}
	}
	return ""
}
