package main

import (
	"fmt"
	"testing"
	"time"

	"mini/internal/qemu"
)

// What nobody saw has no line of its own, and the lines end at the prompt all the same.
func TestStagesOfABoot(t *testing.T) {
	s := time.Second
	for _, c := range []struct {
		kept qemu.Timings
		want string
	}{
		{qemu.Timings{Kernel: s, Init: 3 * s, Prompt: 4 * s}, "QEMU, firmware, unpacking 1.00 s 0+25, Kernel 2.00 s 25+50, /init 1.00 s 75+25"},
		{qemu.Timings{Prompt: 4 * s}, "All, with a silent kernel 4.00 s 0+100"},
		{qemu.Timings{Kernel: s, Prompt: 4 * s}, "QEMU, firmware, unpacking 1.00 s 0+25, The rest 3.00 s 25+75"},
		{qemu.Timings{Init: 2 * s, Prompt: 4 * s}, "All before /init 2.00 s 0+50, /init 2.00 s 50+50"},
		{qemu.Timings{Kernel: s, Init: 4 * s}, "QEMU, firmware, unpacking 1.00 s 0+25, Kernel 3.00 s 25+75"},
		{qemu.Timings{}, ""},
	} {
		got := ""
		for i, stage := range stagesOf(keptBoot{Timings: c.kept}) {
			if i > 0 {
				got += ", "
			}
			got += fmt.Sprintf("%s %s %v+%v", stage.Name, stage.Took, stage.From, stage.Width)
		}
		if got != c.want {
			t.Errorf("%v: %q, want %q", c.kept, got, c.want)
		}
	}
}
