// Package step holds the steps that mini does itself, each as a verb with a command line of its own:
//
//	mini step unpack --strip 1 linux-6.1.tar.xz src
//
// In a build they run inside mini's process, without a sandbox, on files below the action's root. The same lines run
// from a shell (`mini step …` is a hidden command), so that a transcript of a build is a program.
package step

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/shell"
	"mvdan.cc/sh/v3/syntax"
)

// Env is what a step may use besides its arguments.
type Env struct {
	Root     string                               // paths of the arguments are relative to it
	Log      io.Writer                            // takes what a person may want to read later
	Tool     func(name string) (string, error)    // finds a program of the host
	ToolEnv  []string                             // environment for those programs
	Origins  []string                             // where the script asked for each directive of a rootfs spec; errors name it
	Progress func(done, total int64, unit string) // may be nil

	// Wrote learns of a file's SHA-256 from a step that computed it anyway, and of how the file looked when it was
	// closed. Several goroutines may call it at once. It may be nil, and no step has to tell.
	Wrote func(path string, sum [32]byte, stat unix.Stat_t)
}

// A verb is one kind of step: it declares its flags and gives back what does it, once they are parsed.
type verb struct {
	name  string
	usage string // the arguments, for error messages
	args  int    // how many there are besides the flags
	bind  func(flags *pflag.FlagSet) action
}

type action func(ctx context.Context, env Env, args []string) error

// verbs lists all, sorted.
func verbs() []verb {
	return []verb{
		{"cpio", "[--compress FORMAT | --quick] [--pad BYTES] [--init PATH] LIST CONTENT OUT", 3, cpioStep},
		{"elfdeps", "--cc COMPILER [--from TEXT] [--dep TREE]… OUT [TREE=]PATH…", -1, elfdepsStep},
		{"initramfs", "ARCHIVE LIST CONTENT", 3, initramfsStep},
		{"kconfig", "[--source DIR…] CONFIG REQUEST OUT", 3, kconfigStep},
		{"patch", "[--mend] DIR PATCH…", -1, patchStep},
		{"preflight", "MACHINE OUT", 2, preflightStep},
		{"relink", "--input FILE --goal FILE… --plain COMMAND RECORD OUT REVERSED PLAIN", 4, relinkStep},
		{"rootfs", "SPEC LIST CONTENT", 3, rootfsStep},
		{"size", "FILE OUT", 2, sizeStep},
		{"unpack", "[--strip N] [--member PATH] ARCHIVE DIR", 2, unpackStep},
	}
}

// Line writes a step, with its arguments quoted for a shell.
func Line(verb string, args ...string) string {
	words := []string{"mini", "step", verb}
	for _, a := range args {
		words = append(words, Quote(a))
	}
	return strings.Join(words, " ")
}

// Quote writes one word for a POSIX shell. A NUL byte, which no command line can hold, becomes the word's end.
func Quote(word string) string {
	word, _, _ = strings.Cut(word, "\x00")
	q, err := syntax.Quote(word, syntax.LangPOSIX)
	if err != nil { // characters for which POSIX has no escapes: single quotes hold them as they are
		q = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return q
}

// Run does what a line written by Line says.
func Run(ctx context.Context, env Env, line string) error {
	words, err := shell.Fields(line, func(string) string { return "" })
	if err != nil || len(words) < 3 || words[0] != "mini" || words[1] != "step" {
		return fmt.Errorf("%q is not a step of mini's own", line)
	}
	return RunArgs(ctx, env, words[2], words[3:])
}

// RunArgs does one step.
func RunArgs(ctx context.Context, env Env, name string, args []string) error {
	for _, v := range verbs() {
		if v.name != name {
			continue
		}
		flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
		flags.SetOutput(io.Discard)
		do := v.bind(flags)
		if err := flags.Parse(args); err != nil {
			return fmt.Errorf("mini step %s: %w (usage: mini step %s %s)", name, err, name, v.usage)
		}
		if v.args >= 0 && flags.NArg() != v.args {
			return fmt.Errorf("mini step %s: want %d arguments, got %d (usage: mini step %s %s)",
				name, v.args, flags.NArg(), name, v.usage)
		}
		return do(ctx, env, flags.Args())
	}
	return fmt.Errorf("mini step %s: there is no such step", name)
}

// path makes an argument a path of the host.
func (e Env) path(arg string) string {
	if filepath.IsAbs(arg) {
		return arg
	}
	return filepath.Join(e.Root, arg)
}

func (e Env) progress(unit string) func(done, total int64) {
	return func(done, total int64) {
		if e.Progress != nil {
			e.Progress(done, total, unit)
		}
	}
}
