package builtins_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mini/builtins"
	"mini/internal/source"
	"mini/lang"
)

func inFolder(t *testing.T, script string, files map[string]os.FileMode) (map[string]builtins.Target, error) {
	t.Helper()
	dir := t.TempDir()
	for name, mode := range files {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(name), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "linked"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../out", filepath.Join(dir, "linked", "x")); err != nil {
		t.Fatal(err)
	}
	session := builtins.New(builtins.Options{Host: "x86_64", Pin: func(source.Want) (source.Pin, bool) { return source.Pin{}, false }})
	p, err := lang.Run(context.Background(), filepath.Join(dir, "t.star"), []byte(script), lang.Options{Builtins: session.Table()})
	if err != nil {
		return nil, err
	}
	targets := map[string]builtins.Target{}
	for _, target := range p.Targets {
		if v, ok := target.Value.(builtins.Target); ok {
			targets[target.Name] = v
		}
	}
	return targets, nil
}

func TestAFolderIsItsFiles(t *testing.T) {
	targets, err := inFolder(t, `
a = package("game", source = folder("game"), steps = ["make"])
r = rootfs(folder("game", below = "/srv"))
`, map[string]os.FileMode{"game/main.c": 0o644, "game/lib/x.c": 0o644, "game/gen.sh": 0o755, "game/.git/config": 0o644, "game/.hidden": 0o644})
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, in := range node(t, targets["a"], "game").Inputs {
		if in.Exec != strings.HasSuffix(in.Path, ".sh") || !filepath.IsAbs(in.Host) {
			t.Errorf("%+v", in)
		}
		paths = append(paths, in.Path)
	}
	if !slices.Equal(paths, []string{"src/gen.sh", "src/lib/x.c", "src/main.c"}) {
		t.Error(paths)
	}
	if spec, _ := hasInput(node(t, targets["r"], "rootfs"), "rootfs.spec"); !strings.Contains(string(spec.Data), "file /srv/gen.sh in/0 0755 0 0") {
		t.Errorf("%s", spec.Data)
	}
}

func TestFoldersThatAreNone(t *testing.T) {
	for call, want := range map[string]string{
		`folder("none")`:   "there is no file",
		`folder("f/a")`:    "f/a is not a folder",
		`folder("empty")`:  "has no files",
		`folder("../")`:    "leaves the directory",
		`folder("linked")`: "symbolic link that leaves the directory",
	} {
		_, err := inFolder(t, "x = "+call+"\n", map[string]os.FileMode{"f/a": 0o644, "empty/.a": 0o644})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", call, err, want)
		}
	}
}
