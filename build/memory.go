package build

import (
	"os"
	"strconv"
	"strings"
)

// AvailableMemory is how much the kernel thinks can be used without swapping (proc_meminfo(5)).
func AvailableMemory() (bytes int64, known bool) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	return parseAvailable(string(text))
}

func parseAvailable(meminfo string) (bytes int64, known bool) {
	for line := range strings.Lines(meminfo) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "MemAvailable:" && f[2] == "kB" {
			n, err := strconv.ParseInt(f[1], 10, 64)
			return n << 10, err == nil
		}
	}
	return 0, false
}
