package format

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"mini/lang"

	"go.starlark.net/syntax"
)

// content is what a script says, apart from how it is laid out: its tree node by node, and then its comments. Two
// scripts with the same content do the same. The printer is somebody else's program, and a script is somebody's work:
// nothing is written back whose content differs.
func content(f *lang.File) []string {
	var parts, comments []string
	var ends []string // of the nodes that are open
	syntax.Walk(f.Tree, func(n syntax.Node) bool {
		if n == nil {
			parts = append(parts, ends[len(ends)-1])
			ends = ends[:len(ends)-1]
			return false
		}
		if _, paren := n.(*syntax.ParenExpr); paren { // where they matter, the tree has another form without them
			ends = append(ends, "")
		} else {
			ends = append(ends, "end")
			parts = append(parts, nodeContent(n))
			if id, ok := n.(*syntax.Ident); ok {
				parts = append(parts, strings.Join(strings.Fields(f.TypeSource(id.NamePos)), ""))
			}
		}
		if c := n.Comments(); c != nil {
			for _, list := range [][]syntax.Comment{c.Before, c.Suffix, c.After} {
				for _, one := range list {
					comments = append(comments, strings.TrimLeft(strings.TrimSpace(one.Text), "# "))
				}
			}
		}
		return true
	})
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	sort.Strings(comments) // which node a comment hangs on depends on the lines around it
	return append(parts, comments...)
}

// nodeContent is the type of a node with what it has besides its children.
func nodeContent(n syntax.Node) string {
	detail := ""
	switch n := n.(type) {
	case *syntax.Ident:
		detail = n.Name
	case *syntax.Literal:
		detail = fmt.Sprint(n.Token, n.Value)
	case *syntax.BinaryExpr:
		detail = n.Op.String()
	case *syntax.UnaryExpr:
		detail = n.Op.String()
	case *syntax.AssignStmt:
		detail = n.Op.String()
	case *syntax.BranchStmt:
		detail = n.Token.String()
	case *syntax.DefStmt: // a walk doesn't show where the parameters end, or the first branch of an if
		detail = fmt.Sprint(len(n.Params))
	case *syntax.LambdaExpr:
		detail = fmt.Sprint(len(n.Params))
	case *syntax.IfStmt:
		detail = fmt.Sprint(len(n.True))
	case *syntax.LoadStmt:
		detail = fmt.Sprint(len(n.From))
	case *syntax.Comprehension:
		detail = fmt.Sprint(n.Curly)
	case *syntax.SliceExpr:
		detail = fmt.Sprint(n.Lo != nil, n.Hi != nil, n.Step != nil)
	}
	return fmt.Sprintf("%T %s", n, detail)
}
