package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadArchives(t *testing.T) {
	etc := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(etc, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("sources.list", "# deb http://off.example/debian x main\n"+
		"deb [ arch=amd64,arm64 signed-by=/k.gpg ] http://one.example/debian\ttrixie main contrib # note\n"+
		"deb [broken http://b.example x main\nrpm http://c.example x main\ndeb-src http://src.example/debian sid main\n")
	write("sources.list.d/a.sources", "Types: deb deb-src\nURIs: http://two.example/debian\nSuites: trixie trixie-updates\n# remark\nComponents: main\nsigned-by:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n"+
		"\nEnabled: no\nTypes: deb\nURIs: http://off2.example\nSuites: x\nComponents: main\n")
	write("sources.list.d/b.list.disabled", "deb http://off3.example/debian x main\n")
	all, err := readArchives(etc)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range all {
		got = append(got, a.uri+" "+a.suite)
	}
	want := "http://one.example/debian trixie|http://src.example/debian sid|http://two.example/debian trixie|http://two.example/debian trixie-updates"
	if s := strings.Join(got, "|"); s != want {
		t.Fatalf("got  %s\nwant %s", s, want)
	}
	if o := all[0].options; o["Architectures"] != "amd64 arm64" || o["Signed-By"] != "/k.gpg" {
		t.Errorf("options %v", o)
	}
	text := aptSources(kindSrc, all[2:3])
	if !strings.Contains(text, "Types: deb-src\n") || !strings.Contains(text, "Signed-By: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n") {
		t.Errorf("own sources:\n%s", text)
	}
}

func one(line string) archive { return parseOneLine(line)[0] }

func TestFindDistribution(t *testing.T) {
	deb := one("deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://m.example/pub/d12 bookworm main")
	sec := one("deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://m.example/sec bookworm-security main")
	classic := one("deb http://m.example/debian bookworm main")
	stable := one("deb http://m.example/debian stable main")
	third := one("deb [signed-by=/etc/apt/keyrings/x.gpg] http://third.example/12/prod bookworm main")
	lookalike := one("deb [signed-by=/etc/apt/keyrings/x.gpg] http://third.example/debian bookworm main")
	foreign := one("deb http://third.example/debian bookworm stable")
	ubuntu := one("deb http://m.example/ubuntu noble main universe")
	tests := []struct {
		name      string
		all       []archive
		codenames []string
		uri       string // "" = refused
		pockets   int
	}{
		{"keyring beats path", []archive{lookalike, classic, deb, sec}, []string{"bookworm"}, deb.uri, 1},
		{"no keyring named", []archive{lookalike, classic}, []string{"bookworm"}, classic.uri, 0},
		{"third parties only", []archive{third, foreign}, []string{"bookworm"}, "", 0},
		{"alias", []archive{stable}, []string{"bookworm"}, stable.uri, 0},
		{"another release", []archive{classic}, []string{"trixie"}, "", 0},
		{"derived from ubuntu", []archive{ubuntu}, []string{"wilma", "noble"}, ubuntu.uri, 0},
		{"none", nil, nil, "", 0},
	}
	for _, tt := range tests {
		d, err := findDistribution(tt.all, tt.codenames)
		if tt.uri == "" {
			if err == nil {
				t.Errorf("%s: found %s", tt.name, d.main.uri)
			}
			continue
		}
		if err != nil || d.main.uri != tt.uri || len(d.pockets) != tt.pockets {
			t.Errorf("%s: %+v, %v", tt.name, d, err)
		}
	}

	d, _ := findDistribution([]archive{deb, sec}, []string{"bookworm"})
	if main, pockets := d.of("trixie"); main.suite != "trixie" || main.uri != deb.uri || len(pockets) != 1 || pockets[0].suite != "trixie-security" || pockets[0].uri != sec.uri {
		t.Errorf("trixie: %+v %+v", main, pockets)
	}
	if _, pockets := d.of("sid"); pockets != nil {
		t.Errorf("sid has pockets: %+v", pockets)
	}
}

func TestCodenames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "os-release")
	if err := os.WriteFile(path, []byte("NAME=Mint\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=\"noble\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(codenames(path), " "); got != "wilma noble" {
		t.Errorf("got %s", got)
	}
}
