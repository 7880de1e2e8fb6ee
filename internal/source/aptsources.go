package source

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// archive is one suite of one place the host's apt knows: a line of sources.list
// or a part of a .sources file, taken apart (see sources.list(5)).
type archive struct {
	uri        string
	suite      string
	components []string
	options    map[string]string // deb822 names: "Signed-By", "Trusted", …
}

// hostOptions are the options of the host's entry that decide whether and how
// the archive is trusted; they go into mini's own sources as they are.
var hostOptions = []string{
	"Signed-By", "Trusted", "Architectures", "By-Hash", "Check-Valid-Until",
	"Valid-Until-Min", "Valid-Until-Max", "Check-Date", "Date-Max-Future",
}

// readArchives reads sources.list, sources.list.d/*.list and *.sources below
// etc. Lines that can't be understood are skipped: apt itself will complain
// about them, and they are not the ones needed here.
func readArchives(etc string) ([]archive, error) {
	files := []string{filepath.Join(etc, "sources.list")}
	parts, err := os.ReadDir(filepath.Join(etc, "sources.list.d"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, p := range parts {
		files = append(files, filepath.Join(etc, "sources.list.d", p.Name()))
	}
	var all []archive
	for _, file := range files {
		parse := map[string]func(string) []archive{".list": parseOneLine, ".sources": parseDeb822}[filepath.Ext(file)]
		if parse == nil {
			continue // *.disabled, *.save and the like
		}
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, parse(string(text))...)
	}
	return all, nil
}

// oneLineOptions maps the option names of the one-line style to those of deb822.
var oneLineOptions = map[string]string{"arch": "Architectures"}

// parseOneLine reads "deb [signed-by=/k arch=amd64] http://host/debian trixie main".
func parseOneLine(text string) []archive {
	var all []archive
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "#")
		kind, rest, _ := strings.Cut(strings.Replace(line, "\t", " ", -1), " ")
		if kind != "deb" && kind != "deb-src" {
			continue
		}
		options := map[string]string{}
		rest = strings.TrimSpace(rest)
		if inner, ok := strings.CutPrefix(rest, "["); ok {
			var closed bool
			if inner, rest, closed = strings.Cut(inner, "]"); !closed {
				continue
			}
			for _, o := range strings.Fields(inner) {
				key, value, _ := strings.Cut(o, "=")
				key = canonical(strings.TrimRight(key, "+-"))
				options[key] = strings.ReplaceAll(value, ",", " ")
			}
		}
		if f := strings.Fields(rest); len(f) >= 3 {
			all = append(all, archive{f[0], f[1], f[2:], options})
		}
	}
	return all
}

// canonical is the deb822 spelling of an option name: "signed-by" → "Signed-By".
func canonical(key string) string {
	key = strings.ToLower(key)
	if name, ok := oneLineOptions[key]; ok {
		return name
	}
	words := strings.Split(key, "-")
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "-")
}

// parseDeb822 reads the .sources format. One part may name several URIs and
// suites; each pair becomes an archive. A key may lie in Signed-By itself, over
// several lines: those are kept.
func parseDeb822(text string) []archive {
	var all []archive
	for _, part := range paragraphs(text) {
		fields := parseFields(part)
		options := map[string]string{}
		for key, value := range fields {
			options[canonical(key)] = value
		}
		types := strings.Fields(options["Types"])
		off := slices.Contains([]string{"no", "false", "off", "0"}, strings.ToLower(strings.TrimSpace(options["Enabled"])))
		if off || !slices.Contains(types, "deb") && !slices.Contains(types, "deb-src") {
			continue
		}
		for _, uri := range strings.Fields(options["Uris"]) {
			for _, suite := range strings.Fields(options["Suites"]) {
				all = append(all, archive{uri, suite, strings.Fields(options["Components"]), options})
			}
		}
	}
	return all
}

// paragraphs splits the text of a control file at its blank lines. Comment
// lines go.
func paragraphs(text string) []string {
	var all []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			all = append(all, b.String())
		}
		b.Reset()
	}
	for line := range strings.Lines(text) {
		switch {
		case strings.TrimSpace(line) == "":
			flush()
		case !strings.HasPrefix(line, "#"):
			b.WriteString(line)
		}
	}
	flush()
	return all
}

// distribution is what the host's own apt sources say of its archive.
type distribution struct {
	suite   string    // the host's, e.g. "bookworm"
	main    archive   // that suite
	pockets []archive // its -security and -updates
}

// rolling suites have no pockets: fixes go straight in.
var rolling = []string{"sid", "unstable", "experimental", "rc-buggy", "devel"}

// aliases of Debian's suites that may stand in for a code name.
var aliases = []string{"stable", "testing", "unstable", "sid", "oldstable", "oldoldstable"}

// findDistribution picks the distribution's own main archive among all that the
// host has. Others use the same code names ("bookworm main"), so the archive has
// to show the distribution's keyring or its usual path; after the index is here,
// the Origin in its signed Release file has the last word.
func findDistribution(all []archive, codenames []string) (distribution, error) {
	var d distribution
	best := 0
	for _, a := range all {
		score := a.likeness()
		if score == 0 || !slices.Contains(a.components, "main") || strings.ContainsAny(a.suite, "-/") {
			continue
		}
		switch {
		case slices.Contains(codenames, a.suite):
			score += 20
		case slices.Contains(aliases, a.suite):
			score += 10
		case len(codenames) > 0:
			continue
		}
		if score > best {
			best, d.main, d.suite = score, a, a.suite
		}
	}
	if best == 0 {
		return d, fmt.Errorf("apt's sources name no archive of the distribution's own (looked for %s)", strings.Join(append(codenames, "main"), " "))
	}
	for _, a := range all {
		pocket := strings.TrimPrefix(a.suite, d.suite)
		if a.likeness() > 0 && slices.Contains(a.components, "main") && slices.Contains([]string{"-security", "-updates", "/updates"}, pocket) {
			d.pockets = append(d.pockets, a)
		}
	}
	return d, nil
}

// likeness says how much an entry looks like Debian's or Ubuntu's own: 0 not at
// all, 3 surely.
func (a archive) likeness() int {
	key := filepath.Base(strings.TrimSpace(a.options["Signed-By"]))
	if strings.HasPrefix(key, "debian-archive") || strings.HasPrefix(key, "ubuntu-archive") {
		return 3
	}
	u, err := url.Parse(a.uri)
	if err != nil {
		return 0
	}
	if !slices.Contains([]string{"debian", "debian-security", "ubuntu", "ubuntu-ports"}, path.Base(u.Path)) {
		return 0
	}
	if a.options["Signed-By"] == "" {
		return 2
	}
	return 1 // a mirror signed anew, or a third party with such a path
}

// of returns the archives of another suite: the same places, the suite changed.
func (d distribution) of(suite string) (main archive, pockets []archive) {
	if suite == d.suite {
		return d.main, d.pockets
	}
	main = d.main
	main.suite = suite
	if slices.Contains(rolling, suite) || strings.Contains(suite, "-") {
		return main, nil
	}
	for _, p := range d.pockets {
		p.suite = suite + strings.TrimPrefix(p.suite, d.suite)
		pockets = append(pockets, p)
	}
	return main, pockets
}

// trusted says whether the host told apt to take the archive without a signature.
func (a archive) trusted() bool {
	return slices.Contains([]string{"yes", "true", "on", "1"}, strings.ToLower(strings.TrimSpace(a.options["Trusted"])))
}

// codenames reads the names of the host's release from os-release(5). Derived
// distributions name the release they are built on, too.
func codenames(osRelease string) []string {
	text, err := os.ReadFile(osRelease)
	if err != nil {
		return nil
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		value = strings.Trim(value, `"'`)
		if slices.Contains([]string{"VERSION_CODENAME", "UBUNTU_CODENAME", "DEBIAN_CODENAME"}, key) && value != "" {
			names = append(names, value)
		}
	}
	return names
}
