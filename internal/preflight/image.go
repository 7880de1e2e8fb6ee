package preflight

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// checkImage looks at an image that something else than kernel(…) made: whether it is for the machine's CPU.
func checkImage(b *Boot) []Finding {
	cpu := imageCPU(b.Kernel.Head)
	if cpu == "" || cpu == b.Arch.Name || cpu == "i386" && b.Arch.Name == "x86_64" {
		return nil // a 32-bit kernel runs on a 64-bit PC
	}
	fix := "take an image for " + b.Arch.Name
	if oneOf(cpu, "i386", "x86_64") {
		fix += fmt.Sprintf(", or write qemu(…, arch = %q)", cpu)
	}
	return []Finding{{
		Severity: Error, Part: InMachine, What: fmt.Sprintf("the kernel's image is for %s, and the machine is %s", cpu, b.Arch.Name),
		Boot: "not a word comes, or QEMU refuses the image", Fix: fix,
	}}
}

// imageCPU reads from the first KiB of a kernel's image which CPU it is for; "" where that can't be told. The places are those
// of Documentation/x86/boot.rst (the flags are there from protocol 2.12 on, that is Linux 3.8), Documentation/arm64/booting.rst,
// Documentation/riscv/boot-image-header.rst, and of ELF.
func imageCPU(head []byte) string {
	at := func(offset int, magic string) bool {
		return len(head) >= offset+len(magic) && string(head[offset:offset+len(magic)]) == magic
	}
	switch {
	case at(0x202, "HdrS") && len(head) >= 0x238:
		if binary.LittleEndian.Uint16(head[0x206:]) < 0x20c {
			return ""
		}
		if binary.LittleEndian.Uint16(head[0x236:])&1 != 0 { // XLF_KERNEL_64
			return "x86_64"
		}
		return "i386"
	case at(0x38, "ARM\x64"):
		return "arm64"
	case at(0x38, "RSC\x05"):
		return "riscv"
	case bytes.HasPrefix(head, []byte("\x7fELF")) && len(head) >= 20:
		return map[uint16]string{3: "i386", 62: "x86_64", 40: "arm", 183: "arm64", 243: "riscv"}[binary.LittleEndian.Uint16(head[18:])]
	}
	return ""
}
