package builtins_test

import (
	"slices"
	"strings"
	"testing"

	"mini/builtins"
)

// TestTypes: each value of mini's has the types that are listed, and no other.
func TestTypes(t *testing.T) {
	targets := evaluate(t, `
bb = busybox("1.35.0")
f = bb["/bin/busybox"]
r = rootfs([bb, {"/init": "x"}])
i = initramfs(r)
k = kernel("6.1", initramfs = r)
m = qemu(k)
`)
	for name, want := range map[string]string{
		"bb": "artifact tree", "f": "artifact file", "r": "artifact rootfs", "i": "artifact file initramfs", "k": "artifact kernel",
		"m": "artifact machine",
	} {
		var got []string
		for typ, is := range builtins.Types() {
			if _, err := is.Convert(targets[name]); err == nil {
				got = append(got, typ)
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s, a %s: got %q, want %s", name, targets[name].Type(), got, want)
		}
	}
	evaluate(t, `
def f(s: source, *e: entry) -> None:
    pass
f(source("x.tar", sha256 = "0" * 64) if False else distro("linux"), symlink("x"), directory(), device("c", 1, 3))
`)
}
