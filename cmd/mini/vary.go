package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"mini/lang"
)

// A variation is one thing that must make no difference to what a build makes.
type variation struct {
	name string
	what string // in a sentence: "built again with …"
	// quiet variations are in the default set: they cost nothing and should be harmless everywhere.
	quiet bool
	// apply changes what surrounds the second build. Its error says why that can't be done here.
	apply func(*rebuild) error
}

// variations lists all, in the order in which help shows them.
func variations() []variation {
	return []variation{
		{"dir", "another working directory", true, varyDir},
		{"user", "another user", true, varyUser},
		{"home", "another HOME", true, setEnv("HOME=/nonexistent/home")},
		{"locale", "another locale", true, setEnv("LC_ALL=tr_TR.UTF-8", "LANG=de_DE.UTF-8", "LANGUAGE=fr:ja")},
		{"tz", "another time zone", true, setEnv("TZ=Pacific/Kiritimati")},
		{"env", "an environment full of settings for compilers and make", true, setEnv(
			"CFLAGS=-O0 -DNOISE", "LDFLAGS=-Wl,--noise", "MAKEFLAGS=--warn-undefined-variables", "ARCH=mips", "CROSS_COMPILE=no-such-",
			"KCONFIG_CONFIG=noise", "KBUILD_OUTPUT=/nonexistent", "KBUILD_BUILD_USER=noise", "SOURCE_DATE_EPOCH=1", "CCACHE_DISABLE=1",
			"GREP_OPTIONS=-i", "POSIXLY_CORRECT=1", "CONFIG_SITE=/nonexistent", "C_INCLUDE_PATH=/nonexistent")},
		{"umask", "umask 0077", true, func(r *rebuild) error { r.around.Umask = 0o077; return nil }},
		{"jobs", "one job more", true, func(r *rebuild) error { r.jobs++; return nil }},
		{"nice", "the lowest priority", true, func(r *rebuild) error { r.around.Nice = 19; return nil }},
		{"path", "its cache at a long path with blanks and accents", true, varyPath},
		{"hostname", "another host name", true, varyHostname},
		{"aslr", "addresses that aren't randomized", true, func(r *rebuild) error { r.around.FixedAddresses = true; return nil }},
		{"date", "a date 400 days ahead", true, varyDate},
		{"order", "directories listed in another order each time", false, varyOrder},
		{"cpus", "one processor and one job", false, func(r *rebuild) error { r.jobs, r.around.OneCPU = 1, true; return nil }},
		{"sandbox", "no sandbox", false, func(r *rebuild) error { r.sandbox = "off"; return nil }},
	}
}

// chooseVariations reads --vary: names, "default", "all" and "none", and -name to leave one out.
func chooseVariations(list string) ([]variation, error) {
	all := variations()
	var names []string
	picked := map[string]bool{}
	for _, v := range all {
		names = append(names, v.name)
	}
	for _, word := range strings.Split(list, ",") {
		word = strings.TrimSpace(word)
		switch name, without := strings.CutPrefix(word, "-"); {
		case word == "default" || word == "all" || word == "none":
			for _, v := range all {
				picked[v.name] = word == "all" || word == "default" && v.quiet
			}
		case slices.Contains(names, name):
			picked[name] = !without
		default:
			hint := "there are: " + strings.Join(names, ", ") + ", default, all, none"
			if near := lang.Suggest(name, names); near != "" {
				hint = fmt.Sprintf("did you mean %s? ", near) + hint
			}
			return nil, usagef("--vary: there is no variation %q; %s", word, hint)
		}
	}
	return slices.DeleteFunc(all, func(v variation) bool { return !picked[v.name] }), nil
}

func setEnv(settings ...string) func(*rebuild) error {
	return func(r *rebuild) error {
		for _, kv := range settings {
			name, _, _ := strings.Cut(kv, "=")
			r.around.Env = slices.DeleteFunc(r.around.Env, func(old string) bool { return strings.HasPrefix(old, name+"=") })
			r.around.Env = append(r.around.Env, kv)
		}
		return nil
	}
}

func varyDir(r *rebuild) error {
	r.around.Dir = filepath.Join(r.dir, "elsewhere")
	return os.Mkdir(r.around.Dir, 0o755)
}

// varyUser takes nobody: a user that every system has, and that owns nothing.
func varyUser(r *rebuild) error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("only root can become another user")
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return err
	}
	uid, err1 := strconv.Atoi(nobody.Uid)
	gid, err2 := strconv.Atoi(nobody.Gid)
	if err1 != nil || err2 != nil || uid == 0 {
		return fmt.Errorf("the user nobody is %s:%s", nobody.Uid, nobody.Gid)
	}
	r.around.UID, r.around.GID = uid, gid
	return nil
}

func varyPath(r *rebuild) error {
	r.cache = filepath.Join(r.dir, "a place that is", "quite a long way", "from où on l'attend", strings.Repeat("deep/", 12)+"cache")
	return nil
}

func varyHostname(r *rebuild) error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("only root can have a host name of its own")
	}
	r.around.Hostname = "elsewhere"
	return nil
}

// fakeTimes are where distributions put the library that shows programs another date.
var fakeTimes = []string{
	"/usr/lib/*/faketime/libfaketime.so.1", "/usr/lib64/faketime/libfaketime.so.1", "/usr/lib/faketime/libfaketime.so.1",
}

func varyDate(r *rebuild) error {
	for _, pattern := range fakeTimes {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			// The library goes into the steps. mini itself needs no other date: nothing that it makes holds one.
			r.steps = append(r.steps, "LD_PRELOAD="+found[0], "FAKETIME=+400d", "FAKETIME_DONT_FAKE_MONOTONIC=1")
			return nil
		}
	}
	return fmt.Errorf("libfaketime is not installed")
}

func varyOrder(r *rebuild) error {
	program, err := exec.LookPath("disorderfs")
	switch {
	case err != nil:
		return fmt.Errorf("disorderfs is not installed")
	case os.Geteuid() != 0:
		return fmt.Errorf("only root can mount it")
	}
	if _, err := os.Stat("/dev/fuse"); err != nil {
		return fmt.Errorf("there is no /dev/fuse")
	}
	r.around.Disorderfs = program
	return nil
}
