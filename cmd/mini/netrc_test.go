package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestParseNetrc(t *testing.T) {
	got := parseNetrc("# a comment\nmachine a.example.org\n\tlogin me\n\tpassword secret\nmacdef init\nmachine evil.example.org login x password y\n\n" +
		"machine b.example.org login you password pw account z\ndefault login anonymous password mail\nmachine")
	want := []login{{"a.example.org", "me", "secret"}, {"b.example.org", "you", "pw"}, {"", "anonymous", "mail"}, {}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

// A server gets its own password, over TLS alone; one that it redirects to gets none.
func TestPasswordsGoWhereTheyBelong(t *testing.T) {
	seen := map[string]string{}
	handler := func(name string, to *string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			seen[name] = user + ":" + password
			if to != nil {
				http.Redirect(w, r, *to, http.StatusFound)
			}
		})
	}
	var other string
	plain := httptest.NewServer(handler("plain", nil))
	defer plain.Close()
	secure := httptest.NewTLSServer(handler("secure", &other))
	defer secure.Close()
	host, err := url.Parse(secure.URL)
	if err != nil {
		t.Fatal(err)
	}
	other = plain.URL
	home := t.TempDir()
	text := "machine " + host.Hostname() + " login me password secret\n"
	if err := os.WriteFile(filepath.Join(home, ".netrc"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	a := &app{env: func(name string) string { return map[string]string{"HOME": home}[name] }}
	client := &http.Client{Transport: &authorized{secure.Client().Transport, a.netrc}}
	resp, err := client.Get(secure.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if seen["secure"] != "me:secret" || seen["plain"] != ":" {
		t.Errorf("%q", seen)
	}
	if none := (&app{env: func(string) string { return "" }}).netrc(); none != nil {
		t.Errorf("without a home: %q", none)
	}
}
