package build

import "fmt"

// FormatSize writes a number of bytes for people, in units of 1024.
func FormatSize(n int64) string {
	units := []string{"KiB", "MiB", "GiB", "TiB"}
	if n < 1<<10 {
		return fmt.Sprintf("%d B", n)
	}
	size := float64(n) / (1 << 10)
	for len(units) > 1 && size >= 1<<10 {
		size, units = size/(1<<10), units[1:]
	}
	return fmt.Sprintf("%.1f %s", size, units[0])
}
