package licence

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/github/go-spdx/v2/spdxexp"
	"github.com/github/go-spdx/v2/spdxexp/spdxlicenses"
)

// A Mistake is what keeps a text from being an expression of SPDX.
type Mistake struct {
	What string // in words
	Word string // the name that nobody knows; "" if something else is wrong
	Hint string // what to write; "" where Word is all there is to say
}

// Error implements error.
func (m *Mistake) Error() string { return m.What }

const joined = "names are joined by AND (all count) or OR (one may be chosen), with ( ) around what belongs together; an exception follows WITH"

// word is a name or an operator of an expression.
var word = regexp.MustCompile(`[^\s()]+`)

// Expression checks an expression of SPDX, and writes its names as SPDX does. A name that SPDX has given up is a mistake: most of
// them are versions of the GPL, which don't say whether a later one may be chosen, and that is what people want to know.
func Expression(text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", &Mistake{What: "there is no licence in it", Hint: `write an expression of SPDX, such as "MIT" or "GPL-2.0-or-later"`}
	}
	for _, w := range word.FindAllString(text, -1) {
		if m := mistaken(w); m != nil {
			return "", m
		}
	}
	text = strings.Join(strings.Fields(text), " ")
	normal, _ := spdxexp.ValidateAndNormalizeLicensesWithOptions([]string{text}, spdxexp.ValidateLicensesOptions{FailDeprecatedLicenses: true})
	if len(normal) != 1 {
		why := "its words are in no order that has a meaning"
		if _, err := spdxexp.ExtractLicenses(text); err != nil {
			why = err.Error()
		}
		return "", &Mistake{What: fmt.Sprintf("%q is no expression of SPDX: %s", text, why), Hint: joined}
	}
	return normal[0], nil
}

// Names are the licences and exceptions that expressions are made of.
func Names() []string { return slices.Concat(spdxlicenses.GetLicenses(), spdxlicenses.GetExceptions()) }

func mistaken(w string) *Mistake {
	upper := strings.ToUpper(w)
	switch {
	case upper == "AND" || upper == "OR" || upper == "WITH":
		if w != upper {
			return &Mistake{What: fmt.Sprintf("SPDX writes %q in capitals", w), Hint: "write " + upper}
		}
		return nil
	case strings.HasPrefix(w, "LicenseRef-") || strings.HasPrefix(w, "DocumentRef-") || among(Names(), w) || among(Names(), strings.TrimSuffix(w, "+")):
		return nil
	case among(spdxlicenses.GetDeprecated(), w):
		return &Mistake{What: fmt.Sprintf("SPDX has given up the name %q", w), Hint: instead(w)}
	case strings.ContainsAny(w, ",/;|&"):
		return &Mistake{What: fmt.Sprintf("%q is no expression of SPDX", w), Hint: joined}
	}
	m := &Mistake{What: fmt.Sprintf("SPDX knows no licence %q", w), Hint: usual(w)}
	if m.Hint == "" {
		m.Word = w
	}
	return m
}

// gnu is what people write for the licences of GNU: GPLv2, LGPL-3+.
var gnu = regexp.MustCompile(`(?i)^([al]?gpl)-?v?(\d)(\.\d)?(\+)?$`)

// usual is what to write for a word that people say and that leaves open what is meant: the nearest name would be a guess.
func usual(w string) string {
	if m := gnu.FindStringSubmatch(w); m != nil {
		name := strings.ToUpper(m[1]) + "-" + m[2] + cmp.Or(m[3], ".0")
		if among(Names(), name+"-only") {
			return instead(name + m[4])
		}
	}
	switch strings.ToLower(w) {
	case "gpl", "lgpl", "agpl":
		return fmt.Sprintf("of which version? write %[1]q, or %[2]q", strings.ToUpper(w)+"-3.0-only", strings.ToUpper(w)+"-3.0-or-later")
	case "bsd":
		return `of how many clauses? write "BSD-2-Clause", or "BSD-3-Clause"`
	case "apache":
		return `write "Apache-2.0"`
	case "public":
		return `SPDX has no name for the public domain: write "LicenseRef-public-domain"`
	}
	return ""
}

func instead(w string) string {
	bare, later := strings.CutSuffix(w, "+")
	switch {
	case later && among(Names(), bare+"-or-later"):
		return fmt.Sprintf("write %q", bare+"-or-later")
	case among(Names(), w+"-only"):
		return fmt.Sprintf("write %q, or %q if a later version may be chosen", w+"-only", w+"-or-later")
	}
	return "https://spdx.org/licenses/ tells which one stands for it"
}

// among looks a name up as SPDX wants it: capitals don't count.
func among(names []string, w string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, w) })
}
