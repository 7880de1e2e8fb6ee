package toolchain

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
)

// Library is one of the host's that is not of the C library, and that a program may be compiled with.
type Library struct {
	// Name is what follows -l: "elf".
	Name string
	// Headers are names to include: "libelf.h". With "openssl/evp.h" all of openssl/ comes.
	Headers []string
}

// With returns the identity with libraries added: their headers, what the linker takes for them, and what that needs to be loaded are
// parts then, and no longer hidden. What is not there adds nothing.
func (id *Identity) With(ctx context.Context, c *Digests, libs []Library) (*Identity, error) {
	more := &Identity{Parts: slices.Clone(id.Parts), Loaded: slices.Clone(id.Loaded), headers: id.headers}
	for _, path := range id.Hidden {
		lib, what := id.wants(path, libs)
		if what == "" {
			more.Hidden = append(more.Hidden, path)
			continue
		}
		more.wanted = append(more.wanted, path)
		if err := more.addWanted(ctx, c, lib+"/"+what, path); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(more.Parts, func(a, b Component) int { return strings.Compare(a.Name, b.Name) })
	return more, nil
}

// wants tells for which library a hidden path has to be seen, and what it is to it.
func (id *Identity) wants(path string, libs []Library) (lib, what string) {
	dir, base := filepath.Split(path)
	included := slices.Contains(id.headers, filepath.Clean(dir))
	for _, l := range libs {
		if !included && (base == "lib"+l.Name+".so" || base == "lib"+l.Name+".a") {
			return l.Name, base
		}
		for _, h := range l.Headers {
			if top, _, _ := strings.Cut(h, "/"); included && top == base {
				return l.Name, base
			}
		}
	}
	return "", ""
}

func (id *Identity) addWanted(ctx context.Context, c *Digests, name, path string) error {
	stamp, err := regular(path)
	switch {
	case err != nil:
		return nil // a link that leads nowhere
	case stamp != nil:
		return id.addProgram(c, name, path)
	}
	sum, _, err := c.trees(ctx, []tree{{path: path}})
	id.Parts = append(id.Parts, Component{name, path, sum})
	return err
}
