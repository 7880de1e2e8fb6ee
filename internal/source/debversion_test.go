package source

import (
	"os/exec"
	"testing"
)

func TestUpstreamVersion(t *testing.T) {
	for in, want := range map[string]string{
		"1:1.35.0-4+deb12u1": "1.35.0", "6.1.192-1": "6.1.192", "7.3~rc2-1~exp1": "7.3-rc2",
		"6.12.38-1~bpo12+1": "6.12.38", "6.8.0-45.45": "6.8.0", "1.2.3+dfsg-1": "1.2.3", "1.0": "1.0",
	} {
		if got := upstreamVersion(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// dpkg itself is the oracle of its order.
func TestCompareDeb(t *testing.T) {
	dpkg, err := exec.LookPath("dpkg")
	if err != nil {
		t.Skip("dpkg is missing")
	}
	versions := []string{"1.0", "1.0-1", "1.0-1+b1", "1.0~rc1-1", "1.0~rc1~x-1", "1:0.1", "1.0a-1", "1.0+x-1", "1.10", "1.9", "1.0-10", "1.0-9", "1.01", "6.1.192-1~deb11u1"}
	for i, a := range versions {
		for j, b := range versions {
			if j <= i {
				continue
			}
			less := exec.Command(dpkg, "--compare-versions", a, "lt", b).Run() == nil
			if got := compareDeb(a, b); got < 0 != less || compareDeb(b, a) < 0 != (got > 0) {
				t.Errorf("compareDeb(%s, %s) = %d, dpkg says less: %v", a, b, got, less)
			}
		}
	}
}
