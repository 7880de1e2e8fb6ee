package preflight

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

const (
	mib = 1 << 20
	// leastKernel is what the smallest kernels take of memory for their code, their tables and what they reserve: 13 MiB were
	// seen for the example's, which is a small one.
	leastKernel = 8 * mib
)

// checkMemory adds up what is in memory while an initramfs is unpacked: the kernel, which a PC's loads at a fixed place, and
// the files, each in whole pages. Where tmpfs holds them it takes no more than half of the memory that is left for
// programs (init_rootfs in init/do_mounts.c, shmem_default_max_blocks in mm/shmem.c). All of it is the least that it takes: what
// is found here fails for sure, and a machine that has little more may fail as well.
func checkMemory(b *Boot) []Finding {
	if b.Memory == 0 {
		return nil
	}
	memory := b.Memory
	if limit, ok := b.last("mem"); ok {
		if n := size(limit); n > 0 {
			memory = min(memory, n)
		}
	}
	packed, files := b.unpacked()
	begin, kernel := b.Kernel.place()
	need := begin + kernel + packed + files
	_, root := b.last("root")
	half := (memory - kernel - packed) / 2
	what := ""
	switch {
	case memory < need:
		what = fmt.Sprintf("the machine has %s of memory, and the kernel and the files of its initramfs take %s at least", inMiB(memory), inMiB(need))
		if begin > 0 {
			what += fmt.Sprintf(" (a PC's kernel is loaded at %s)", inMiB(begin))
		}
	case b.Kernel.on("TMPFS") && !root && files > half:
		need = 2*files + kernel + packed
		what = fmt.Sprintf("the files of the initramfs take %s, and the kernel gives them half of its memory, %s at most", inMiB(files), inMiB(half))
	default:
		return nil
	}
	return []Finding{{
		Severity: Error, Part: InMachine, What: what,
		Boot: `the machine is reset without a word, or the kernel says "Initramfs unpacking failed: write error" and finds no init`,
		Fix:  fmt.Sprintf("write memory = \"%dM\" or more", (need+need/4)/mib+1),
	}}
}

// unpacked is how large the archives are, and what is in them. One in the kernel's image is a part of that.
func (b *Boot) unpacked() (packed, files int64) {
	var least int64
	for _, a := range b.Archive {
		if !a.Embedded {
			packed += a.Size
		}
		least += a.Files
	}
	if !b.unpacks() {
		return packed, least
	}
	for f := range b.Files.All() {
		if f.Type == Regular {
			files += (f.Size + 4095) &^ 4095
		}
	}
	return packed, files
}

// place is where a PC's kernel is loaded, and how much it takes from there on: by its image's header, which says so from boot
// protocol 2.10 on (Documentation/x86/boot.rst), or else by its configuration.
func (k Kernel) place() (begin, kernel int64) {
	if h := k.Head; imageCPU(h) != "" && len(h) >= 0x264 && string(h[0x202:0x206]) == "HdrS" {
		return int64(binary.LittleEndian.Uint64(h[0x258:])), int64(binary.LittleEndian.Uint32(h[0x260:]))
	}
	if !k.known() {
		return 0, 0
	}
	return size(k.Config["PHYSICAL_START"]), leastKernel
}

func inMiB(n int64) string { return strconv.FormatInt((n+mib-1)/mib, 10) + " MiB" }

// size reads a number with a unit, as the kernel does (memparse in lib/cmdline.c).
func size(text string) int64 {
	text, _, _ = strings.Cut(text, "@")
	shift := 0
	if text != "" {
		shift = map[byte]int{'k': 10, 'm': 20, 'g': 30}[text[len(text)-1]|0x20]
	}
	if shift > 0 {
		text = text[:len(text)-1]
	}
	n, err := strconv.ParseInt(text, 0, 40)
	if err != nil {
		return 0
	}
	return n << shift
}
