package main

import (
	"context"
	"fmt"
	"os/exec"
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

name=value gives a parameter of the script a value, -V VARIANT a set of them, and --params FILE those of a TOML file; the
first of these wins that has one. mini help SCRIPT lists parameters and variants.`

type runFlags struct {
	*common
	timeout time.Duration
	silence time.Duration
	boot    time.Duration
	accel   string
}

func (a *app) runCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	r := &runFlags{common: a.buildFlags(f)}
	f.DurationVar(&r.timeout, "timeout", 0, "end the machine after this time, e.g. 90s (default: no limit)")
	f.DurationVar(&r.boot, "boot-silence", time.Minute, "how long the machine may say nothing before its prompt is there")
	f.DurationVar(&r.silence, "silence", 10*time.Minute, "how long it may say nothing later, when no terminal is attached; 0 for no limit")
	f.StringVar(&r.accel, "accel", "auto", "auto, kvm or tcg: auto tries KVM with a real guest and emulates where that fails")
	return func(ctx context.Context, args []string) error { return a.run(ctx, r, args) }
}

func (a *app) run(ctx context.Context, r *runFlags, args []string) error {
	if !oneOf(r.accel, "auto", "kvm", "tcg") {
		return usagef("--accel is auto, kvm or tcg, not %q", r.accel)
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
		return []target{t}, err
	}
	start := time.Now()
	var vm qemu.Machine
	err = s.whole(ctx, choose, []string{machine.Arch.QEMU}, func(run *build.Run, results map[*build.Node]*build.Result) error {
		took := time.Since(start)
		if vm, err = s.machine(ctx, machine, results, r.accel); err == nil {
			s.summarize(run, results, took, nil)
		}
		return err
	})
	if err != nil {
		return err
	}
	s.display.Close()
	var accel *accelerator
	if r.accel == "auto" {
		accel = s.findAccelerator(ctx, vm.Program)
		vm.Accel = accel.name()
	}
	return s.boot(ctx, r, accel, vm)
}

// machine turns the script's description into a QEMU command, with the images in the store, all of whose bytes are checked.
func (s *session) machine(ctx context.Context, m *builtins.Machine, results map[*build.Node]*build.Result, accel string) (qemu.Machine, error) {
	program, err := exec.LookPath(m.Arch.QEMU)
	if err != nil {
		return qemu.Machine{}, err
	}
	vm := qemu.Machine{
		Program: program, Type: m.Machine, CPU: m.CPU, Memory: m.Memory, CPUs: m.CPUs,
		Cmdline: m.Cmdline, Args: m.Args, Accel: accel,
		Network: m.Network, Forwards: forwards(m),
	}
	if vm.Kernel, _, err = s.engine.CheckedPath(ctx, results[m.Kernel.Node], m.Kernel); err != nil {
		return vm, err
	}
	if m.Initramfs != nil {
		vm.Initrd, _, err = s.engine.CheckedPath(ctx, results[m.Initramfs.Node], m.Initramfs)
	}
	return vm, err
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
	once := func(vm qemu.Machine, l qemu.Limits) error {
		_, err := qemu.Feed(ctx, vm, streams, l)
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
			return err
		}
	case term.IsTerminal(int(s.app.stdin.Fd())):
		fmt.Fprintln(s.app.stderr, "booting; Ctrl-A x ends the machine")
		limits.Silence = 0 // who sits at the terminal may think as long as they like
		once = func(vm qemu.Machine, l qemu.Limits) error {
			_, err := qemu.Attach(ctx, vm, s.app.stdin, s.app.stdout, log, l)
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
