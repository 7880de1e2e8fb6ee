package modules

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/module"
)

// repository is a git repository that the address of a forge leads to.
type repository struct {
	t   *testing.T
	dir string
	env []string
}

func newRepository(t *testing.T, address string) *repository {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	r := &repository{t: t, dir: t.TempDir()}
	config := filepath.Join(t.TempDir(), "gitconfig")
	text := "[url \"file://" + r.dir + "\"]\n\tinsteadOf = https://" + address + "\n[user]\n\tname = x\n\temail = x@example.org\n"
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r.env = []string{"GIT_CONFIG_GLOBAL=" + config, "GIT_CONFIG_NOSYSTEM=1", "PATH=" + os.Getenv("PATH"), "HOME=/nowhere",
		"GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z"}
	r.git("init", "-q", "-b", "main")
	return r
}

func (r *repository) git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = r.dir, r.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit records files, and tags the commit.
func (r *repository) commit(files published, tags ...string) {
	r.t.Helper()
	for name, text := range files {
		file := filepath.Join(r.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "x")
	for _, tag := range tags {
		r.git("tag", tag)
	}
}

func (r *repository) cache(t *testing.T, proxy string) *Cache {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	return newCache(t, Config{Proxy: proxy, Git: git, GitEnv: append(r.env, "GIT_DIR=/dev/null/git")})
}

func TestModulesStraightFromGit(t *testing.T) {
	r := newRepository(t, "forge.example.org/acme/net")
	r.commit(published{"net.star": "x = 1\n", ".gitattributes": "*.md export-ignore\n", "README.md": "no", "LICENSE": "free\n"}, "v1.0.0", "not-a-version")
	first := r.git("rev-parse", "HEAD")[:12]
	r.commit(published{"net.star": "x = 2\n", "sub/dir/deep.star": "y = 1\n"}, "v1.1.0", "sub/dir/v0.3.0", "v2.0.0")
	r.git("branch", "side")
	r.commit(published{"net.star": "x = 3\n"})
	last := r.git("rev-parse", "HEAD")[:12]

	const path, sub = "forge.example.org/acme/net", "forge.example.org/acme/net/sub/dir"
	empty := newServer(t, nil)
	c := r.cache(t, empty.URL+",direct")
	for _, tt := range []struct{ path, query, want string }{
		{path, "latest", "v1.1.0"},
		{path, "v1.0.0", "v1.0.0"},
		{path, "v2.0.0", "v2.0.0+incompatible"},
		{path, "main", "v1.1.1-0.20260102030405-" + last},
		{path, last[:8], "v1.1.1-0.20260102030405-" + last},
		{path, first, "v1.0.0"},
		{path, "side", "v1.1.0"},
		{sub, "main", "v0.3.1-0.20260102030405-" + last},
		{path, "nowhere", "!there is no"},
		{path + "/v2", "latest", "v2.0.0"},
		{sub, "latest", "v0.3.0"},
		{"forge.example.org/acme/none", "latest", "!direct: git of https://forge.example.org/acme/none: "},
	} {
		got, err := c.Resolve(context.Background(), tt.path, tt.query)
		if want, wrong := strings.CutPrefix(tt.want, "!"); wrong && (err == nil || !strings.Contains(err.Error(), want)) || !wrong && got != tt.want {
			t.Errorf("%s@%s: %s, %v", tt.path, tt.query, got, err)
		}
	}
	for _, tt := range []struct {
		path, version string
		want          published
	}{
		{path, "v1.0.0", published{"net.star": "x = 1\n", ".gitattributes": "*.md export-ignore\n", "LICENSE": "free\n"}},
		{path, "v1.1.1-0.20260102030405-" + last, published{"net.star": "x = 3\n", ".gitattributes": "*.md export-ignore\n", "LICENSE": "free\n", "sub/dir/deep.star": "y = 1\n"}},
		{path + "/v2", "v2.0.0", published{"net.star": "x = 2\n", ".gitattributes": "*.md export-ignore\n", "LICENSE": "free\n", "sub/dir/deep.star": "y = 1\n"}},
		{sub, "v0.3.0", published{"deep.star": "y = 1\n", "LICENSE": "free\n"}},
	} {
		v := module.Version{Path: tt.path, Version: tt.version}
		tree, err := c.Tree(context.Background(), v, "")
		if err != nil {
			t.Error(err)
			continue
		}
		// A proxy makes the same zip of it, or else a checksum would depend on who was asked.
		if want := sumOfFiles(t, v, tt.want); tree.Sum != want {
			t.Errorf("%s: other files than a proxy would have: %q", v, tree.Files())
		}
	}
	if left, _ := filepath.Glob(filepath.Join(c.config.Dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	// GOPRIVATE passes by the proxies.
	asked := newServer(t, nil)
	private := r.cache(t, asked.URL)
	private.config.NoProxy = "forge.example.org"
	if _, err := private.Resolve(context.Background(), path, "latest"); err != nil || len(asked.asked) > 0 {
		t.Errorf("%v, asked %q", err, asked.asked)
	}
	// Without git it is said.
	if _, err := newCache(t, Config{Proxy: "direct"}).Resolve(context.Background(), path, "latest"); err == nil || !strings.Contains(err.Error(), "git is not installed") {
		t.Error(err)
	}
}

func TestWhereARepositoryEnds(t *testing.T) {
	var got []string
	for _, path := range []string{"github.com/a/b", "github.com/a/b/c/d", "github.com/a/b/v3", "example.org/x.git/sub", "example.org/x/y/z.git", "example.org/x"} {
		d := (&Cache{}).direct(path)
		got = append(got, d.url+" "+d.subdir)
	}
	want := []string{
		"https://github.com/a/b ", "https://github.com/a/b c/d", "https://github.com/a/b ", "https://example.org/x.git sub",
		"https://example.org/x/y/z.git ", "https://example.org/x ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
