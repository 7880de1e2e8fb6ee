package lang

import (
	"strings"
	"testing"
)

func TestSuggest(t *testing.T) {
	for _, test := range []struct{ name, among, want string }{
		{"initramf", "version config initramfs", "initramfs"},
		{"kernal", "kernel qemu", "kernel"},
		{"arhc", "arch busybox_version", "arch"},
		{"rnu", "build run version", "run"},
		{"KERNEL", "kernel", "kernel"},
		{"busybox-version", "busybox_version", "busybox_version"},
		{"busybox", "busybox_version", "busybox_version"},
		{"init", "initramfs inti", "initramfs"},
		{"compressions", "compress", "compress"},
		{"intermediate", "int", ""},
		{"gz", "gzip xz", "gzip"},
		{"true", "True", "True"},
		{"x", "y", ""},
		{"X", "x", "x"},
		{"", "a", ""},
		{"a", "", ""},
		{"same", "same", ""},
		{"null", "all", ""},
		{"memory", "kernel qemu", ""},
		{"bat", "cat bad bag", "bad"},
		{"bat", "bag cat bad", "bad"},
		{"größe", "grösse", "grösse"},
	} {
		if got := Suggest(test.name, strings.Fields(test.among)); got != test.want {
			t.Errorf("%q among %s: got %q, want %q", test.name, test.among, got, test.want)
		}
	}
}
