package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// aptConf is the configuration that keeps apt to mini's own directories. It is
// read after the host's (which may name proxies and certificates and so has to
// stay), hence the lines that take back what must not come from there: hooks that
// clean the host's caches, pins, compressed indexes, and weakened signature checks.
func aptConf(etc, dir string, root bool) string {
	var b strings.Builder
	set := func(key, value string) { fmt.Fprintf(&b, "%s %q;\n", key, value) }
	set("Dir::Etc", etc)
	set("Dir::Etc::sourcelist", "/dev/null")
	set("Dir::Etc::sourceparts", dir+"/sources.list.d")
	set("Dir::Etc::preferences", "/dev/null")
	set("Dir::Etc::preferencesparts", "/dev/null")
	set("Dir::State", dir)
	set("Dir::State::lists", dir+"/lists")
	set("Dir::State::status", dir+"/status")
	set("Dir::State::extended_states", dir+"/extended_states")
	set("Dir::Cache", dir+"/cache")
	set("Dir::Cache::archives", dir+"/cache/archives")
	set("Dir::Cache::pkgcache", "")
	set("Dir::Cache::srcpkgcache", "")
	set("Acquire::GzipIndexes", "false")
	set("Acquire::Languages", "none")
	set("Acquire::PDiffs", "false")
	set("Acquire::Retries", "3")
	set("Acquire::http::Timeout", "30")
	set("Acquire::https::Timeout", "30")
	set("Acquire::AllowInsecureRepositories", "false")
	set("Acquire::AllowWeakRepositories", "false")
	set("Acquire::AllowDowngradeToInsecureRepositories", "false")
	set("APT::Get::AllowUnauthenticated", "false")
	set("APT::Update::Error-Mode", "any")
	if root { // or apt warns that its user can't enter the caller's directories
		set("APT::Sandbox::User", "root")
	}
	for _, hook := range []string{
		"APT::Update::Pre-Invoke", "APT::Update::Post-Invoke", "APT::Update::Post-Invoke-Success",
		"DPkg::Pre-Invoke", "DPkg::Post-Invoke",
	} {
		fmt.Fprintf(&b, "#clear %s;\n", hook)
	}
	return b.String()
}

// aptSources writes archives in deb822 style, reduced to the one index needed.
func aptSources(kind string, archives []archive) string {
	types, target := "deb", "Packages"
	if kind == kindSrc {
		types, target = "deb-src", "Sources"
	}
	var b strings.Builder
	for _, a := range archives {
		fmt.Fprintf(&b, "Types: %s\nURIs: %s\nSuites: %s\nComponents: main\nTargets: %s\n", types, a.uri, a.suite, target)
		for _, o := range hostOptions {
			if v := a.options[o]; v != "" {
				fmt.Fprintf(&b, "%s: %s\n", o, v)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// aptError is a failed run of apt, in its own words.
type aptError struct{ said string }

func (e *aptError) Error() string { return "apt-get: " + e.said }

// gone says whether the failure is that a listed file is not there.
func (e *aptError) gone() bool { return strings.Contains(e.said, "404") }

// askForIndex has apt-get bring an index up to date. On a full disk apt-get can wait for its own helper for ever, without a word, so
// it gets a limit.
func (a *apt) askForIndex(ctx context.Context, ix *index) error {
	limited, cancel := context.WithTimeout(ctx, a.patience)
	defer cancel()
	_, err := a.run(limited, ix.conf(), ix.dir, "-o", "Acquire::Retries=1", "update")
	if limited.Err() != nil && ctx.Err() == nil {
		return &aptError{said: fmt.Sprintf("no index after %s: is the disk full that holds %s, or the archive out of reach?", a.patience, ix.dir)}
	}
	return err
}

// run executes apt-get in dir with the configuration file conf and returns its
// standard output.
func (a *apt) run(ctx context.Context, conf, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, a.c.Program, append([]string{"-c", conf, "-q"}, args...)...)
	cmd.Dir = dir
	env := a.c.Env
	if env == nil { // nil would hand on the whole environment
		env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	}
	cmd.Env = append(append([]string{}, env...), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// apt's download methods are processes of their own; all have to end.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", &aptError{said: complaint(stderr.String(), err)}
	}
	return stdout.String(), nil
}

// complaint picks the first two lines of apt's that say error.
func complaint(stderr string, err error) string {
	var lines []string
	for line := range strings.Lines(stderr) {
		if text, ok := strings.CutPrefix(line, "E: "); ok && len(lines) < 2 {
			lines = append(lines, strings.Join(strings.Fields(text), " "))
		}
	}
	if len(lines) == 0 {
		return err.Error()
	}
	return strings.Join(lines, ", ")
}

// flock holds path until unlock is called: alone, or together with others that
// don't change anything either.
func flock(ctx context.Context, path string, shared bool) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	how := syscall.LOCK_EX
	if shared {
		how = syscall.LOCK_SH
	}
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
