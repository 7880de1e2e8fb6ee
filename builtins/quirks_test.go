package builtins_test

import (
	"strings"
	"testing"
)

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
