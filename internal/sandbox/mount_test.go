package sandbox_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mini/internal/sandbox"
)

// tree makes a directory as the store has them, and returns its path and a function that wants it unchanged.
func tree(t *testing.T) (dir string, unchanged func()) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "a,b:c=tree") // what options are made of
	write(t, dir+"/kept", "kept")
	write(t, dir+"/changed", "before")
	write(t, dir+"/sub/removed", "removed")
	write(t, dir+"/sub/tool", "#!/bin/sh\necho ran\n")
	if err := os.Symlink("kept", dir+"/link"); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir+"/sub/tool", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"kept", "changed", "sub/removed", "sub/tool", "sub", "."} {
		if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	before := listing(t, dir)
	return dir, func() {
		t.Helper()
		if after := listing(t, dir); after != before {
			t.Errorf("the source has changed from\n%sto\n%s", before, after)
		}
	}
}

var old = time.Unix(1_000_000_000, 123_456_789)

// listing is all that there is to know about a tree.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		b.WriteString(rel + " " + info.Mode().String() + " " + info.ModTime().UTC().Format(time.RFC3339Nano))
		if info.Mode().IsRegular() {
			b.WriteString(" " + read(t, path))
		}
		b.WriteString("\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReadOnlyMounts(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		src, unchanged := tree(t)
		s, out := script(t, "cat in/src/kept; echo; cat one; stat -L -c %Y in/src/kept")
		s.Mode = mode
		s.Mounts = []sandbox.Mount{{Source: src, Target: "in/src"}, {Source: src + "/changed", Target: "one"}}
		mustRun(t, s)
		wantText(t, out.String(), "kept\nbefore1000000000")
		unchanged()
	})
}

func TestWritableMountsLeaveTheirSourceAlone(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		src, unchanged := tree(t)
		s, out := script(t, `
			stat -c %Y.%y w w/kept w/sub
			echo after >w/changed; rm w/sub/removed; chmod 600 w/sub/tool; touch -d @5.000000007 w/sub/new; ln -s nowhere w/new-link
			mkdir -p w/out/deep; echo deep >w/out/deep/file; chmod 555 w/out/deep; touch -d @6 w/out/deep; mv w/sub w/moved; rm -r w/moved`)
		s.Mode = mode
		s.Mounts = []sandbox.Mount{{Source: src, Target: "w", Kind: sandbox.Writable}}
		s.Collect = []string{"w/changed", "w/out", "w/new-link", "w/never-made"}
		res := mustRun(t, s)
		unchanged()
		if strings.Count(out.String(), "1000000000.2001-09-09 01:46:40.123456789") != 3 {
			t.Errorf("times inside:\n%s", out)
		}
		wantText(t, read(t, s.Dir+"/w/changed"), "after")
		wantText(t, read(t, s.Dir+"/w/out/deep/file"), "deep")
		info, err := os.Stat(s.Dir + "/w/out/deep")
		if err != nil || info.Mode().Perm() != 0o555 || info.ModTime().Unix() != 6 {
			t.Errorf("w/out/deep: %v, %v", info, err)
		}
		if target, err := os.Readlink(s.Dir + "/w/new-link"); target != "nowhere" {
			t.Error(target, err)
		}
		if _, err := os.Lstat(s.Dir + "/w/never-made"); err == nil {
			t.Error("an output that was not made is there")
		}
		overlaid := host().Overlay.OK && mode == sandbox.Require
		if _, err := os.Lstat(s.Dir + "/w/kept"); overlaid != (err != nil) || overlaid != (len(res.Copied) == 0) {
			t.Errorf("overlay %v, but kept: %v, copied %v", overlaid, err, res.Copied)
		}
		for _, dir := range []string{s.Scratch, s.Dir} {
			if err := sandbox.RemoveAll(dir); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestCollectWholeTree(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		src, unchanged := tree(t)
		s, _ := script(t, "echo plain >plain; rm out/w/sub/removed; echo after >out/w/changed; rm out/w/link; touch -d @7 out/w/changed out/w")
		s.Mode = mode
		s.Mounts = []sandbox.Mount{{Source: src, Target: "out/w", Kind: sandbox.Writable}}
		s.Collect = []string{"plain", "out"}
		mustRun(t, s)
		unchanged()
		got := listing(t, s.Dir+"/out/w")
		for _, want := range []string{
			". drwxr-xr-x 1970-01-01T00:00:07Z\n", "changed -rw-r--r-- 1970-01-01T00:00:07Z after\n",
			"kept -rw-r--r-- 2001-09-09T01:46:40.123456789Z kept\n", "sub/tool -rwxr-xr-x 2001-09-09T01:46:40.123456789Z #!",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("no %q in\n%s", want, got)
			}
		}
		if strings.Contains(got, "removed") || strings.Contains(got, "link") {
			t.Errorf("what was removed is there:\n%s", got)
		}
	})
}

func TestNothingIsCollectedAfterAFailure(t *testing.T) {
	needContained(t)
	src, _ := tree(t)
	s, _ := script(t, "echo after >w/changed; exit 1")
	s.Mounts = []sandbox.Mount{{Source: src, Target: "w", Kind: sandbox.Writable}}
	s.Collect = []string{"w/changed"}
	res, err := sandbox.Run(context.Background(), s)
	if err != nil || res.ExitCode != 1 {
		t.Fatal(res, err)
	}
	if len(res.Copied) > 0 {
		t.Skip("this host refuses overlays, and a copy is there in any case")
	}
	if _, err := os.Lstat(s.Dir + "/w/changed"); err == nil {
		t.Error("collected")
	}
}

// TestPlantedLinks: an action moves the place of its mount away and puts a link there; outputs must not follow it.
func TestPlantedLinks(t *testing.T) {
	needContained(t)
	src, _ := tree(t)
	s, _ := script(t, "mv d moved; ln -s /tmp d; mkdir -p /tmp/w; ln -s /etc/passwd moved/w/stolen")
	s.Mounts = []sandbox.Mount{{Source: src, Target: "d/w", Kind: sandbox.Writable}}
	s.Collect = []string{"d/w"}
	_, err := sandbox.Run(context.Background(), s)
	if err == nil || !strings.Contains(err.Error(), "output d/w") {
		t.Errorf("error %v", err)
	}
	if entries, _ := os.ReadDir(s.Scratch + "/tmp/w"); len(entries) > 0 {
		t.Errorf("written through the link: %v", entries)
	}
}

func TestSpecialFilesAreNotCollected(t *testing.T) {
	needContained(t)
	src, _ := tree(t)
	s, _ := script(t, "mkfifo w/pipe")
	s.Tools["mkfifo"] = tools(t, "mkfifo")["mkfifo"]
	s.Mounts = []sandbox.Mount{{Source: src, Target: "w", Kind: sandbox.Writable}}
	s.Collect = []string{"w/pipe"}
	res, err := sandbox.Run(context.Background(), s)
	if len(res.Copied) == 0 && (err == nil || !strings.Contains(err.Error(), "w/pipe is neither")) {
		t.Errorf("error %v", err)
	}
}
