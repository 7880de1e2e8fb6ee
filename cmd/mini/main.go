// Command mini builds and runs a Linux of your own from a script of a page.
//
// It knows flags, the terminal, the environment and exit codes, and joins the rooms: package lang runs the script,
// package builtins turns its calls into nodes, package build makes what the nodes describe, and internal/qemu runs it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"mini/internal/sandbox"
)

// The exit codes; with `mini run … -- COMMAND` a command's own code comes through as it is.
const (
	exitOK          = 0
	exitFailed      = 1   // the build, the boot or the test failed
	exitUsage       = 2   // the script or the command line is wrong
	exitInterrupted = 130 // 128 + SIGINT, as shells have it
)

func main() {
	if sandbox.Main() { // this process is the inside of a sandbox
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	a := &app{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		env: os.Getenv, environ: os.Environ(),
	}
	code := a.main(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// app is one use of the command.
type app struct {
	stdin   *os.File
	stdout  io.Writer
	stderr  *os.File
	env     func(string) string
	environ []string

	json         bool     // other programs read what is printed
	color        string   // what --color says, "" for commands that don't have it
	args         []string // the whole command line, without mini's own name
	guestCommand []string // what follows -- on the command line of run
}

func (a *app) main(ctx context.Context, args []string) int {
	a.args = args
	err := a.dispatch(ctx, args)
	var status exitStatus
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &status):
		return int(status)
	case ctx.Err() != nil:
		fmt.Fprintln(a.stderr, "mini: interrupted; what was finished is kept, the next run goes on from there")
		return exitInterrupted
	}
	if a.json {
		a.printProblems(err)
	}
	fmt.Fprintln(a.stderr, painted(clean(err.Error()), a.colours()))
	if usage := (usageError{}); errors.As(err, &usage) || isScriptError(err) {
		return exitUsage
	}
	return exitFailed
}

// exitStatus ends mini with a code and without a message.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// usageError is a mistake on the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf("mini: "+format, args...)}
}
