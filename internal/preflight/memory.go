package preflight

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	mib = 1 << 20
	// leastKernel is what the smallest kernel takes of a PC's memory for itself, its tables and its first programs.
	leastKernel = 4 * mib
)

// checkMemory adds up what is in memory while an initramfs is unpacked: the archive, and the files, each in whole pages. Its size
// decides, not how it is packed. Where tmpfs holds them it takes no more than half of the memory
// (init_rootfs in init/do_mounts.c, shmem_default_max_blocks in mm/shmem.c).
func checkMemory(b *Boot) []Finding {
	if !b.unpacks() || b.Memory == 0 {
		return nil
	}
	memory := b.Memory
	if limit, ok := b.last("mem"); ok {
		if n := size(limit); n > 0 {
			memory = min(memory, n)
		}
	}
	var packed, files int64
	for _, a := range b.Archive {
		packed += a.Size
	}
	for f := range b.Files.All() {
		if f.Type == Regular {
			files += (f.Size + 4095) &^ 4095
		}
	}
	need := leastKernel + max(b.Kernel.Size, 0) + packed + files
	what := ""
	_, root := b.last("root")
	if memory < need {
		what = fmt.Sprintf("the machine has %s of memory, and the kernel, the initramfs and its files take over %s", inMiB(memory), inMiB(need))
	} else if half := (memory - leastKernel) / 2; b.Kernel.known() && b.Kernel.on("TMPFS") && !root && files > half {
		need = 2*files + leastKernel
		what = fmt.Sprintf("the files of the root filesystem take %s, and the kernel gives them half of its memory, %s at most", inMiB(files), inMiB(half))
	}
	if what == "" {
		return nil
	}
	return []Finding{{
		Severity: Error, Part: InMachine, What: what,
		Boot: `the machine stays silent, or the kernel says "Initramfs unpacking failed: write error", or it runs out of memory`,
		Fix:  fmt.Sprintf("write memory = \"%dM\" or more", (need+need/4)/mib+1),
	}}
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
