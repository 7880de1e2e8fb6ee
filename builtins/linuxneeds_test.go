package builtins_test

import (
	"slices"
	"testing"

	"mini/build"
	"mini/builtins"
)

// A kernel's first step is found among all that its image is made of, with the compiler that compiles it.
func TestLinuxOf(t *testing.T) {
	for arch, want := range map[string]string{"x86_64": "gcc", "i386": "i686-linux-gnu-gcc"} {
		targets := evaluate(t, `k = kernel("6.1", arch = "`+arch+`", initramfs = rootfs({"/init": file(text = "x", mode = 0o755)}))`)
		var found []builtins.Linux
		for _, n := range build.NewGraph([]*build.Node{targets["k"].Outputs()[0].Artifact.Node}).Nodes {
			if l, ok := builtins.LinuxOf(n); ok {
				found = append(found, l)
			}
		}
		if len(found) != 1 || found[0].Version != "6.1" || found[0].Arch != "x86" || found[0].Source == nil {
			t.Fatalf("%s: %+v", arch, found)
		}
		compilers := slices.DeleteFunc(slices.Clone(found[0].Tools), func(tool string) bool { return tool != "gcc" && tool != "i686-linux-gnu-gcc" })
		if !slices.Equal(compilers, []string{want}) {
			t.Errorf("%s: %q", arch, compilers)
		}
	}
}
