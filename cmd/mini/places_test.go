package main

import (
	"testing"

	"mini/internal/qemu"
)

func TestPlacesIn(t *testing.T) {
	a, b, c := qemu.Place{Name: "a+0x1/0x2"}, qemu.Place{Name: "b+0x1/0x2"}, qemu.Place{Addr: 0xc1000000}
	guess := func(p qemu.Place) qemu.Place { p.Guess = true; return p }
	for want, places := range map[string][]qemu.Place{
		"at a+0x1/0x2": {a},
		"perhaps at a+0x1/0x2, called by b+0x1/0x2":             {guess(qemu.Place{Name: "dump_stack_lvl+0x1/0x2"}), guess(qemu.Place{Name: "panic+0x1/0x2"}), guess(a), guess(b)},
		"at panic+0x1/0x2":                                      {{Name: "panic+0x1/0x2"}},
		"at a+0x1/0x2, called by b+0x1/0x2, 0xc1000000":         {a, b, c},
		"at a+0x1/0x2, perhaps called by b+0x1/0x2, 0xc1000000": {a, guess(b), guess(c)},
		"perhaps at a+0x1/0x2, called by b+0x1/0x2, 0xc1000000": {guess(a), guess(b), guess(c)},
	} {
		if got := placesIn(places); got != "in the guest's kernel it was "+want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
