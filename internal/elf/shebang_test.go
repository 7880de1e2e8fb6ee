package elf

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

func TestShebang(t *testing.T) {
	long := "/" + strings.Repeat("d", 252)
	for _, c := range []struct{ in, want string }{
		{"#!/bin/sh\necho", "/bin/sh"},
		{"#!/bin/sh", "/bin/sh"},
		{"#! \t/bin/sh -e\n", "/bin/sh"},
		{"#!/usr/bin/env\tsh\n", "/usr/bin/env"},
		{"#!/bin/sh\r\n", "/bin/sh\r"}, // what the kernel would open
		{"#!\n/bin/sh\n", ""},
		{"#!   ", ""},
		{"#!", ""},
		{"", ""},
		{"echo", ""},
		{" #!/bin/sh\n", ""},
		{"\x7fELF", ""},
		{"#!" + long + "\n", long},
		{"#!" + long, long},
		{"#!" + long + "d\n", ""}, // the line's end is just where the kernel stops looking
		{"#!" + long + "d", ""},
		{"#!" + long + " " + long, long},
	} {
		got, ok := Shebang(strings.NewReader(c.in))
		if got != c.want && ok || ok != (c.want != "") {
			t.Errorf("%.40q: %q, %v; want %q", c.in, got, ok, c.want)
		}
	}
	if _, ok := Shebang(iotest.ErrReader(errors.New("broken"))); ok {
		t.Error("what can't be read is not a script")
	}
}
