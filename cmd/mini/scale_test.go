package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// bigScript makes about n steps: programs that are each configured and compiled in their own way, and that share one source.
const bigScript = `
n = param("n", 200, doc = "about how many steps")

def program(i):
    bb = busybox("1.35.0", config = {"FEATURE_EDITING_MAX_LEN": 1000 + i})
    return [{"/bin/bb%d" % i: bb["/bin/busybox"]}, elf_deps(bb["/bin/busybox"])]

all = rootfs(files = [x for i in range(n // 4) for x in program(i)])
`

// BenchmarkScript is a script of many steps from the start of the process to the end of its plan: what every command does first. The
// time and the memory for a step should not grow with their number. Processor time is told beside the time that
// passed, for a machine on which others work.
func BenchmarkScript(b *testing.B) {
	for _, n := range []int{200, 1000, 10000, 100000} {
		if n > 10000 && testing.Short() {
			continue
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := b.TempDir()
			script := filepath.Join(dir, "big.star")
			if err := os.WriteFile(script, []byte(bigScript), 0o644); err != nil {
				b.Fatal(err)
			}
			plan := func() *os.ProcessState {
				cmd := exec.Command("mini", "plan", "--cache", filepath.Join(dir, "cache"), script, fmt.Sprint("n=", n))
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v\n%.2000s", err, out)
				}
				return cmd.ProcessState
			}
			plan() // what is known of the host's tools is written down by the first
			var used time.Duration
			var peak int64
			for b.Loop() {
				end := plan()
				used += end.UserTime() + end.SystemTime()
				peak = max(peak, end.SysUsage().(*syscall.Rusage).Maxrss)
			}
			per := float64(b.N) * float64(n)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/per, "ns/step")
			b.ReportMetric(float64(used.Nanoseconds())/per, "cpu-ns/step")
			b.ReportMetric(float64(peak)/1024, "MiB")
		})
	}
}
