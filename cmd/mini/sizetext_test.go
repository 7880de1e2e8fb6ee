package main

import (
	"fmt"
	"testing"

	"mini/internal/bloat"
)

// Another version of a package is the same package, unless a table has both.
func TestSamePackages(t *testing.T) {
	rows := func(names ...string) (all []bloat.Row) {
		for i, n := range names {
			all = append(all, bloat.Row{Name: n, Size: int64(i + 1)})
		}
		return all
	}
	before, after := samePackages(
		rows("busybox 1.35.0 x86_64", "zlib 1.2 x86_64", "zlib 1.3 x86_64", "the script", "gone 1 x86_64"),
		rows("zlib 1.3 x86_64", "busybox 1.37.0 i386", "the script", "new"))
	names := func(rows []bloat.Row) (all []string) {
		for _, r := range rows {
			all = append(all, r.Name)
		}
		return all
	}
	if got, want := fmt.Sprintf("%q %q", names(before), names(after)),
		`["busybox" "zlib 1.2 x86_64" "zlib 1.3 x86_64" "the script" "gone 1 x86_64"] ["zlib 1.3 x86_64" "busybox" "the script" "new"]`; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
