package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"time"

	"mini/build"
	"mini/builtins"
	"mini/internal/qemu"

	"github.com/spf13/pflag"
	"golang.org/x/term"
)

const runHelp = `Builds what the machine boots, and boots it.

With a terminal the machine's serial console is attached to it: Ctrl-A x ends the machine. Without one, each line of the
standard input goes to the guest's shell as soon as its prompt is there, and mini ends with the guest:
    echo 'uname -a' | mini run distro.star
After -- comes a command for the guest. Its output is mini's output, and its exit code is mini's:
    mini run distro.star -- cat /proc/version

For a machine that doesn't come up: --debug-shell starts /bin/sh in the place of /init, and --gdb lets the machine wait for a
debugger of its kernel, whose command line is printed. mini log --boot shows what the console of the last boot said.

name=value gives a parameter of the script a value, -V VARIANT a set of them, and --params FILE those of a TOML file; the
first of these wins that has one. mini help SCRIPT lists parameters and variants.`

type runFlags struct {
	*common
	timeout time.Duration
	silence time.Duration
	boot    time.Duration
	accel   string
	shell   bool
	gdb     int // the port; 0: no debugger
}

func (a *app) runCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	r := &runFlags{common: a.buildFlags(f)}
	f.DurationVar(&r.timeout, "timeout", 0, "end the machine after this time, e.g. 90s (default: no limit)")
	f.DurationVar(&r.boot, "boot-silence", time.Minute, "how long the machine may say nothing before its prompt is there")
	f.DurationVar(&r.silence, "silence", 10*time.Minute, "how long it may say nothing later, when no terminal is attached; 0 for no limit")
	f.StringVar(&r.accel, "accel", "auto", "auto, kvm or tcg: auto tries KVM with a real guest and emulates where that fails")
	f.BoolVar(&r.shell, "debug-shell", false, "start /bin/sh of the initramfs in the place of /init")
	f.IntVar(&r.gdb, "gdb", 0, "wait for a debugger at this port of 127.0.0.1, 1234 if none is given, before the first instruction")
	f.Lookup("gdb").NoOptDefVal = "1234"
	return func(ctx context.Context, args []string) error { return a.run(ctx, r, args) }
}

func (a *app) run(ctx context.Context, r *runFlags, args []string) error {
	if !oneOf(r.accel, "auto", "kvm", "tcg") {
		return usagef("--accel is auto, kvm or tcg, not %q", r.accel)
	}
	if r.gdb < 0 || r.gdb > 65535 {
		return usagef("--gdb takes a port, not %d", r.gdb)
	}
	s, err := a.open(ctx, r.common, args)
	if err != nil {
		return err
	}
	defer s.close()
	_, machine, err := s.script.machine()
	if err != nil {
		return err
	}
	choose := func() ([]target, error) {
		t, m, err := s.script.machine()
		machine = m
		if err == nil && (r.shell || r.gdb > 0) {
			t.value = unlooked{m}
		}
		targets := []target{t}
		if err == nil && r.gdb > 0 && m.Symbols() != nil {
			targets = append(targets, target{"vmlinux", t.pos, m.Symbols()})
		}
		return targets, err
	}
	start := time.Now()
	var vm qemu.Machine
	var symbols string
	err = s.whole(ctx, choose, []string{machine.Arch.QEMU}, func(run *build.Run, results map[*build.Node]*build.Result) error {
		took := time.Since(start)
		if vm, err = s.machine(ctx, machine, results, r.accel); err != nil {
			return err
		}
		if symbols, err = s.debugging(ctx, r, machine, results, &vm); err == nil {
			s.summarize(run, results, took, nil)
		}
		return err
	})
	if err != nil {
		return err
	}
	s.display.Close()
	var accel *accelerator
	if r.gdb > 0 {
		if symbols != "" {
			symbols = " " + shellWord(symbols)
		}
		fmt.Fprintf(a.stderr, "the machine waits for a debugger:\n    gdb -ex 'target remote 127.0.0.1:%d'%s\n", r.gdb, symbols)
		r.boot = 0 // it may wait for long
	}
	if r.accel == "auto" && r.gdb > 0 {
		vm.Accel = "tcg" // who steps through a kernel doesn't need its speed, and KVM has too few breakpoints
	} else if r.accel == "auto" {
		accel = s.findAccelerator(ctx, vm.Program)
		vm.Accel = accel.name()
	}
	err = s.boot(ctx, r, accel, vm)
	if dead := (*qemu.GuestError)(nil); errors.As(err, &dead) {
		if places := s.placesText(ctx, machine, dead.Places); places != "" {
			return fmt.Errorf("%w\n  %s", err, places)
		}
	}
	return err
}

// unlooked is a machine that is booted to find out why it doesn't boot: that it won't is no reason to end.
type unlooked struct{ *builtins.Machine }

// debugging changes the machine as the flags for those say that don't come up, and returns the path of the kernel's symbols.
func (s *session) debugging(ctx context.Context, r *runFlags, m *builtins.Machine, results map[*build.Node]*build.Result, vm *qemu.Machine) (string, error) {
	if r.shell {
		vm.Cmdline += " rdinit=/bin/sh" // Documentation/admin-guide/kernel-parameters.txt
	}
	if r.gdb == 0 {
		return "", nil
	}
	vm.Args = append(slices.Clone(vm.Args), "-gdb", fmt.Sprintf("tcp:127.0.0.1:%d", r.gdb), "-S")
	symbols := m.Symbols()
	if symbols == nil {
		return "", nil
	}
	path, _, err := s.engine.CheckedPath(ctx, results[symbols.Artifact().Node], symbols.Artifact())
	return path, err
}

// machine turns the script's description into a QEMU command, with the images in the store, all of whose bytes are checked.
func (s *session) machine(ctx context.Context, m *builtins.Machine, results map[*build.Node]*build.Result, accel string) (qemu.Machine, error) {
	program, err := exec.LookPath(m.Arch.QEMU)
	if err != nil {
		return qemu.Machine{}, err
	}
	vm := emulated(m, program, accel)
	if vm.Kernel, _, err = s.engine.CheckedPath(ctx, results[m.Kernel.Node], m.Kernel); err != nil {
		return vm, err
	}
	if m.Initramfs != nil {
		vm.Initrd, _, err = s.engine.CheckedPath(ctx, results[m.Initramfs.Node], m.Initramfs)
	}
	return vm, err
}

// emulated is a machine of the script as QEMU is to be it, but for its images: what runs it and what writes down how it is run
// must not differ.
func emulated(m *builtins.Machine, program, accel string) qemu.Machine {
	return qemu.Machine{
		Program: program, Type: m.Machine, CPU: m.CPU, Memory: m.Memory, CPUs: m.CPUs,
		Cmdline: m.Cmdline, Args: m.Args, Accel: accel,
		Network: m.Network, Forwards: forwards(m),
	}
}

// forwards are the ports of a machine as QEMU's command line has them.
func forwards(m *builtins.Machine) []qemu.Forward {
	var list []qemu.Forward
	for _, p := range m.Ports {
		list = append(list, qemu.Forward{Host: p[0], Guest: p[1]})
	}
	return list
}

// boot runs the machine in the way that fits what is at hand: a command, a terminal, or a pipe.
func (s *session) boot(ctx context.Context, r *runFlags, accel *accelerator, vm qemu.Machine) error {
	log, _, err := s.recordBoot(s.script, "run", vm)
	if err != nil {
		return err
	}
	defer log.Close()
	limits := qemu.Limits{Boot: r.boot, Silence: r.silence, Total: r.timeout}
	streams := qemu.IO{Stdin: s.app.stdin, Stdout: s.app.stdout, Console: log}
	exitCode := 0
	keep := func(vm qemu.Machine, out qemu.Outcome) {
		keepTimings(log.Name(), keptBoot{out.Timings, vm.Accel, vm.Memory})
	}
	once := func(vm qemu.Machine, l qemu.Limits) error {
		out, err := qemu.Feed(ctx, vm, streams, l)
		keep(vm, out)
		return err
	}
	switch {
	case s.app.guestCommand != nil:
		streams.Stdin = nil
		if r.verbose {
			streams.Noise = s.app.stderr
		}
		once = func(vm qemu.Machine, l qemu.Limits) error {
			out, err := qemu.Command(ctx, vm, s.app.guestCommand, streams, l)
			exitCode = out.ExitCode
			keep(vm, out)
			return err
		}
	case term.IsTerminal(int(s.app.stdin.Fd())):
		fmt.Fprintln(s.app.stderr, "booting; Ctrl-A x ends the machine")
		limits.Silence = 0 // who sits at the terminal may think as long as they like
		once = func(vm qemu.Machine, l qemu.Limits) error {
			out, err := qemu.Attach(ctx, vm, s.app.stdin, s.app.stdout, log, l)
			keep(vm, out)
			return err
		}
	}
	err = s.tryBoot(accel, vm, limits, once)
	switch {
	case err != nil && ctx.Err() == nil:
		return fmt.Errorf("mini: %w\n  the console's log: %s", err, log.Name())
	case err == nil && exitCode != 0:
		return exitStatus(exitCode)
	}
	return err
}
