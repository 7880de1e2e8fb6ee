package format

import (
	"strings"

	"github.com/bazelbuild/buildtools/build"
)

// doubleQuotes gives all strings of the tree double quotes that can do with them as they are written. The printer would
// do it too, but by writing the value anew, and then takes an ü for two bytes of Latin-1.
func doubleQuotes(tree *build.File) {
	build.Walk(tree, func(x build.Expr, _ []build.Expr) {
		s, ok := x.(*build.StringExpr)
		if !ok || !strings.HasPrefix(s.Token, "'") || strings.Contains(s.Value, `"`) {
			return
		}
		quote := `"`
		if s.TripleQuote {
			quote = `"""`
		}
		inside := s.Token[len(quote) : len(s.Token)-len(quote)]
		s.Token = quote + unescaped(inside) + quote
	})
}

// unescaped takes the backslash from \', which needs none between double quotes.
func unescaped(inside string) string {
	var out strings.Builder
	for i := 0; i < len(inside); i++ {
		if inside[i] == '\\' && i+1 < len(inside) {
			if inside[i+1] != '\'' {
				out.WriteByte(inside[i])
			}
			i++
		}
		out.WriteByte(inside[i])
	}
	return out.String()
}
