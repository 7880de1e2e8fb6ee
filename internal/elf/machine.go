package elf

import (
	"debug/elf"
	"fmt"
)

// machine names the CPU as uname -m does, as far as the header tells.
func (h *header) machine() string {
	m := elf.Machine(h.Machine)
	big := h.data() == "BE"
	switch m {
	case elf.EM_X86_64: // with ELF32, it is the x32 ABI
		return "x86_64"
	case elf.EM_386:
		return "i386"
	case elf.EM_AARCH64:
		return "aarch64"
	case elf.EM_ARM:
		return "arm"
	case elf.EM_RISCV:
		return h.sized("riscv32", "riscv64")
	case elf.EM_LOONGARCH:
		return h.sized("loongarch32", "loongarch64")
	case elf.EM_PPC:
		return "ppc"
	case elf.EM_PPC64:
		if big {
			return "ppc64"
		}
		return "ppc64le"
	case elf.EM_S390:
		return h.sized("s390", "s390x")
	case elf.EM_MIPS:
		return h.sized("mips", "mips64")
	case elf.EM_SPARC, elf.EM_SPARC32PLUS:
		return "sparc"
	case elf.EM_SPARCV9:
		return "sparc64"
	case elf.EM_68K:
		return "m68k"
	case elf.EM_SH:
		return "sh4"
	case elf.EM_PARISC:
		return "parisc"
	case elf.EM_ALPHA:
		return "alpha"
	case elf.EM_IA_64:
		return "ia64"
	}
	return fmt.Sprintf("machine %#x", h.Machine)
}

func (h *header) sized(narrow, wide string) string {
	if h.is64 {
		return wide
	}
	return narrow
}
