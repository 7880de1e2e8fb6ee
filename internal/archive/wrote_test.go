package archive

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// What Wrote says of a file is what lies on the disk: its bytes, and how it looks unless something was done to it since.
func TestWroteTellsWhatIsThere(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077))
	items := []item{text("a", "first\n"), text("empty", ""), {name: "x", mode: 0o700, body: "#!/bin/sh\n"},
		text("large", strings.Repeat("0123456789abcdef", smallFile/8)+"!"), text("b", "before\n"), hard("b2", "b"), text("a", "second\n")}
	for i := range 200 {
		items = append(items, text(fmt.Sprintf("many/%d", i%50), fmt.Sprint(i)))
	}
	var mu sync.Mutex
	sums, stats := map[string]Sum{}, map[string]unix.Stat_t{}
	dir, _, err := unpackTo(t, tarOf(t, items...), Options{Wrote: func(name string, sum Sum, stat unix.Stat_t) {
		mu.Lock()
		defer mu.Unlock()
		sums[name], stats[name] = sum, stat
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(sums); got != 5+50 {
		t.Errorf("it tells of %d files", got)
	}
	for name := range maps.Keys(sums) {
		path := filepath.Join(dir, name)
		b, err := os.ReadFile(path)
		if err != nil || sha256.Sum256(b) != sums[name] {
			t.Errorf("%s: another sum than that of its %d bytes (%v)", name, len(b), err)
		}
		var now unix.Stat_t
		if err := unix.Lstat(path, &now); err != nil {
			t.Fatal(err)
		}
		told := stats[name]
		told.Atim = now.Atim
		if linked := name == "b"; (now != told) != linked { // the hard link changed its status after it was written
			t.Errorf("%s: told\n%+v, but it is\n%+v", name, told, now)
		}
	}
}
