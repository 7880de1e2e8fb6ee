package licence

import (
	"fmt"
	"testing"
	"testing/fstest"
)

func TestDetect(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	for _, c := range []struct {
		name string
		dir  fstest.MapFS
		want string
	}{
		{"linux", fstest.MapFS{"COPYING": file("The Linux Kernel is provided under:\n\n\tSPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note\n\nBeing under …"),
			"LICENSES/preferred/MIT": file("SPDX-License-Identifier: MIT")}, "[{GPL-2.0 WITH Linux-syscall-note COPYING true}]"},
		{"busybox", fstest.MapFS{"LICENSE": file("--- A note on GPL versions\n\nBusyBox is distributed under version 2 of the General Public License (included\nin its entirety, below).\n GNU GENERAL PUBLIC LICENSE Version 2, June 1991")},
			"[{GPL-2.0-only LICENSE false}]"},
		{"two", fstest.MapFS{"COPYING.LIB": file("GNU LESSER GENERAL PUBLIC LICENSE\n  Version 2.1, February 1999"), "copyright.txt": file("(C) me"), "License.MIT": file("Permission is hereby granted,\nfree of charge, to any person obtaining\na copy of")},
			"[{LGPL-2.1 COPYING.LIB false} {MIT License.MIT false} { copyright.txt false}]"},
		{"bsd", fstest.MapFS{"COPYING": file("Redistributions in binary form must reproduce … may be used to endorse or promote products")}, "[{BSD-3-Clause COPYING false}]"},
		{"others' names", fstest.MapFS{"licensed.c": file("SPDX-License-Identifier: MIT"), "README": file("MIT")}, "[]"},
	} {
		got, err := Detect(c.dir)
		if text := fmt.Sprint(got); err != nil || text != c.want {
			t.Errorf("%s: %s, %v; want %s", c.name, text, err, c.want)
		}
	}
}
