package lang_test

import (
	"context"
	"testing"

	"mini/lang"
)

// BenchmarkTypes is what a call of a function costs with types and without, in a script of 10,000 calls, and what a
// multiplication costs beside an addition, since the former is looked at.
func BenchmarkTypes(b *testing.B) {
	const loop = "for i in range(10000):\n    "
	for name, src := range map[string]string{
		"call without": "def f(a, b = 1):\n    return a\n" + loop + "f(i)\n",
		"call with":    "def f(a: int, b: int = 1) -> int:\n    return a\n" + loop + "f(i)\n",
		"plus":         loop + "i + i\n",
		"times":        loop + "i * i\n",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := lang.Run(context.Background(), "main.star", []byte(src), lang.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10000, "ns/operation")
		})
	}
}
