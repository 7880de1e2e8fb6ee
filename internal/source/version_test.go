package source

import (
	"slices"
	"strings"
	"testing"
)

func TestCompareVersions(t *testing.T) {
	ordered := []string{"2.6.39", "2.6.39.2", "3.0", "4.8-rc3", "4.8-rc4", "4.8-rc10", "4.8", "4.8.1", "6.1", "6.1.9", "6.1.10", "6.12", "6.12.2", "7.0"}
	for i, a := range ordered {
		for j, b := range ordered {
			got := CompareVersions(a, b)
			if got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("CompareVersions(%s, %s) = %d", a, b, got)
			}
		}
	}
}

func TestIsSeries(t *testing.T) {
	tests := []struct {
		name, v string
		want    bool
	}{
		{"linux", "6.1", true}, {"linux", "6.1.190", false}, {"linux", "6.19", true}, {"linux", "6.19.0", false},
		{"linux", "2.6.39", true}, {"linux", "2.6.39.2", false}, {"linux", "4.8-rc4", false},
		{"busybox", "1.36", true}, {"busybox", "1.36.1", false},
	}
	for _, tt := range tests {
		if got := IsSeries(tt.name, tt.v); got != tt.want {
			t.Errorf("IsSeries(%s, %s) = %v", tt.name, tt.v, got)
		}
	}
}

func TestWanted(t *testing.T) {
	tests := []struct {
		version, v string
		want       bool
	}{
		{"6.1", "6.1", true}, {"6.1", "6.1.190", true}, {"6.1", "6.12.3", false}, {"4.8", "4.8-rc4", false},
		{"", "7.1", true}, {"newest", "7.1-rc1", false},
		{"4.8-rc4", "4.8-rc4", true}, {"6.1.19", "6.1.190", false}, {"6.19.0", "6.19", true}, {"6.19.0", "6.19.1", false},
	}
	for _, tt := range tests {
		if got := (Want{Name: "linux", Version: tt.version}).wanted(tt.v); got != tt.want {
			t.Errorf("want %q, release %q: %v", tt.version, tt.v, got)
		}
	}
}

func TestWantCheck(t *testing.T) {
	for _, bad := range []Want{
		{Name: "Linux"}, {Name: ""}, {Name: "-o"}, {Name: "linux", Version: "latest"}, {Name: "linux", Version: "6"},
		{Name: "linux", Version: "6.1 "}, {Name: "linux", Suite: "sid main\nTrusted: yes"}, {Name: "linux", Suite: "../x"},
	} {
		if bad.check() == nil {
			t.Errorf("%+v passed", bad)
		}
	}
}

func TestNear(t *testing.T) {
	have := []string{"1.3 (b)", "1.1", "1.2", "1.10", "1.5", "1.1"}
	for _, tt := range []struct {
		want string
		n    int
		out  string
	}{
		{"1.4", 3, "1.3 (b) 1.5 1.2"},
		{"", 2, "1.10 1.5"},
		{"9.0", 9, "1.10 1.5 1.3 (b) 1.2 1.1"},
	} {
		if got := strings.Join(near(have, tt.want, tt.n), " "); got != tt.out {
			t.Errorf("near %q: %s, want %s", tt.want, got, tt.out)
		}
	}
}

func TestTable(t *testing.T) {
	names := []string{"busybox", "dash", "dropbear", "linux", "pigz", "zlib"}
	for _, name := range names {
		list := Known(name)
		if fewest := map[string]int{"linux": 20, "busybox": 20}; len(list) < max(fewest[name], 1) {
			t.Fatalf("%s: only %d releases", name, len(list))
		}
		for i, r := range list {
			if len(r.SHA256) != 64 || strings.ToLower(r.SHA256) != r.SHA256 || !(Want{Name: name}).versionSyntax().MatchString(r.Version) || r.Note == "" {
				t.Errorf("bad line: %+v", r)
			}
			if i > 0 && CompareVersions(list[i-1].Version, r.Version) >= 0 {
				t.Errorf("%s and %s are out of order or the same", list[i-1].Version, r.Version)
			}
		}
	}
	// The file itself is kept in order, so that a new release is one line in one place.
	var lines []string
	for line := range strings.Lines(versionsTSV) {
		if r, ok := parseRelease(line); ok {
			lines = append(lines, r.Name+" "+r.Version)
		} else if !strings.HasPrefix(line, "#") {
			t.Errorf("no release: %q", line)
		}
	}
	var sorted []string
	for _, name := range names {
		for _, r := range Known(name) {
			sorted = append(sorted, name+" "+r.Version)
		}
	}
	if !slices.Equal(lines, sorted) {
		t.Error("versions.tsv is not sorted by name and version")
	}
	if r, ok := Lookup("busybox", "1.35.0"); !ok || r.File != "busybox-1.35.0.tar.bz2" {
		t.Errorf("busybox 1.35.0: %+v", r)
	}
	if _, ok := Lookup("busybox", "1.35"); ok {
		t.Error("a series was found as a version")
	}
	Known("linux")[0].SHA256 = "spoiled"
	if Known("linux")[0].SHA256 == "spoiled" {
		t.Error("a caller can change the table")
	}
}

func TestUpstreamURLs(t *testing.T) {
	for _, tt := range []struct{ name, file, first string }{
		{"linux", "linux-6.1.190.tar.xz", "https://cdn.kernel.org/pub/linux/kernel/v6.x/linux-6.1.190.tar.xz"},
		{"linux", "linux-2.6.39.tar.bz2", "https://cdn.kernel.org/pub/linux/kernel/v2.6/linux-2.6.39.tar.bz2"},
		{"busybox", "busybox-1.35.0.tar.bz2", "https://busybox.net/downloads/busybox-1.35.0.tar.bz2"},
	} {
		if got := UpstreamURLs(tt.name, tt.file); len(got) < 2 || got[0] != tt.first {
			t.Errorf("%s: %v", tt.file, got)
		}
	}
	if got := UpstreamURLs("zlib", "zlib-1.2.13.tar.xz"); len(got) < 2 || got[0] != "https://zlib.net/fossils/zlib-1.2.13.tar.xz" {
		t.Errorf("zlib: %v", got)
	}
	if got := UpstreamURLs("nosuch", "x"); len(got) != 0 {
		t.Errorf("unknown project: %v", got)
	}
}

// Projects number their releases in many ways; what must not reach a command line of apt is refused for all of them.
func TestVersionsOfOtherPrograms(t *testing.T) {
	for version, good := range map[string]bool{
		"2022.83": true, "9.2p1": true, "1.2.13.dfsg": true, "608": true, "newest": true, "": true,
		"-1": false, "1 2": false, "1/2": false, "1=2": false, "v1.2": false,
	} {
		if err := (Want{Name: "zlib", Version: version}).check(); (err == nil) != good {
			t.Errorf("%q: %v", version, err)
		}
	}
	if err := (Want{Name: "linux", Version: "6.1p1"}).check(); err == nil {
		t.Error("linux 6.1p1 is taken for a version")
	}
}
