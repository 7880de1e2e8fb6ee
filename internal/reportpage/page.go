// Package reportpage writes what is known of a system as one page of HTML, that needs nothing else: no network, no other file, no
// JavaScript. What a page says is plain data here; its looks are page.html and page.css.
package reportpage

import (
	_ "embed"
	"html/template"
	"io"
)

// Page is all that a report says. Texts are texts: nothing in them is markup, but in Pictures.
type Page struct {
	Title   string
	About   []Paragraph // of the script's own doc
	Made    string      // by what, and of what: the last line
	Failure string      // why there is less in it: what failed, and how to go on
	Facts   []Fact
	Params  []Param
	Script  Script
	Graph   Picture
	Time    Timeline
	Sizes   Sizes
	Configs []Config
	Boot    *Boot
	NoBoot  string // why there is none, and what to do
	Sources []Source
	Copied  []Copied
}

// Paragraph is text, or something to type.
type Paragraph struct {
	Text string
	Code bool
}

// Fact is a number worth knowing at a glance.
type Fact struct{ Name, Value, Note string }

// Param is a parameter of the script.
type Param struct {
	Name, Value, Doc string
	Given            bool // it is not the default
}

// Picture is an SVG and the styles that it needs: markup, which whoever drew it has made safe.
type Picture struct {
	SVG   template.HTML
	Style template.CSS
	Text  string // the same in lines, for whom the picture is too wide: it is printed instead
}

// Script is a text with its lines' numbers as anchors: #L1.
type Script struct {
	Name string
	Text string
}

// Lines are the script's, for the template.
func (s Script) Lines() []template.HTML { return highlight(s.Text) }

// Timeline is the steps of a build by the clock.
type Timeline struct {
	Note  string // of which build, and how long it took
	Steps []Step
}

// Step is one of a timeline.
type Step struct {
	Title       string
	Place       string // in the script; Line is 0 where it lies in another file
	Line        int
	Took        string
	From, Width float64 // of the bar, in percent of the whole; Width 0 for none
	Critical    bool    // the build's end waited for it
	Note        string  // "in the cache"
}

// Sizes are a treemap for wide screens, one for narrow ones, and the tables that say the same.
type Sizes struct {
	Style        template.CSS
	Wide, Narrow template.HTML
	Tables       []Table
}

// Table is rows of text; numbers are in all columns but the last.
type Table struct {
	Title   string
	Columns []string
	Rows    [][]string
	More    string // what is left out
}

// Config is what a program was configured to.
type Config struct {
	Name    string // "linux 6.1.192 x86_64"
	Base    string
	Is      string    // what that base is, in words
	Asked   []Setting // what the script asks for
	Differs []Setting // what is not as a usual configuration has it
	From    string    // which one that is, as a heading
	Quirks  []Quirk   // that changed it
	Text    string    // the whole .config
	Problem string    // why the reasons could not be found
}

// Setting is one symbol.
type Setting struct{ Symbol, Value, Title, Why string }

// Quirk is a known breakage of a source that was worked around.
type Quirk struct {
	Name, Remedy, Why string
	See               string // where it was reported: an address
}

// Boot is the last one that is kept.
type Boot struct {
	Name   string
	When   string
	Stages []Stage // one after the other; none if nobody took the time
	NoTime string  // then: how to get them
	Facts  []Fact
	Log    string
}

// Stage is a part of a boot.
type Stage struct {
	Name, Note  string
	Took, Until string
	From, Width float64 // of the bar, in percent of the whole
}

// Source is what was brought from outside.
type Source struct {
	Name, Version string
	File          string
	URL           string // a page's address; otherwise From says where
	From          string
	SHA256        string
	Size          string
	Licence       string // what its recipe says, as SPDX writes it
	Licences      []Licence
	NoLicence     string // why there are none of either
	Quirks        []Quirk
}

// Copied is a file of the machine that built it which is in it.
type Copied struct{ Path, Package, SHA256 string }

// Licence is one that a source's file says.
type Licence struct{ SPDX, File, How string }

//go:embed page.html
var page string

//go:embed page.css
var css template.CSS

// Write writes the page.
func Write(w io.Writer, p *Page) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"css":      func() template.CSS { return css },
		"add":      func(a, b int) int { return a + b },
		"last":     func(i int, list []string) bool { return i == len(list)-1 },
		"settings": func(title, of string, list []Setting) settings { return settings{title, of, list} },
	}).Parse(page)
	if err != nil {
		return err // a test holds that this page has none
	}
	return t.Execute(w, p)
}

// settings is what the template of that name is given.
type settings struct {
	Title, Of string
	List      []Setting
}
