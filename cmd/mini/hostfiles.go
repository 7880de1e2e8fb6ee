package main

import (
	"context"
	"os/exec"
	"slices"
	"strings"

	"mini/build"
	"mini/build/step"
)

// hostFile is a file of this machine that was copied into an image: the C library, mostly. It is in no source, and whoever gives
// the image to others gives it too.
type hostFile struct {
	Path    string `json:"path"`
	SHA256  string `json:"sha256"`
	Package string `json:"package,omitempty"` // whose file it is, where dpkg knows
	Version string `json:"version,omitempty"`
}

// hostFiles are those that the steps of a plan took.
func (s *session) hostFiles(ctx context.Context, plan []*build.Planned) ([]hostFile, error) {
	all := []hostFile{}
	for _, p := range plan {
		object, known := p.Outputs()[p.Node.HostFiles]
		if p.Node.HostFiles == "" || !known {
			continue
		}
		text, err := s.engine.Cache.Bytes(ctx, object.Digest)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			sum, path, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
			f := hostFile{Path: path, SHA256: sum}
			if sum != step.Absent && !slices.Contains(all, f) {
				all = append(all, f)
			}
		}
	}
	slices.SortFunc(all, func(a, b hostFile) int { return strings.Compare(a.Path, b.Path) })
	s.app.askOwners(ctx, all)
	return all, nil
}

// askOwners asks dpkg whose the files are. Where there is no dpkg, and of files that no package brought, nobody knows.
func (a *app) askOwners(ctx context.Context, files []hostFile) {
	ask := func(args ...string) []string {
		cmd := exec.CommandContext(ctx, "dpkg-query", args...)
		cmd.Env = a.toolEnv()
		out, _ := cmd.Output() // it fails where it knows one of many not, and tells of the others
		return strings.Split(strings.TrimSpace(string(out)), "\n")
	}
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path, otherName(f.Path))
	}
	if len(paths) == 0 {
		return
	}
	owner := map[string]string{}
	for _, line := range ask(append([]string{"--search"}, paths...)...) {
		if name, path, ok := strings.Cut(line, ": "); ok && !strings.Contains(name, " ") { // several share it, or it was diverted
			owner[path] = name
		}
	}
	version := map[string]string{}
	for _, line := range ask("--show", "--showformat", "${binary:Package} ${Version}\n") {
		name, v, _ := strings.Cut(line, " ")
		version[name] = v
	}
	for i, f := range files {
		name := owner[f.Path]
		if name == "" {
			name = owner[otherName(f.Path)]
		}
		files[i].Package, files[i].Version = name, version[name]
	}
}

// otherName is the name that a file has where /lib is a link to /usr/lib: packages have the one or the other.
func otherName(path string) string {
	if bare, ok := strings.CutPrefix(path, "/usr"); ok {
		return bare
	}
	return "/usr" + path
}
