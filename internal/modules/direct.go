package modules

import (
	archivezip "archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/zip"
)

// direct is a module's own git repository, asked without a proxy between.
//
// Where the repository is follows from the module's path alone: it ends behind an element that ends in .git, or else
// behind the third, as all the usual forges have it. (The go command would also ask the web server for a <meta> tag.)
type direct struct {
	cache  *Cache
	path   string
	url    string
	subdir string // of the module in the repository, "" for its root
	major  string // "/v2" of the path, "" for none
}

func (c *Cache) direct(modulePath string) *direct {
	prefix, major, _ := module.SplitPathVersion(modulePath)
	parts := strings.Split(prefix, "/")
	n := min(3, len(parts))
	for i, p := range parts {
		if strings.HasSuffix(p, ".git") {
			n = i + 1
		}
	}
	return &direct{c, modulePath, "https://" + strings.Join(parts[:n], "/"), strings.Join(parts[n:], "/"), major}
}

// git runs git in dir.
func (d *direct) git(ctx context.Context, dir string, args ...string) (string, error) {
	if d.cache.config.Git == "" {
		return "", errors.New("git is not installed")
	}
	// A server that sends nothing must not keep us for ever, and nobody is there to type a password.
	args = append([]string{"-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=30"}, args...)
	cmd := exec.CommandContext(ctx, d.cache.config.Git, args...)
	cmd.Dir = dir
	cmd.Env = []string{"GIT_SSH_COMMAND=ssh -o BatchMode=yes -o ConnectTimeout=30"}
	for _, kv := range d.cache.config.GitEnv {
		if name, _, _ := strings.Cut(kv, "="); !aboutOneRepository[name] {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	cmd.WaitDelay = 5 * time.Second
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", fmt.Errorf("git of %s: %s", d.url, lastLine(complaint.String(), err))
	}
	return strings.TrimSpace(out.String()), nil
}

// aboutOneRepository is the settings that a hook of git leaves to what it starts, mini perhaps.
var aboutOneRepository = map[string]bool{
	"GIT_DIR": true, "GIT_WORK_TREE": true, "GIT_INDEX_FILE": true, "GIT_PREFIX": true, "GIT_COMMON_DIR": true,
	"GIT_OBJECT_DIRECTORY": true, "GIT_NAMESPACE": true,
}

// lastLine is what git says at the end, where the cause stands.
func lastLine(text string, err error) string {
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if rest, found := strings.CutPrefix(line, "fatal: "); found {
			return rest
		}
	}
	if text = strings.TrimSpace(text); text != "" {
		return text[strings.LastIndexByte(text, '\n')+1:]
	}
	return err.Error()
}

// tagPrefix is what stands before the version in tags: a module below the root has tags with its directory.
func (d *direct) tagPrefix() string {
	if d.subdir == "" {
		return ""
	}
	return d.subdir + "/"
}

// versions lists the versions that have a tag.
func (d *direct) versions(ctx context.Context) ([]string, error) {
	if err := os.MkdirAll(d.cache.config.Dir, 0o755); err != nil {
		return nil, err
	}
	out, err := d.git(ctx, d.cache.config.Dir, "ls-remote", "--tags", "--refs", "--", d.url)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, line := range strings.Split(out, "\n") {
		_, ref, _ := strings.Cut(line, "\t")
		if v, ok := strings.CutPrefix(ref, "refs/tags/"+d.tagPrefix()); ok {
			if v = d.versionOfTag(v); v != "" {
				all = append(all, v)
			}
		}
	}
	return all, nil
}

// versionOfTag is the module version of a tag such as v1.2.3; "" if it is none, or one of another path's.
func (d *direct) versionOfTag(tag string) string {
	if !semver.IsValid(tag) || semver.Canonical(tag) != tag {
		return ""
	}
	if module.CheckPathMajor(tag, d.major) == nil {
		return tag
	}
	if d.major == "" {
		return tag + "+incompatible"
	}
	return ""
}

// clone has the whole history of the repository, in a directory that the caller removes.
func (d *direct) clone(ctx context.Context) (dir string, err error) {
	if err := os.MkdirAll(d.cache.config.Dir, 0o755); err != nil {
		return "", err
	}
	if dir, err = os.MkdirTemp(d.cache.config.Dir, ".git-"); err != nil {
		return "", err
	}
	if _, err = d.git(ctx, dir, "init", "-q"); err == nil {
		_, err = d.git(ctx, dir, "fetch", "-q", "--tags", "--", d.url, "+refs/heads/*:refs/remotes/origin/*", "+HEAD:refs/mini/head")
	}
	if err != nil {
		os.RemoveAll(dir)
	}
	return dir, err
}

// commit finds what a branch, tag or commit is in a clone; "" is the repository's own HEAD.
func (d *direct) commit(ctx context.Context, dir, query string) (string, error) {
	names := []string{"refs/tags/" + d.tagPrefix() + query, "refs/remotes/origin/" + query, query}
	if query == "" {
		names = []string{"refs/mini/head"}
	}
	for _, name := range names {
		if hash, err := d.git(ctx, dir, "rev-parse", "-q", "--verify", "--end-of-options", name+"^{commit}"); err == nil {
			return hash, nil
		}
	}
	return "", &fs.PathError{Op: "look for", Path: query, Err: fs.ErrNotExist}
}

// resolve is the version of a branch, tag or commit: its tag, or a pseudo-version.
func (d *direct) resolve(ctx context.Context, query string) (string, error) {
	dir, err := d.clone(ctx)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	query = strings.TrimSuffix(query, "+incompatible")
	hash, err := d.commit(ctx, dir, query)
	if err != nil {
		return "", err
	}
	if v := d.versionOfTag(query); v != "" {
		return v, nil
	}
	stamp, err := d.git(ctx, dir, "log", "-1", "--format=%ct", hash)
	if err != nil {
		return "", err
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return "", err
	}
	if v, err := d.highestTag(ctx, dir, "--points-at", hash); err != nil || v != "" {
		return v, err
	}
	older, err := d.highestTag(ctx, dir, "--merged", hash)
	if err != nil {
		return "", err
	}
	major := module.PathMajorPrefix(d.major)
	return module.PseudoVersion(major, older, time.Unix(seconds, 0), hash[:12]), nil
}

// highestTag is the highest version among those tags of a clone that git tag lists by a condition, "" if there is none.
func (d *direct) highestTag(ctx context.Context, dir string, condition ...string) (string, error) {
	tags, err := d.git(ctx, dir, append([]string{"tag"}, condition...)...)
	highest := ""
	for _, tag := range strings.Fields(tags) {
		rest, ok := strings.CutPrefix(tag, d.tagPrefix())
		if v := d.versionOfTag(rest); ok && v != "" && semver.Build(v) == "" && semver.Compare(v, highest) > 0 {
			highest = v
		}
	}
	return highest, err
}

// zip makes the zip of a version, as a proxy would.
func (d *direct) zip(ctx context.Context, v module.Version, to string) error {
	dir, err := d.clone(ctx)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	query := strings.TrimSuffix(v.Version, "+incompatible")
	if module.IsPseudoVersion(query) {
		if query, err = module.PseudoVersionRev(query); err != nil {
			return err
		}
	}
	hash, err := d.commit(ctx, dir, query)
	if err != nil {
		return err
	}
	subdir := d.subdir
	// The next major may lie in a directory of that name beside the first.
	if next := path.Join(subdir, strings.TrimPrefix(d.major, "/")); d.major != "" {
		if _, err := d.git(ctx, dir, "rev-parse", "-q", "--verify", hash+":"+next+"/go.mod"); err == nil {
			subdir = next
		}
	}
	files, err := d.files(ctx, dir, hash, subdir)
	if err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	return errors.Join(zip.Create(out, v, files), out.Close())
}

// files is what a commit has below a directory, as git archive makes it: it leaves out what .gitattributes excludes. A
// module below the root has the licence of the root, as a proxy's zip has it.
func (d *direct) files(ctx context.Context, dir, hash, subdir string) ([]zip.File, error) {
	archive := filepath.Join(dir, "archive.zip")
	args := []string{"-c", "core.autocrlf=input", "-c", "core.eol=lf", "archive", "--format=zip", "-o", archive, hash}
	if subdir != "" {
		args = append(args, subdir)
	}
	if _, err := d.git(ctx, dir, args...); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(archive)
	if err != nil {
		return nil, err
	}
	r, err := archivezip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return nil, err
	}
	var files []zip.File
	licence := subdir == ""
	for _, f := range r.File {
		name, below := f.Name, true
		if subdir != "" {
			name, below = strings.CutPrefix(f.Name, subdir+"/")
		}
		if !below || strings.HasSuffix(f.Name, "/") {
			continue
		}
		licence = licence || name == "LICENSE"
		files = append(files, archived{name, f})
	}
	if licence {
		return files, nil
	}
	if rootLicence, err := d.archivedLicence(ctx, dir, hash); err == nil {
		files = append(files, rootLicence)
	}
	return files, nil
}

func (d *direct) archivedLicence(ctx context.Context, dir, hash string) (zip.File, error) {
	archive := filepath.Join(dir, "licence.zip")
	if _, err := d.git(ctx, dir, "archive", "--format=zip", "-o", archive, hash, "LICENSE"); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(archive)
	if err != nil {
		return nil, err
	}
	r, err := archivezip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil || len(r.File) != 1 {
		return nil, fs.ErrNotExist
	}
	return archived{"LICENSE", r.File[0]}, nil
}

// archived is a file of git's zip under its name in ours.
type archived struct {
	name string
	file *archivezip.File
}

func (a archived) Path() string                 { return a.name }
func (a archived) Lstat() (os.FileInfo, error)  { return a.file.FileInfo(), nil }
func (a archived) Open() (io.ReadCloser, error) { return a.file.Open() }
