package failure

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// recipes are the libraries that mini has a recipe for, by header and by linker's name.
var recipes = map[string]string{"zlib.h": "zlib", "zconf.h": "zlib", "z": "zlib"}

// missingHeader tells a library of the machine, which a step sees if its node asks for it, from one that mini has to build.
func missingHeader(m []string, h Host, _ Report) string {
	header := m[1]
	need := "header:" + header
	if h.shown(header) {
		return fmt.Sprintf("<%s> is of a library that is not installed on this machine: %s", header, h.byInstalling(need))
	}
	if h.install(need) == "" && recipes[header] == "" {
		return "" // more likely it should be in the source itself
	}
	return fmt.Sprintf("<%s> is of a library that the step does not get: of this machine it sees only the C library. %s", header, recipe(header))
}

// shown reports whether the step asks for the library that a header belongs to: one in the same directory, or with this name.
func (h Host) shown(header string) bool {
	return slices.ContainsFunc(h.Headers, func(one string) bool {
		return one == header || path.Dir(one) != "." && path.Dir(one) == path.Dir(header)
	})
}

func recipe(of string) string {
	name := recipes[of]
	if name == "" {
		return "A package() gets what another one builds, by deps = […]"
	}
	return fmt.Sprintf(`A package() gets it by deps = [%s()], with load("@mini//%s.star", %q)`, name, name, name)
}

// libc are the libraries that come with every C library.
var libc = []string{"c", "crypt", "dl", "m", "pthread", "resolv", "rt", "util"}

func missingLibrary(m []string, h Host, _ Report) string {
	name := m[1]
	if slices.Contains(libc, name) {
		return fmt.Sprintf("this machine's C library has no lib%s to link with (a static program needs lib%s.a): %s", name, name, h.byInstalling("lib:"+name))
	}
	for _, header := range h.Headers {
		if base := path.Base(header); base == name+".h" || base == "lib"+name+".h" {
			return fmt.Sprintf("lib%s is not installed on this machine: %s", name, h.byInstalling("lib:"+name))
		}
	}
	return fmt.Sprintf("the step does not get lib%s: of this machine it sees only the C library. %s", name, recipe(name))
}

func missingProgram(m []string, h Host, _ Report) string {
	name := strings.Join(m[1:], "")
	switch {
	case h.names(name) && h.has(name):
		return "" // somebody has changed PATH
	case h.names(name):
		return fmt.Sprintf("%s is not on this machine: %s", name, h.byInstalling(name))
	case h.has(name):
		return fmt.Sprintf("%s is on this machine, but a step sees only the programs that it names: tools = [%q]", name, name)
	}
	return fmt.Sprintf("%s is neither on this machine nor among the programs that the step names: %s, and tools = [%q]", name, h.byInstalling(name), name)
}

var starsVersion = regexp.MustCompile(`^\*\*\* +(Your|Minimum) (.*) version: +(\S+)`)

// tooOld reads what the kernel's scripts say below "C compiler is too old".
func tooOld(m []string, _ Host, r Report) string {
	found := map[string][2]string{}
	for _, l := range r.Lines {
		if v := starsVersion.FindStringSubmatch(l); v != nil {
			found[v[1]] = [2]string{v[2], v[3]}
		}
	}
	yours, least := found["Your"], found["Minimum"]
	if yours[1] == "" || least[1] == "" {
		return "this machine's " + strings.ToLower(m[1][:1]) + m[1][1:] + " is too old for this source: install a newer one, or take an older version of the source"
	}
	return fmt.Sprintf("%s %s is here, and this source needs %s: install a newer one, or take an older version of the source", yours[0], yours[1], least[1])
}
