package build

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mini/build/step"
)

// BenchmarkSourceTree takes a source archive to a tree in the store: decoded, written, summed up, synced, published.
// Its rival does the first two by GNU tar, and syncs. MINI_BENCH_ARCHIVE names the archive, and MINI_BENCH_MEMBER the
// tarball in it if it is a .deb; x-tar is mini's time divided by tar's, in turns and on the same disk. Nothing is
// removed before the end, as a file system may be slow to give away again what was deleted a moment ago.
func BenchmarkSourceTree(b *testing.B) {
	archive, member := os.Getenv("MINI_BENCH_ARCHIVE"), os.Getenv("MINI_BENCH_MEMBER")
	if archive == "" {
		b.Skip("MINI_BENCH_ARCHIVE names no archive")
	}
	args := []string{"--strip", "1"}
	byHand := `exec tar -xf "$1" -C "$2" --strip-components=1`
	if member != "" {
		args = append(args, "--member", member)
		byHand = `dpkg-deb --fsys-tarfile "$1" | tar -xOf - "./$3" | tar -xJf - -C "$2" --strip-components=1`
	}
	n := &Node{
		Name: "src", Title: "src", Pos: "bench.star:1:1", Inputs: []Input{{Path: "archive", Host: archive}},
		Steps: []string{step.Line("unpack", append(args, "archive", "src")...)}, Outputs: []string{"src"},
	}
	root := b.TempDir()
	var mini, tar time.Duration
	i := 0
	for b.Loop() {
		i++
		dir := filepath.Join(root, fmt.Sprint("tar", i))
		if err := os.Mkdir(dir, 0o755); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if out, err := exec.Command("sh", "-c", byHand, "sh", archive, dir, member).CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		if err := (osDisk{}).SyncAll(dir); err != nil {
			b.Fatal(err)
		}
		beside := time.Since(start)

		store, err := OpenStore(filepath.Join(root, fmt.Sprint("mini", i)))
		if err != nil {
			b.Fatal(err)
		}
		e := &Engine{Store: store, Cache: store, Host: bareHost{},
			Executor: &Local{Store: store, Host: bareHost{}, Sandbox: "auto"}}
		start = time.Now()
		if _, err := e.NewRun(NewGraph([]*Node{n})).Build(context.Background(), []*Node{n}); err != nil {
			b.Fatal(err)
		}
		own := time.Since(start)
		mini, tar = mini+own, tar+beside
		b.Logf("mini %.2f s, tar %.2f s, ratio %.2f", own.Seconds(), beside.Seconds(), own.Seconds()/beside.Seconds())
	}
	b.ReportMetric(mini.Seconds()/float64(i), "s-mini")
	b.ReportMetric(tar.Seconds()/float64(i), "s-tar")
	b.ReportMetric(mini.Seconds()/tar.Seconds(), "x-tar")
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		b.Log("load ", strings.TrimSpace(string(load)))
	}
}
