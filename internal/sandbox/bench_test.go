package sandbox_test

import (
	"path/filepath"
	"testing"

	"mini/internal/sandbox"
)

// BenchmarkRun is what one action costs beyond what it does itself.
func BenchmarkRun(b *testing.B) {
	for _, mode := range []sandbox.Mode{sandbox.Require, sandbox.Off} {
		b.Run(string(mode), func(b *testing.B) {
			if mode == sandbox.Require {
				needContained(b)
			}
			s, _ := script(b, ":")
			s.Mode = mode
			for b.Loop() {
				mustRun(b, s)
			}
		})
	}
	b.Run("overlay", func(b *testing.B) {
		needContained(b)
		s, _ := script(b, ":")
		lower := filepath.Join(filepath.Dir(s.Dir), "lower")
		write(b, lower+"/file", "")
		s.Mounts = []sandbox.Mount{{Source: lower, Target: "w", Kind: sandbox.Writable}}
		for b.Loop() {
			mustRun(b, s)
		}
	})
	b.Run("hidden", func(b *testing.B) {
		needContained(b)
		s, _ := script(b, ":")
		for _, pattern := range []string{"/usr/include/*", "/usr/lib/*/lib*.a", "/usr/lib/gcc/*/*/*.a"} {
			names, _ := filepath.Glob(pattern)
			s.Hide = append(s.Hide, names...)
		}
		for b.Loop() {
			mustRun(b, s)
		}
		b.ReportMetric(float64(len(s.Hide)), "hidden")
	})
}
