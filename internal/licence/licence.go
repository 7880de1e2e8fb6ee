// Package licence says under which licences a source is, by what its own files say: an SPDX identifier where one is written
// down (https://spdx.org/licenses/), or else the licence whose text lies there. It is a look, and no advice.
package licence

import (
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// Found is what one file says.
type Found struct {
	SPDX string `json:"spdx,omitempty"` // an expression: "GPL-2.0 WITH Linux-syscall-note"; "" for a text that isn't known
	File string `json:"file"`
	Says bool   `json:"says,omitempty"` // the file names the identifier itself; otherwise SPDX is what its text looks like
}

// names are the files in which packages keep their licences, in any case and with any ending.
var names = regexp.MustCompile(`(?i)^(copying|licen[cs]e|copyright)([.-]|$)`)

// most is how many bytes of a file are looked at: the GPL has 35 KB.
const most = 128 << 10

// Detect looks at the files at the root of a source.
func Detect(source fs.FS) ([]Found, error) {
	entries, err := fs.ReadDir(source, ".")
	if err != nil {
		return nil, err
	}
	var found []Found
	for _, e := range entries {
		if !e.Type().IsRegular() || !names.MatchString(e.Name()) {
			continue
		}
		text, err := head(source, e.Name())
		if err != nil {
			return nil, err
		}
		if spdx := declared(text); spdx != "" {
			found = append(found, Found{spdx, e.Name(), true})
			continue
		}
		found = append(found, Found{looksLike(text), e.Name(), false})
	}
	slices.SortStableFunc(found, func(a, b Found) int { // what is known first
		return strings.Compare(rank(a), rank(b))
	})
	return found, nil
}

func rank(f Found) string {
	switch {
	case f.Says:
		return "0"
	case f.SPDX != "":
		return "1"
	}
	return "2" + f.File
}

func head(source fs.FS, name string) (string, error) {
	f, err := source.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most))
	return string(b), err
}

var tag = regexp.MustCompile(`SPDX-License-Identifier:[ \t]*([A-Za-z0-9.+() -]+)`)

// declared is what a tag of SPDX says.
func declared(text string) string {
	if m := tag.FindStringSubmatch(text); m != nil {
		return strings.TrimSpace(m[1])
	}
	return ""
}

// texts are sentences by which licences are known, all of which must be there. The first that fits counts, so narrower ones
// come first. Of the GPL a text says which version it is, and not whether later ones may be used.
var texts = []struct {
	spdx string
	has  []string
}{
	{"GPL-2.0-only", []string{"distributed under version 2 of the general public license"}}, // BusyBox, above the text
	{"LGPL-2.1", []string{"gnu lesser general public license", "version 2.1, february 1999"}},
	{"AGPL-3.0", []string{"gnu affero general public license", "version 3"}},
	{"LGPL-3.0", []string{"gnu lesser general public license", "version 3, 29 june 2007"}},
	{"GPL-3.0", []string{"gnu general public license", "version 3, 29 june 2007"}},
	{"GPL-2.0", []string{"gnu general public license", "version 2, june 1991"}},
	{"Apache-2.0", []string{"apache license", "version 2.0"}},
	{"MPL-2.0", []string{"mozilla public license", "2.0"}},
	{"ISC", []string{"permission to use, copy, modify, and/or distribute this software for any purpose"}},
	{"MIT", []string{"permission is hereby granted, free of charge, to any person obtaining a copy"}},
	{"BSD-3-Clause", []string{"redistributions in binary form must reproduce", "may be used to endorse or promote"}},
	{"BSD-2-Clause", []string{"redistributions in binary form must reproduce"}},
	{"Zlib", []string{"this software is provided 'as-is'", "altered source versions must be plainly marked"}},
}

var space = regexp.MustCompile(`\s+`)

func looksLike(text string) string {
	text = space.ReplaceAllString(strings.ToLower(text), " ")
	for _, t := range texts {
		if !slices.ContainsFunc(t.has, func(s string) bool { return !strings.Contains(text, s) }) {
			return t.spdx
		}
	}
	return ""
}
