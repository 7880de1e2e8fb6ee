package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"mini/build"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/spf13/pflag"
)

// countingCache counts how often somebody asks for what an action made.
type countingCache struct {
	*build.Store
	asked map[build.Digest]int
}

func (c *countingCache) Result(ctx context.Context, action build.Digest) (*rex.ActionResult, error) {
	c.asked[action]++
	return c.Store.Result(ctx, action)
}

// What a build of a large script would do takes a while to find out, and must be found out once: to check the host, to tell
// what is made, and to make it.
func TestCheckBootPlansOnce(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	script := filepath.Join(dir, "t.star")
	err := os.WriteFile(script, []byte(`
image = run("image", ["head -c 1024 /dev/zero > $OUT/image"])["/image"]
root = rootfs({"/init": file(text = "", mode = 0o755)})
vm = qemu(image, initramfs = initramfs(root, init = None), arch = "x86_64")
`), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	check := func(args ...string) map[build.Digest]int {
		a := &app{stdin: null, stdout: io.Discard, stderr: null, env: os.Getenv, environ: os.Environ()}
		flags := pflag.NewFlagSet("check", pflag.ContinueOnError)
		c := a.buildFlags(flags)
		if err := flags.Parse(append(args, "--cache", filepath.Join(dir, "cache"))); err != nil {
			t.Fatal(err)
		}
		s, rows, err := a.openChosen(ctx, c, []string{script}, (*row).inspectedMachines)
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		counting := &countingCache{s.store, map[build.Digest]int{}}
		s.engine.Cache = counting
		if err := s.checkBoot(ctx, rows); err != exitStatus(exitFailed) { // its /init is empty
			t.Fatal(err)
		}
		return counting.asked
	}
	check()
	asked := check("--offline") // which is one more to ask
	if len(asked) == 0 {
		t.Error("nobody has asked for anything")
	}
	for action, times := range asked {
		if times != 1 {
			t.Errorf("the result of %s was asked for %d times", action.Hash, times)
		}
	}
}
