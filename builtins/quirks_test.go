package builtins_test

import (
	"slices"
	"strings"
	"testing"

	"mini/builtins"
	"mini/internal/toolchain"
)

// on evaluates a script on a machine with the given compilers.
func on(t *testing.T, compilers map[string]toolchain.Facts, script string) map[string]builtins.Target {
	t.Helper()
	return evaluateWith(t, script, func(name string) (toolchain.Facts, bool) {
		f, ok := compilers[name]
		return f, ok
	})
}

// What mends a source in its files is a part of unpacking it, whose text and inputs say so; it is shared by all that have the
// same mended, and goes after the script's own patches.
func TestAQuirkThatIsPatched(t *testing.T) {
	const script = `
a = busybox("1.30.1", arch = "i386")
b = busybox("1.30.1", arch = "x86_64")
c = busybox("1.30.1", quirks = ["-stime"])
d = busybox("1.30.1", quirks = ["-stime", "-hwclock", "-stime"])
e = busybox("1.30.1", patches = [file(text = "--- a/x\\n+++ b/x\\n@@ -1 +1 @@\\n-a\\n+b\\n")])
f = busybox("1.33.0")
g = package("busybox", "1.30.1", steps = ["make"])
`
	targets := evaluate(t, script)
	for target, want := range map[string]string{
		"a": "mini step patch --mend src quirks/stime.patch quirks/hwclock.patch", "b": "mini step patch --mend src quirks/stime.patch quirks/hwclock.patch",
		"c": "mini step patch --mend src quirks/hwclock.patch", "d": "",
		"e": "mini step patch src patches/1/patch; mini step patch --mend src quirks/stime.patch quirks/hwclock.patch", "f": "", "g": "",
	} {
		n := node(t, targets[target], "busybox.unpack")
		if got := strings.Join(n.Steps[1:], "; "); got != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
		if (n == node(t, targets["a"], "busybox.unpack")) != (target == "a" || target == "b") {
			t.Errorf("%s shares a source, or doesn't, against what is mended in it", target)
		}
		for _, in := range n.Inputs {
			if strings.HasPrefix(in.Path, "quirks/") && !strings.Contains(string(in.Data), "\n+++ b/") {
				t.Errorf("%s is no patch: %s", in.Path, in.Data)
			}
		}
		if len(n.Quirks) != strings.Count(want, "quirks/") {
			t.Errorf("%s tells of %v", target, n.Quirks)
		}
	}
}

// Words for make are in every command that compiles, on machines that need them.
func TestAQuirkOfTheCommandLine(t *testing.T) {
	const script = `k = kernel("5.10.13", initramfs = rootfs({"/init": "a"}), arch = "i386")
off = kernel("5.10.13", quirks = ["-objtool-realloc"], arch = "i386")`
	for _, c := range []struct{ own, target, k, off string }{
		{"11.4.0", "11.4.0", "", ""},
		{"12.2.0", "12.2.0", " WERROR=0", ""},
		{"12.2.0", "15.1.0", " WERROR=0 CC='$(CROSS_COMPILE)gcc -std=gnu11'", " CC='$(CROSS_COMPILE)gcc -std=gnu11'"},
	} {
		targets := on(t, map[string]toolchain.Facts{"gcc": {Compiler: c.own}, "i686-linux-gnu-gcc": {Compiler: c.target}}, script)
		for target, words := range map[string]string{"k": c.k, "off": c.off} {
			const make = `make -C src O="$PWD/build" ARCH=i386`
			for _, name := range []string{"linux.configure", "linux.compile"} {
				n := node(t, targets[target], name)
				if !slices.ContainsFunc(n.Steps, func(s string) bool { return strings.HasPrefix(s, make+words+" CROSS_COMPILE=i686-linux-gnu- ") }) {
					t.Errorf("own %s, target %s: %s of %s doesn't say %q: %q", c.own, c.target, name, target, words, n.Steps)
				}
			}
			if n := node(t, targets[target], "linux.compile"); len(n.Quirks) != strings.Count(words, "=")-strings.Count(words, "-std=") {
				t.Errorf("own %s, target %s: %s tells of %v", c.own, c.target, target, n.Quirks)
			}
		}
	}
}

// A step that may fail of what its script has switched off, or has set itself, knows what that means.
func TestCausesOfQuirks(t *testing.T) {
	targets := evaluate(t, `
a = busybox("1.30.1")
b = busybox("1.30.1", quirks = ["-stime"])
c = busybox("1.35.0", config = {"TC": True})
d = busybox("1.35.0", config = {"TC": False})
`)
	for target, want := range map[string]string{
		"a": "", "d": "",
		"b": `this is the quirk stime: the applets date and rdate call stime(), which glibc 2.31 took out. The script has switched it off (quirks = ["-stime"]); mini mends it by a patch of coreutils/date.c and util-linux/rdate.c`,
		"c": `this is the quirk tc-cbq: the applet tc uses TCA_CBQ_MAX and other names that Linux 6.8 took out of its headers. mini mends it by TC=n, but the script's config says itself what TC is`,
	} {
		var got []string
		for _, c := range node(t, targets[target], "busybox").Causes {
			got = append(got, c.Says)
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
}
