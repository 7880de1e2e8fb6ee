package reportpage

import (
	"html"
	"io"
	"regexp"
	"strings"
	"testing"
)

func TestHighlight(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`x = f("a", 0o17) # "why"`, `x = <call>f</>(<string>&#34;a&#34;</>, <number>0o17</>) <comment># &#34;why&#34;</>`},
		{`if not r'\n' or b"x": pass`, `<keyword>if</> <keyword>not</> <string>r&#39;\n&#39;</> <keyword>or</> <string>b&#34;x&#34;</>: <keyword>pass</>`},
		{`s = "a\"b" + 'c`, `s = <string>&#34;a\&#34;b&#34;</> + <string>&#39;c</>`},
		{"a = \"\"\"x\n  # <y>\n\"\"\" # z\n", "a = <string>&#34;&#34;&#34;x</>\n<string>  # &lt;y&gt;</>\n<string>&#34;&#34;&#34;</> <comment># z</>"},
		{"übung1 = none\n\n\n", "übung1 = none\n\n"},
		{"", ""},
		{"f (x)\r\nNone", "f (x)\n<keyword>None</>"},
	} {
		var lines []string
		for _, l := range highlight(c.in) {
			lines = append(lines, string(l))
		}
		got := regexp.MustCompile(`<span class="(\w+)">`).ReplaceAllString(strings.Join(lines, "\n"), "<$1>")
		if got = strings.ReplaceAll(got, "</span>", "</>"); got != c.want {
			t.Errorf("%q:\n%s\nwant\n%s", c.in, got, c.want)
		}
	}
}

// Whatever a script is, its lines are its own, and there is no markup in them but ours.
func FuzzHighlight(f *testing.F) {
	f.Add("x = f(\"<\", 1) # </script>\n'''\n<b>\n")
	f.Add("\"\\")
	f.Add("r'\n\x00é\\\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		want := strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n")
		lines := highlight(text)
		if len(lines) != len(want) {
			t.Fatalf("%d lines, want %d", len(lines), len(want))
		}
		for i, l := range lines {
			plain := regexp.MustCompile(`<span class="(comment|string|number|keyword|call)">|</span>`).ReplaceAllString(string(l), "")
			if strings.ContainsAny(plain, "<>") || html.UnescapeString(plain) != html.UnescapeString(html.EscapeString(want[i])) {
				t.Fatalf("line %d is %q, want %q", i+1, l, want[i])
			}
		}
	})
}

// A page that says nothing is one all the same, and so is one whose parts are all there.
func TestWrite(t *testing.T) {
	if err := Write(io.Discard, &Page{}); err != nil {
		t.Error(err)
	}
	const evil = `</script><b>"'&`
	step := Step{Title: evil, Place: evil, Line: 1, Took: evil, Width: 1, Critical: true}
	setting := Setting{evil, evil, evil, evil}
	p := &Page{
		Title: evil, About: []Paragraph{{evil, true}, {evil, false}}, Made: evil, Failure: evil, Facts: []Fact{{evil, evil, evil}}, Params: []Param{{evil, evil, evil, true}},
		Script: Script{evil, evil}, Graph: Picture{Text: evil}, Time: Timeline{evil, []Step{step, {Note: evil}}},
		Sizes:   Sizes{Wide: "<svg></svg>", Tables: []Table{{evil, []string{evil}, [][]string{{evil, evil}}, evil}}},
		Configs: []Config{{evil, evil, evil, []Setting{setting}, []Setting{setting}, evil, []Quirk{{evil, evil, evil, "javascript:alert(2)"}}, evil, evil}},
		Boot:    &Boot{evil, evil, []Stage{{evil, evil, evil, evil, 1, 2}}, evil, []Fact{{evil, evil, evil}}, evil},
		Copied:  []Copied{{evil, evil, evil}},
		Sources: []Source{{Name: evil, Version: evil, File: evil, URL: "javascript:alert(1)", SHA256: evil, Size: evil, Licence: evil, Licences: []Licence{{evil, evil, evil}}}, {NoLicence: evil, Quirks: []Quirk{{evil, evil, evil, evil}}}},
	}
	var b strings.Builder
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	if page := b.String(); strings.Contains(page, "<b>") || strings.Contains(page, "</script") || strings.Contains(page, `="javascript:`) {
		t.Errorf("a text became markup:\n%s", page)
	}
	if n := strings.Count(b.String(), html.EscapeString(evil)); n < 40 {
		t.Errorf("the page shows %d texts of over 40", n)
	}
}
