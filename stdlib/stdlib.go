// Package stdlib holds the recipes that come with mini, written in Starlark: load("@mini//name.star", …).
package stdlib

import "embed"

// FS holds the recipes.
//
//go:embed *.star
var FS embed.FS
