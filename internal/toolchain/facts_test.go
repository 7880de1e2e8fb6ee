package toolchain

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

func TestFacts(t *testing.T) {
	top := fake(t)
	tc := probe(t, top)
	facts := func() Facts {
		t.Helper()
		f, err := tc.Facts(context.Background(), later(""))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if got, want := facts(), (Facts{Compiler: "12.2.0"}); got != want {
		t.Errorf("without headers: %+v, want %+v", got, want)
	}
	write(t, top+"/root/usr/include/linux/version.h", "#define LINUX_VERSION_CODE 396405\n#define KERNEL_VERSION(a,b,c) 0\n")
	write(t, top+"/root/usr/include/features.h", "/* x */\n#undef __GLIBC__\n#define\t__GLIBC__\t2\n# define\t__GLIBC_MINOR__\t36\n")
	write(t, top+"/root/usr/lib/libcrypt.a", "!<arch>\n")
	if got, want := facts(), (Facts{"12.2.0", "6.12.117", "2.36", true}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestRealFacts asks the preprocessor the same.
func TestRealFacts(t *testing.T) {
	for _, cc := range []string{"gcc", "i686-linux-gnu-gcc"} {
		t.Run(cc, func(t *testing.T) {
			tc := real(t, cc)
			got, err := tc.Facts(context.Background(), nil)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(tc.CC, "-E", "-P", "-")
			cmd.Stdin = strings.NewReader("#include <features.h>\n#include <linux/version.h>\n@ __GLIBC__ __GLIBC_MINOR__ LINUX_VERSION_MAJOR LINUX_VERSION_PATCHLEVEL LINUX_VERSION_SUBLEVEL\n")
			out, err := cmd.Output()
			if err != nil {
				t.Skip(err)
			}
			_, line, _ := bytes.Cut(out, []byte("@"))
			var v [5]int
			if _, err := fmt.Sscan(string(line), &v[0], &v[1], &v[2], &v[3], &v[4]); err != nil {
				t.Fatal(err)
			}
			if got.Glibc != numbers(v[0], v[1]) || got.Headers != numbers(v[2], v[3], v[4]) || got.Compiler != tc.Version {
				t.Errorf("%+v, and the preprocessor says %v", got, v)
			}
		})
	}
}
