package step

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"mini/internal/rootfs"

	"github.com/spf13/pflag"
)

// rootfsStep merges layers into a list, and copies each content once beside it, under its SHA-256.
func rootfsStep(flags *pflag.FlagSet) action {
	return func(ctx context.Context, env Env, args []string) error {
		text, err := os.ReadFile(env.path(args[0]))
		if err != nil {
			return err
		}
		spec, err := rootfs.ParseSpec(text)
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		base, err := followInputs(env, spec)
		if err != nil {
			return err
		}
		list, content, err := rootfs.Assemble(ctx, base, spec, env.Origins)
		if err != nil {
			return err
		}
		if err := os.WriteFile(env.path(args[1]), list.Format(), 0o644); err != nil {
			return err
		}
		dir := contentDir(env.path(args[2]))
		if err := os.Mkdir(string(dir), 0o755); err != nil {
			return err
		}
		for sum, from := range content {
			if err := copyTo(dir.path(sum), from); err != nil {
				return err
			}
		}
		fmt.Fprintf(env.Log, "%d entries, %d contents\n", len(list), len(content))
		return nil
	}
}

// followInputs replaces each input by where it really lies: the engine links trees of the store into the action's root,
// and a root filesystem must not be read through links that lead out of it. The paths are relative to the directory that it
// returns, the deepest that holds them all: os.Root reads each directory on the way, and those above the cache may be ones
// that the user can only pass through, such as a /home of mode 0711.
func followInputs(env Env, spec []rootfs.Directive) (string, error) {
	var at []int
	var base string
	for i, d := range spec {
		if d.Host == "" {
			continue
		}
		real, err := filepath.EvalSymlinks(env.path(d.Host))
		if err != nil {
			return "", err
		}
		spec[i].Host = real
		if at = append(at, i); len(at) == 1 {
			base = filepath.Dir(real)
		}
		for !strings.HasPrefix(real, strings.TrimSuffix(base, "/")+"/") {
			base = filepath.Dir(base)
		}
	}
	for _, i := range at {
		rel, err := filepath.Rel(base, spec[i].Host)
		if err != nil {
			return "", err
		}
		spec[i].Host = rel
	}
	if base == "" { // nothing is read
		base = env.Root
	}
	return base, nil
}

func copyTo(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return fmt.Errorf("copy %s: %w", from, err)
	}
	return out.Close()
}

// cutAt splits "AT=PATH".
func cutAt(arg string) (at, path string) {
	at, path, ok := strings.Cut(arg, "=")
	if !ok {
		return "/", arg
	}
	return at, path
}
