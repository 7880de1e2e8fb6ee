package main

import (
	"os"
	"os/exec"
	"path/filepath"
)

// lookTool finds a program for steps, as exec.LookPath does, but passes over shims: the stand-ins of pyenv, rbenv, asdf, mise and
// their like, which all lie in a directory of that name. A shim asks the user's files and the directory which of several
// versions is meant, and a step has neither; what it would start lies outside of the step as well.
func lookTool(name string) (string, error) {
	found, err := exec.LookPath(name)
	if err != nil || filepath.Base(filepath.Dir(found)) != shims {
		return found, err
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if filepath.Base(dir) == shims || !filepath.IsAbs(dir) {
			continue
		}
		if other, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return other, nil
		}
	}
	return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
}

const shims = "shims"
