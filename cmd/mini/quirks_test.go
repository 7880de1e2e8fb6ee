package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"mini/build"
)

// mini doctor tells each quirk, and which of them what it looks at is spared.
func TestPrintQuirks(t *testing.T) {
	var out bytes.Buffer
	a := &app{stdout: &out, env: func(string) string { return "" }}
	a.printQuirks(context.Background(), &diagnosis{
		script: &script{loading: &loading{cache: t.TempDir()}},
		nodes:  []*build.Node{{Name: "n", Quirks: []build.Quirk{{Name: "tc-cbq"}}}},
	})
	for _, want := range []string{
		"  tc-cbq: busybox, with kernel headers 6.8 or newer: ", " on this machine; worked around in what is built: TC=n\n",
		"  stime: busybox before 1.32, with glibc 2.31 or newer: ",
		"  objtool-realloc: linux from 4.6 to before 5.17 (but for those of 5.10 from 5.10.218), with gcc 12 or newer: ",
		"  menu-implicit-int: busybox before 1.38, with gcc 14 or newer: ", " on this machine\n    its search for ncurses",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}
