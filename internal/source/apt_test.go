package source

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func hashOf(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// publish puts a suite into files as an archive would: pool, indexes, Release.
// sources maps "package version" to the text of its original tarball.
func publish(files map[string]string, suite string, sources map[string]string, debs map[string]string) {
	var src, pkgs strings.Builder
	for key, text := range sources {
		pkg, deb, _ := strings.Cut(key, " ")
		name := fmt.Sprintf("%s_%s.orig.tar.xz", pkg, upstreamVersion(deb))
		files["/debian/pool/"+name] = text
		debian := fmt.Sprintf("%s_%s.debian.tar.xz", pkg, deb)
		files["/debian/pool/"+debian] = "packaging"
		fmt.Fprintf(&src, "Package: %s\nBinary: %[1]s\nVersion: %s\nArchitecture: any\nFormat: 3.0 (quilt)\nDirectory: pool\nChecksums-Sha256:\n %s %d %s\n %s %d %s\n\n",
			pkg, deb, hashOf(text), len(text), name, hashOf("packaging"), 9, debian)
	}
	for key, text := range debs {
		pkg, deb, _ := strings.Cut(key, " ")
		name := fmt.Sprintf("pool/%s_%s_all.deb", pkg, deb)
		files["/debian/"+name] = text
		fmt.Fprintf(&pkgs, "Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\nFilename: %s\nSize: %d\nSHA256: %s\n\n", pkg, deb, name, len(text), hashOf(text))
	}
	var list strings.Builder
	dists := "/debian/dists/" + suite + "/"
	arch, _ := exec.Command("dpkg", "--print-architecture").Output()
	add := func(name, text string) {
		for n, t := range map[string]string{name: text, name + ".gz": gzipped(text)} {
			files[dists+n] = t
			fmt.Fprintf(&list, " %s %d %s\n", hashOf(t), len(t), n)
		}
	}
	add("main/source/Sources", src.String())
	add("main/binary-"+strings.TrimSpace(string(arch))+"/Packages", pkgs.String())
	files[dists+"Release"] = fmt.Sprintf("Origin: Debian\nLabel: Debian\nSuite: %s\nCodename: %[1]s\nDate: Mon, 02 Jan 2006 15:04:05 UTC\nArchitectures: all %s\nComponents: main\nSHA256:\n%s",
		suite, strings.TrimSpace(string(arch)), list.String())
	files[dists+"InRelease"] = "" // for the question whether the suite exists; apt falls back to Release
}

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

// fakeHost is a machine whose apt sources name the archive of site; option goes
// into its sources line.
func fakeHost(t *testing.T, s *site, option string) AptConfig {
	t.Helper()
	program, err := exec.LookPath("apt-get")
	if err != nil {
		t.Skip("apt-get is missing")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"etc/sources.list": "deb " + option + " " + s.URL + "/debian bookworm main\n",
		"os-release":       "VERSION_CODENAME=bookworm\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return AptConfig{StateDir: filepath.Join(dir, "state"), EtcApt: filepath.Join(dir, "etc"), OSRelease: filepath.Join(dir, "os-release"), Program: program}
}

func debianArchive(t *testing.T) *site {
	files := map[string]string{}
	publish(files, "bookworm", map[string]string{"linux 6.1.9-1": "linux 6.1.9", "busybox 1:1.35.0-4": "bb 1.35"}, map[string]string{"linux-source-6.1 6.1.9-1": "deb 6.1.9", "linux-source 6.1.9-1": "meta"})
	publish(files, "trixie", map[string]string{"linux 6.12.7-1": "linux 6.12.7", "busybox 1:1.37.0-6": "bb 1.37"}, nil)
	publish(files, "sid", map[string]string{"linux 7.1.8-2": "linux 7.1.8", "linux 7.2.13-1": "linux 7.2.13", "linux 7.3~rc1-1": "rc", "busybox 1:1.38.0-3": "bb 1.38"}, nil)
	delete(files, "/debian/pool/linux_7.2.13.orig.tar.xz") // listed, but gone
	return newSite(t, files)
}

func TestAptResolveAndFetch(t *testing.T) {
	s := debianArchive(t)
	src := New(Config{Apt: fakeHost(t, s, "[trusted=yes]")})
	ctx := context.Background()
	tests := []struct {
		want Want
		from string // "" = an error with
		text string
	}{
		{Want{Name: "linux", Version: "6.1"}, "apt:bookworm:linux-source-6.1=6.1.9-1", "deb 6.1.9"},
		{Want{Name: "linux", Version: "6.12"}, "apt-src:trixie:linux=6.12.7-1", "linux 6.12.7"},
		{Want{Name: "linux", Suite: "sid", Distro: true}, "apt-src:sid:linux=7.1.8-2", "linux 7.1.8"},
		{Want{Name: "linux", Version: "7.1.8", Distro: true}, "apt-src:sid:linux=7.1.8-2", "linux 7.1.8"},
		{Want{Name: "linux", Version: "7.3-rc1", Distro: true}, "apt-src:sid:linux=7.3~rc1-1", "rc"},
		{Want{Name: "linux", Distro: true}, "apt:bookworm:linux-source-6.1=6.1.9-1", "deb 6.1.9"},
		{Want{Name: "busybox", Suite: "sid"}, "apt-src:sid:busybox=1:1.38.0-3", "bb 1.38"},
		{Want{Name: "busybox", Version: "1.37"}, "apt-src:trixie:busybox=1:1.37.0-6", "bb 1.37"},
		{Want{Name: "linux", Version: "7.2", Suite: "sid"}, "", "has 7.1.8 (sid), 7.3-rc1 (sid)"},
		{Want{Name: "linux", Version: "6.1", Suite: "sid"}, "", "has 7.1.8 (sid)"},
		{Want{Name: "linux", Suite: "nosuch"}, "", `the archive has no suite "nosuch"`},
		{Want{Name: "linux", Version: "6.1.999"}, "", "6.1.9 (bookworm)"},
	}
	for _, tt := range tests {
		t.Run(tt.want.String(), func(t *testing.T) {
			pin, err := src.Resolve(ctx, tt.want, nil)
			if tt.from == "" {
				if err == nil || !strings.Contains(err.Error(), tt.text) {
					t.Errorf("%+v, error %v, want %q", pin, err, tt.text)
				}
				return
			}
			if err != nil || pin.From != tt.from || pin.Verified != VerifiedUnsigned || pin.check() != nil {
				t.Fatalf("%+v, %v", pin, err)
			}
			dst := filepath.Join(t.TempDir(), pin.File)
			if err := src.Fetch(ctx, pin, dst, nil); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(dst); err != nil || string(got) != tt.text {
				t.Errorf("fetched %q, %v", got, err)
			}
		})
	}
}

// The distribution's packing of a version never stands in for upstream's.
func TestAptIsNotTakenSilently(t *testing.T) {
	files := map[string]string{}
	r := newestKnown("linux", "6.12")
	publish(files, "bookworm", map[string]string{"linux " + r.Version + "-1": "repacked", "linux 9.9.9-1": "unheard of"}, nil)
	src := New(Config{Apt: fakeHost(t, newSite(t, files), "[trusted=yes]")})
	ctx := context.Background()
	pin, err := src.Resolve(ctx, Want{Name: "linux", Version: r.Version}, nil)
	if err != nil || pin.From != FromUpstream {
		t.Fatalf("%+v, %v", pin, err)
	}
	hint := `write source = distro("linux", suite = "bookworm")`
	if err := src.Fetch(ctx, pin, filepath.Join(t.TempDir(), "f"), nil); err == nil || !strings.Contains(err.Error(), hint) {
		t.Errorf("known version: %v", err)
	}
	if _, err := src.Resolve(ctx, Want{Name: "linux", Version: "9.9.9"}, nil); err == nil || !strings.Contains(err.Error(), hint) {
		t.Errorf("unknown version: %v", err)
	}
	// Bytes that differ from the pinned ones are an error even where they were pinned.
	pin, err = src.Resolve(ctx, Want{Name: "linux", Version: "9.9.9", Distro: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pin.SHA256 = sumA
	if err := src.Fetch(ctx, pin, filepath.Join(t.TempDir(), "f"), nil); !wrongBytes(err) {
		t.Errorf("other bytes: %v", err)
	}
}

func TestAptFindsUpstreamsBytes(t *testing.T) {
	s := debianArchive(t)
	src := New(Config{Apt: fakeHost(t, s, "[trusted=yes]")})
	pin := Pin{Name: "busybox", Want: "1.37.0", Version: "1.37.0", File: "busybox-1.37.0.tar.bz2", SHA256: hashOf("bb 1.37"), From: FromUpstream, Verified: VerifiedTable}
	dst := filepath.Join(t.TempDir(), "f")
	var last int64
	if err := src.Fetch(context.Background(), pin, dst, func(done, total int64) { last = done }); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(dst); err != nil || string(got) != "bb 1.37" || last != int64(len(got)) {
		t.Errorf("%q, %v, progress %d", got, err, last)
	}
	if left, _ := filepath.Glob(filepath.Join(src.apt.c.StateDir, "fetch", "*", "*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestFromSourcesTakesTheOriginalTarball(t *testing.T) {
	got, ok := fromSources(map[string]string{"Package": "busybox", "Version": "1:1.37.0-6", "Directory": "pool",
		"Checksums-Sha256": "\n " + sumA + " 5 busybox_1.37.0-6.debian.tar.xz\n " + sumB + " 7 busybox_1.37.0.orig.tar.bz2\n " + sumA + " 1 busybox_1.37.0.orig.tar.bz2.asc\n " + sumA + " 1 ../x.tar.xz"})
	if !ok || got.sha256 != sumB || got.file != "busybox_1.37.0.orig.tar.bz2" || got.url != "pool/busybox_1.37.0.orig.tar.bz2" || got.version != "1.37.0" {
		t.Errorf("%+v", got)
	}
}

func TestBelievable(t *testing.T) {
	for _, tt := range []struct {
		origin, trusted string
		unsigned, ok    bool
	}{
		{"Debian", "yes", false, true}, {"Ubuntu", "yes", false, true}, {"Own", "yes", true, true},
		{"Debian", "no", false, false}, {"Third Party", "yes", false, false},
	} {
		if err := believable("x", tt.origin, tt.trusted, tt.unsigned); (err == nil) != tt.ok {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

func TestFindFileComparesTheBytes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "work")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := findFile(dir, candidate{sha256: sumA}); err == nil {
		t.Error("found a file in an empty directory")
	}
	if err := os.WriteFile(filepath.Join(dir, "a%3ab"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := findFile(dir, candidate{sha256: hashOf("x")}); err != nil || filepath.Base(got) != "a%3ab" {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := findFile(dir, candidate{sha256: sumA}); !wrongBytes(err) {
		t.Errorf("other bytes: %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("wrong bytes were kept")
	}
}

func TestAptKeepsItsSignatureCheck(t *testing.T) {
	s := debianArchive(t)
	src := New(Config{Apt: fakeHost(t, s, "")})
	pin, err := src.Resolve(context.Background(), Want{Name: "linux", Version: "6.1"}, nil)
	if err == nil {
		t.Fatalf("an unsigned archive was believed: %+v", pin)
	}
}

func TestAptIndexIsRefreshed(t *testing.T) {
	s := debianArchive(t)
	c := fakeHost(t, s, "[trusted=yes]")
	updates := func() int { return strings.Count(s.requests(), "GET /debian/dists/bookworm/Release") }
	resolve := func(now time.Time) Pin {
		t.Helper()
		src := New(Config{Apt: c})
		src.apt.now = func() time.Time { return now }
		pin, err := src.Resolve(context.Background(), Want{Name: "linux", Version: "6.1"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return pin
	}
	resolve(time.Now())
	first := updates()
	if resolve(time.Now()); first == 0 || updates() != first {
		t.Errorf("a fresh index was asked for again (%d, then %d)", first, updates())
	}
	if resolve(time.Now().Add(25 * time.Hour)); updates() == first {
		t.Error("an index older than a day was not refreshed")
	}

	// A file that is gone means that the index is out of date.
	s.mu.Lock()
	publish(s.files, "bookworm", nil, map[string]string{"linux-source-6.1 6.1.10-1": "newer"})
	delete(s.files, "/debian/pool/linux-source-6.1_6.1.9-1_all.deb")
	s.mu.Unlock()
	if pin := resolve(time.Now()); pin.Version != "6.1.10" {
		t.Errorf("got %s", pin.Version)
	}

	// Out of reach, the index from before still serves.
	s.Close()
	if pin := resolve(time.Now().Add(48 * time.Hour)); pin.Version != "6.1.10" {
		t.Errorf("got %s", pin.Version)
	}
}

// A cache may be moved, and what it knows of the archive goes with it.
func TestAptIndexIsMoved(t *testing.T) {
	s := debianArchive(t)
	c := fakeHost(t, s, "[trusted=yes]")
	want := Want{Name: "linux", Version: "6.1"}
	before, err := New(Config{Apt: c}).Resolve(context.Background(), want, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	moved := filepath.Join(t.TempDir(), "moved")
	if err := os.Rename(c.StateDir, moved); err != nil {
		t.Fatal(err)
	}
	c.StateDir = moved
	after, err := New(Config{Apt: c}).Resolve(context.Background(), want, nil)
	if err != nil || after != before {
		t.Errorf("%+v, %v; it was %+v", after, err, before)
	}
}

// What one suite has says nothing of another one that did not answer. One that is not there at all is none that failed.
func TestAptSuiteThatFails(t *testing.T) {
	s := debianArchive(t)
	c := fakeHost(t, s, "[trusted=yes]")
	s.mu.Lock()
	maps.DeleteFunc(s.files, func(name, _ string) bool { return strings.HasPrefix(name, "/debian/dists/bookworm/main/") })
	s.mu.Unlock()
	_, err := New(Config{Apt: c}).Resolve(context.Background(), Want{Name: "linux", Version: "6.1"}, nil)
	if err == nil || !strings.Contains(err.Error(), "has 6.12.7 (trixie), 7.1.8 (sid), 7.2.13 (sid), 7.3-rc1 (sid), and could not be asked whole: bookworm: apt-get: ") || strings.Contains(err.Error(), "forky") {
		t.Error(err)
	}
}

func TestAptLeavesTheHostAlone(t *testing.T) {
	conf := aptConf("/etc/apt", "/s", true)
	for _, line := range []string{
		`#clear APT::Update::Post-Invoke;`, `Dir::State::lists "/s/lists";`, `Dir::Cache "/s/cache";`,
		`Acquire::AllowInsecureRepositories "false";`, `APT::Get::AllowUnauthenticated "false";`, `APT::Sandbox::User "root";`,
	} {
		if !strings.Contains(conf, line) {
			t.Errorf("configuration lacks %s", line)
		}
	}
	if strings.Contains(aptConf("/etc/apt", "/s", false), "Sandbox") {
		t.Error("an ordinary user needs no sandbox user")
	}
}

func TestScanIndex(t *testing.T) {
	index := "Package: linux\nVersion: 1\nPackage-List:\n Package: busybox\n\nFormat: 1.0\nX:\n Package: linux\nPackage: busybox\nVersion: 2\n\nPackage: linux-tools\n\n" + "Package: busybox\nVersion: 3"
	var got []string
	err := scanIndex(strings.NewReader(index), func(p string) bool { return p == "busybox" }, func(f map[string]string) { got = append(got, f["Version"]) })
	if err != nil || strings.Join(got, " ") != "2 3" {
		t.Errorf("%v, %v", got, err)
	}
}
