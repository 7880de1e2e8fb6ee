package main

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"mini/builtins"
	"mini/internal/preflight"
	"mini/lang"
	"mini/stdlib"
)

// What a check offers to write must have what it says it has.
func TestOfferedFeaturesHaveTheirSymbols(t *testing.T) {
	var script strings.Builder
	for _, f := range preflight.Features {
		fmt.Fprintf(&script, "load(\"@mini//linux.star\", %q)\n", f.Name)
	}
	for _, f := range preflight.Features {
		for _, s := range f.Symbols {
			fmt.Fprintf(&script, "%s[%q] == True or fail(%q)\n", f.Name, s, f.Name+": "+s)
		}
	}
	_, err := lang.Run(context.Background(), "features.star", []byte(script.String()), lang.Options{
		Builtins: builtins.New(builtins.Options{Host: "x86_64"}).Table(), Types: builtins.Types(), Modules: map[string]fs.FS{"mini": stdlib.FS},
	})
	if err != nil {
		t.Error(err)
	}
}
