package modules

import (
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// Requirement is one module of a mini.lock.
type Requirement struct {
	Path    string // github.com/owner/repo
	Version string // v1.2.3
	Sum     string // h1:…
	// Indirect is a module that only other modules load. Of a script's own lock only the others can be loaded by it.
	Indirect bool
	Line     int // in the file, from 1; 0 if it is in none yet
}

// Module is the requirement as the module library names one.
func (r Requirement) Module() module.Version {
	return module.Version{Path: r.Path, Version: r.Version}
}

func (r Requirement) String() string { return r.Path + " " + r.Version }

// Format is the requirement as a line of mini.lock, without a line end.
func (r Requirement) Format() string {
	line := "module name=" + r.Path + " version=" + r.Version + " sum=" + r.Sum
	if r.Indirect {
		line += " indirect=yes"
	}
	return line
}

// ParseRequirement reads one line of mini.lock that begins with the word module.
func ParseRequirement(line string, number int) (Requirement, error) {
	r := Requirement{Line: number}
	indirect := ""
	fields := map[string]*string{"name": &r.Path, "version": &r.Version, "sum": &r.Sum, "indirect": &indirect}
	seen := map[string]bool{}
	words := strings.Fields(line)
	if len(words) == 0 || words[0] != "module" {
		return r, fmt.Errorf("%.20q is no module's line", line)
	}
	for _, word := range words[1:] {
		key, value, ok := strings.Cut(word, "=")
		switch {
		case !ok:
			return r, fmt.Errorf("%.20q is not key=value", word)
		case fields[key] == nil:
			return r, fmt.Errorf("unknown field %.20q; a newer mini may have written it", key)
		case seen[key]:
			return r, fmt.Errorf("field %s is there twice", key)
		}
		seen[key], *fields[key] = true, value
	}
	r.Indirect = indirect == "yes"
	if indirect != "" && !r.Indirect {
		return r, fmt.Errorf("indirect=%.20s is neither there nor indirect=yes", indirect)
	}
	return r, r.check()
}

// check refuses a requirement that is not whole: its parts become parts of addresses and of paths.
func (r Requirement) check() error {
	switch {
	case r.Path == "":
		return fmt.Errorf("name is missing in the line of a module")
	case r.Version == "":
		return fmt.Errorf("version is missing in the line of %s", r.Path)
	case r.Sum == "":
		return fmt.Errorf("sum is missing in the line of %s", r.Path)
	}
	if err := CheckPath(r.Path); err != nil {
		return err
	}
	if err := checkVersion(r.Path, r.Version); err != nil {
		return err
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.Sum, "h1:"))
	if err != nil || len(raw) != 32 || !strings.HasPrefix(r.Sum, "h1:") {
		return fmt.Errorf("%.60q is not a checksum (h1: and 44 letters of base64)", r.Sum)
	}
	return nil
}

// CheckPath refuses what can't be the path of a module.
func CheckPath(path string) error {
	if err := module.CheckPath(path); err != nil {
		return &Error{
			Msg:  fmt.Sprintf("%q is not the path of a module: %v", path, unwrapped(err)),
			Hint: "write the repository as in github.com/owner/repo, or github.com/owner/repo/v2 from its version 2 on", Err: err}
	}
	return nil
}

// checkVersion refuses a version that isn't complete, or that belongs to another path.
func checkVersion(path, version string) error {
	if !semver.IsValid(version) || module.CanonicalVersion(version) != version {
		return fmt.Errorf("%.40q is not a version of %s: want v1.2.3", version, path)
	}
	if err := module.Check(path, version); err != nil {
		return fmt.Errorf("%s can't be a version of %s: %v", version, path, unwrapped(err))
	}
	return nil
}

// unwrapped is what is wrong, without the path or version that the library's errors repeat.
func unwrapped(err error) error {
	for {
		next, ok := err.(interface{ Unwrap() error })
		if !ok || next.Unwrap() == nil {
			return err
		}
		err = next.Unwrap()
	}
}
