package toolchain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Toolchain is a C compiler driver that has answered. It is safe for concurrent use.
type Toolchain struct {
	CC      string   // absolute path of the driver, as found: what a link leads to may depend on the link's name
	Machine string   // what it compiles for, by cc -dumpmachine: "i686-linux-gnu"
	Version string   // by cc -dumpfullversion, or -dumpversion: "12.2.0"
	Env     []string // the environment that it is asked in, LC_ALL=C aside

	roots []string // folders that stand for the target's /, beside / itself; longest first

	mu   sync.Mutex
	arch *elfArch // see ofTarget
}

// Probe asks a driver who it is. cc is a path, or a name that is looked for in env's PATH. env is the whole environment
// that the driver gets. The error names the program.
func Probe(ctx context.Context, cc string, env []string) (*Toolchain, error) {
	path, err := lookPath(cc, env)
	if err != nil {
		return nil, err
	}
	t := &Toolchain{CC: path, Env: env}
	if t.Machine, err = t.line(ctx, "-dumpmachine"); err != nil {
		return nil, err
	}
	if t.Machine == "" || strings.HasPrefix(t.Machine, "-") || strings.ContainsAny(t.Machine, " \t\n/") {
		return nil, fmt.Errorf("%s does not look like a C compiler: its answer to -dumpmachine is %.60q; install gcc, or name another compiler", path, t.Machine)
	}
	if t.Version, err = t.version(ctx); err != nil {
		return nil, err
	}
	if t.roots, err = t.findRoots(ctx); err != nil {
		return nil, err
	}
	return t, nil
}

// version asks for it. clang does not know the first option, and old gcc says only "12" to the second.
func (t *Toolchain) version(ctx context.Context) (string, error) {
	if v, err := t.line(ctx, "-dumpfullversion"); err == nil && v != "" {
		return v, nil
	}
	return t.line(ctx, "-dumpversion")
}

// line runs the driver and returns what it prints, without the newline.
func (t *Toolchain) line(ctx context.Context, args ...string) (string, error) {
	out, _, err := t.ask(ctx, args...)
	return strings.TrimSpace(out), err
}

// ask runs the driver with an empty standard input.
func (t *Toolchain) ask(ctx context.Context, args ...string) (stdout, stderr string, err error) {
	var out, msg bytes.Buffer
	cmd := exec.CommandContext(ctx, t.CC, args...)
	cmd.Dir = "/"
	cmd.Env = append(append([]string{}, t.Env...), "LC_ALL=C") // what is parsed must not be translated
	cmd.Stdout, cmd.Stderr = &out, &msg
	cmd.WaitDelay = time.Second // a wrapper's own children may hold the pipes
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", "", ctx.Err()
		}
		first, _, _ := strings.Cut(strings.TrimSpace(msg.String()), "\n")
		if first != "" {
			first = ": " + first
		}
		return "", "", fmt.Errorf("%s %s: %w%s", t.CC, strings.Join(args, " "), err, first)
	}
	return out.String(), msg.String(), nil
}

// defaultPath is where execvp(3) looks when there is no PATH.
const defaultPath = "/bin:/usr/bin"

// lookPath finds a program by the PATH of env, and makes its path absolute.
func lookPath(name string, env []string) (string, error) {
	if strings.Contains(name, "/") {
		if err := executable(name); err != nil {
			return "", fmt.Errorf("can't use %s as a program: %w", name, err)
		}
		return filepath.Abs(name)
	}
	path := defaultPath
	for _, kv := range env {
		if v, ok := strings.CutPrefix(kv, "PATH="); ok {
			path = v // the last counts, as in os/exec
		}
	}
	for _, dir := range filepath.SplitList(path) {
		if p := filepath.Join(dir, name); filepath.IsAbs(dir) && name != "" && executable(p) == nil {
			return p, nil
		}
	}
	return "", fmt.Errorf("there is no program %q in %s: %w", name, path, os.ErrNotExist)
}

func executable(p string) error {
	info, err := os.Stat(p)
	switch {
	case err != nil:
		return errors.Unwrap(err)
	case info.IsDir():
		return errors.New("it is a directory")
	case info.Mode()&0o111 == 0:
		return os.ErrPermission
	}
	return nil
}
