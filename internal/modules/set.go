package modules

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// Set is the modules that one script can load: what its mini.lock requires, in the versions that it says.
type Set struct {
	Cache *Cache
	// Lock is how the user names the script's mini.lock, and Required is what it says.
	Lock     string
	Required []Requirement
	// Vendor is a directory with modules as [Vendor] puts them there, which are taken before all others. It need not exist.
	Vendor string
	// Renew passes over what was changed in Vendor, instead of refusing it.
	Renew bool
	// Overrides has directories that stand in for modules, whatever version is required.
	Overrides map[string]Override
	// Get is the command line that requires a module, up to the module.
	Get string
}

// Override is a directory that stands in for a module.
type Override struct {
	Dir   string // absolute
	Shown string // as the user named it
}

// Found is a module at hand.
type Found struct {
	Path, Version string // Version is "" for an override
	Dir           string // absolute
	Shown         string // what stands before its files where places are told
	Check         func(name string) error
	requirements  func() ([]Requirement, error)
}

// Read reads a file of the module; name is relative to its root, which it may not leave.
func (f *Found) Read(name string) ([]byte, error) {
	root, err := os.OpenRoot(f.Dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if f.Check != nil {
		if err := f.Check(name); err != nil {
			return nil, err
		}
	}
	return root.ReadFile(filepath.FromSlash(name))
}

// Find returns the module that path means in the module from, which is "" for the script itself.
func (s *Set) Find(ctx context.Context, from, path string) (*Found, error) {
	if err := CheckPath(path); err != nil {
		return nil, err
	}
	if err := s.mayLoad(ctx, from, path); err != nil {
		return nil, err
	}
	return s.module(ctx, path)
}

func (s *Set) required(path string) (Requirement, bool) {
	for _, r := range s.Required {
		if r.Path == path {
			return r, true
		}
	}
	return Requirement{}, false
}

// mayLoad refuses what is not required directly by who loads it. It could be there by chance only: because another module
// requires it today.
func (s *Set) mayLoad(ctx context.Context, from, path string) error {
	_, overridden := s.Overrides[path]
	if from == "" {
		r, has := s.required(path)
		switch {
		case overridden || has && !r.Indirect:
			return nil
		case has:
			return errorf(fmt.Sprintf("require it yourself: %s %s@%s", s.Get, path, r.Version),
				"%s is in %s only because other modules require it", path, s.Lock)
		}
		return s.unknown(path)
	}
	user, err := s.module(ctx, from)
	if err != nil {
		return err
	}
	theirs, err := user.requirements()
	if err != nil {
		return err
	}
	for _, r := range theirs {
		if r.Path == path && !r.Indirect {
			return s.newEnough(r, user, overridden)
		}
	}
	hint := fmt.Sprintf("its author has to require it: mini get %s@latest, in its repository", path)
	return errorf(hint, "%s may not load %s: its own mini.lock doesn't require it", strings.TrimRight(user.Shown, "/"), path)
}

// newEnough looks whether the lock has what a module requires. It has, unless the lines of two branches were merged, or
// the module is an override that grew.
func (s *Set) newEnough(r Requirement, user *Found, overridden bool) error {
	have, has := s.required(r.Path)
	name := strings.TrimRight(user.Shown, "/")
	get := fmt.Sprintf("settle the versions anew: %s", strings.TrimSpace(s.Get))
	if user.Version == "" {
		get = fmt.Sprintf("require it: %s %s@%s", s.Get, r.Path, r.Version)
	}
	switch {
	case overridden:
		return nil
	case !has:
		return errorf(get, "%s requires %s, which %s doesn't have", name, r, s.Lock)
	case semver.Compare(have.Version, r.Version) < 0 || differentMajors(have.Version, r.Version):
		return errorf(get, "%s requires %s, and %s has %s", name, r, s.Lock, have.Version)
	}
	return nil
}

// unknown is the error of a module that nothing requires.
func (s *Set) unknown(path string) error {
	var names []string
	for _, r := range s.Required {
		names = append(names, r.Path)
	}
	for name := range s.Overrides {
		names = append(names, name)
	}
	hint := fmt.Sprintf("to have it: %s %s@latest", s.Get, path)
	if near := suggestion(path, names); near != "" {
		hint = near + "\n" + hint
	}
	return errorf(hint, "%s doesn't require a module %s", s.Lock, path)
}

// suggestion is the hint for a mistyped path, "" if nothing in among comes near.
func suggestion(path string, among []string) string {
	slices.Sort(among)
	best, far := "", 4
	for _, name := range among {
		if d := levenshtein.ComputeDistance(strings.ToLower(path), strings.ToLower(name)); d < far {
			best, far = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// module finds a module that somebody may load: an override, one of the vendor directory, or one of the cache.
func (s *Set) module(ctx context.Context, path string) (*Found, error) {
	if o, ok := s.Overrides[path]; ok {
		shown := strings.TrimRight(o.Shown, "/") + "/"
		return &Found{Path: path, Dir: o.Dir, Shown: shown, requirements: func() ([]Requirement, error) {
			return requirementsIn(o.Dir, shown)
		}}, nil
	}
	r, has := s.required(path)
	if !has {
		return nil, s.unknown(path)
	}
	tree, err := s.Tree(ctx, r)
	if err != nil {
		return nil, s.explain(err)
	}
	return &Found{
		Path: path, Version: r.Version, Dir: tree.Dir, Shown: tree.Version.String() + "//", Check: tree.Check,
		requirements: tree.requirements,
	}, nil
}

// Tree is the files of a module that the lock requires.
func (s *Set) Tree(ctx context.Context, r Requirement) (*Tree, error) {
	t, err := s.vendored(r)
	if t != nil || err != nil {
		return t, err
	}
	t, err = s.Cache.Tree(ctx, r.Module(), r.Sum)
	if wrong := (*wrongSumError)(nil); errors.As(err, &wrong) {
		return nil, wrong.told(fmt.Sprintf("%s:%d", s.Lock, r.Line))
	}
	return t, err
}

// explain says of a module that may not be brought which others are missing as well: whoever is offline wants to know
// all of it at once.
func (s *Set) explain(err error) error {
	missing := (*MissingError)(nil)
	if !errors.As(err, &missing) {
		return err
	}
	var names []string
	for _, r := range s.Required {
		_, overridden := s.Overrides[r.Path]
		t, verr := s.vendored(r)
		if overridden || t != nil || verr != nil || s.Cache.Has(r.Module(), r.Sum) {
			continue
		}
		names = append(names, fmt.Sprintf("%s@%s (%s:%d)", r.Path, r.Version, s.Lock, r.Line))
	}
	return &Error{
		Msg:  missing.Offline + ": these modules are not on this machine:\n    " + strings.Join(names, "\n    "),
		Hint: "run `mini check` of the script once with the network, or put them beside the script with `mini vendor` where there is one", Err: err}
}

// VendorDir is where a module lies in a vendor directory.
func VendorDir(vendor string, r Requirement) string {
	return filepath.Join(vendor, filepath.FromSlash(r.Path)+"@"+r.Version)
}

// vendored is a module of the vendor directory, nil if it is not there. All of it is read: people edit what lies beside
// their scripts.
func (s *Set) vendored(r Requirement) (*Tree, error) {
	if s.Vendor == "" {
		return nil, nil
	}
	dir := VendorDir(s.Vendor, r)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	s.Cache.mu.Lock()
	defer s.Cache.mu.Unlock()
	if t := s.Cache.vendored[dir]; t != nil && t.Sum == r.Sum {
		return t, nil
	}
	v := module.Version{Path: r.Path, Version: r.Version}
	list, err := listed(v, dir)
	got := sumOf(list)
	switch {
	case s.Renew && (err != nil || got != r.Sum):
		return nil, nil
	case err != nil:
		return nil, errorf("put it there again: mini vendor", "%s is not what was put there: %v", dir, err)
	case got != r.Sum:
		return nil, errorf("put it there again with mini vendor; to work on a module, take a copy with --override "+r.Path+"=DIR",
			"%s is not what %s says:\n    %s  %s\n    there      %s", dir, s.Lock, LockName, r.Sum, got)
	}
	t, err := newTree(v, dir, list)
	if err == nil {
		s.Cache.vendored[dir] = t
	}
	return t, err
}
