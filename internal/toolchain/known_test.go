package toolchain

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestKnowsHeader(t *testing.T) {
	for _, c := range []struct {
		rel                string
		dir, known, shared bool
	}{
		{"stdio.h", false, true, false}, {"zlib.h", false, false, false}, {"linux", true, true, false},
		{"linux", false, false, false}, {"openssl", true, false, false}, {"sys", true, true, true},
		{"sys/types.h", false, true, false}, {"sys/capability.h", false, false, false}, {"sys/platform", true, true, false},
		{"mtd/ubi-user.h", false, true, false}, {"mtd/other.h", false, false, false}, {"rdma/hfi", true, true, false},
		{"rdma/rsocket.h", false, false, false}, {"c++", true, false, false}, {"x86_64-linux-gnu", true, false, false},
	} {
		if known, shared := knowsHeader(c.rel, c.dir); known != c.known || shared != c.shared {
			t.Errorf("%s: known %v, shared %v", c.rel, known, shared)
		}
	}
}

func TestRoleOf(t *testing.T) {
	for role, list := range map[role]string{
		ownPart:     "crt1.o crtbeginT.o Scrt1.o libc.so libc.so.6 libc.a libm-2.36.a libgcc_s.so.1 libpthread.a ld-linux-x86-64.so.2 ld-musl-i386.so.1 liblto_plugin.so specs libasan_preinit.o libgomp.spec",
		foreignPart: "libz.so libz.a libelf-0.188.so libstdc++.a libcrypto.so other.o",
		noneOfIt:    "libz.so.1 libelf.so.1 python3 libc.conf pkgconfig",
	} {
		for _, name := range strings.Fields(list) {
			if got := roleOf(name); got != role {
				t.Errorf("%s is %d, want %d", name, got, role)
			}
		}
	}
}

// Where a package manager can be asked, every header that the C library and the kernel bring is known, and none of
// another package is.
func TestKnownIsWhatThePackagesBring(t *testing.T) {
	tc := real(t, "gcc")
	if _, err := exec.LookPath("dpkg-query"); err != nil {
		t.Skip("there is no dpkg")
	}
	id, err := tc.Identity(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	hidden := func(p string) bool {
		return slices.ContainsFunc(id.Hidden, func(h string) bool { return p == h || below(p, h) })
	}
	for _, pkg := range []string{"libc6-dev", "linux-libc-dev", "libcrypt-dev", "libgcc-12-dev", "libgcc-13-dev", "libgcc-14-dev"} {
		out, err := exec.Command("dpkg-query", "-L", pkg).Output()
		if err != nil {
			continue // not installed
		}
		for p := range strings.Lines(string(out)) {
			p = strings.TrimSpace(p)
			if real, err := filepath.EvalSymlinks(filepath.Dir(p)); err == nil {
				p = filepath.Join(real, filepath.Base(p))
			}
			if info, err := os.Stat(p); err == nil && !info.IsDir() && hidden(p) {
				t.Errorf("%s of %s is hidden", p, pkg)
			}
		}
	}
	for _, pkg := range []string{"zlib1g-dev", "libelf-dev", "libssl-dev", "libncurses-dev", "libcap-dev", "libstdc++-12-dev", "libobjc-12-dev", "libgfortran-12-dev"} {
		out, err := exec.Command("dpkg-query", "-L", pkg).Output()
		if err != nil {
			continue
		}
		for p := range strings.Lines(string(out)) {
			p = strings.TrimSpace(p)
			linked := strings.HasSuffix(p, ".h") || strings.HasSuffix(p, ".a") || strings.HasSuffix(p, ".so")
			info, err := os.Lstat(p)
			if linked && err == nil && !info.IsDir() && !strings.HasPrefix(p, "/usr/share/") && !hidden(p) && !strings.Contains(p, "python") {
				t.Errorf("%s of %s can be seen", p, pkg)
			}
		}
	}
}
