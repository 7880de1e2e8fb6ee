package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// login is one machine of a .netrc file.
type login struct{ machine, user, password string }

// netrc reads the passwords that git, curl and the go command send to a server as well; see netrc(5).
func (a *app) netrc() []login {
	file := a.env("NETRC")
	if file == "" && a.env("HOME") != "" {
		file = filepath.Join(a.env("HOME"), ".netrc")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil // most people have none
	}
	return parseNetrc(string(text))
}

// parseNetrc understands what all readers of these files do: words in any layout. A macro goes to the next empty line.
func parseNetrc(text string) []login {
	var all []login
	inMacro := false
	var words []string
	for _, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
			inMacro = false
		case inMacro || strings.HasPrefix(fields[0], "#"):
		case fields[0] == "macdef":
			inMacro = true
		default:
			words = append(words, fields...)
		}
	}
	for i := 0; i < len(words); i++ {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		switch words[i] {
		case "machine":
			all = append(all, login{machine: next})
			i++
		case "default": // it would send a password to everybody
			all = append(all, login{})
		case "login", "password", "account":
			if n := len(all) - 1; n >= 0 && words[i] == "login" {
				all[n].user = next
			} else if n >= 0 && words[i] == "password" {
				all[n].password = next
			}
			i++
		}
	}
	return all
}

// authorized sends each server the password that the user has for it, and only where nobody can read it on the way.
type authorized struct {
	http.RoundTripper
	logins func() []login // asked when there is a request
}

// RoundTrip implements http.RoundTripper. It is asked for each redirect anew, so another host gets no password of this one.
func (t *authorized) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" || r.URL.User != nil || r.Header.Get("Authorization") != "" {
		return t.RoundTripper.RoundTrip(r)
	}
	for _, l := range t.logins() {
		if l.machine != "" && l.machine == r.URL.Hostname() && l.password != "" {
			r = r.Clone(r.Context())
			r.SetBasicAuth(l.user, l.password)
			break
		}
	}
	return t.RoundTripper.RoundTrip(r)
}
