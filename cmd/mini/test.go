package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mini/build"
	"mini/builtins"
	"mini/internal/qemu"
	"mini/lang"

	"github.com/spf13/pflag"
)

const testHelp = `Builds the machines of the script, boots each test's, and calls the test with it. Tests are the functions of the script that
are called test_…, and those that boot_test(…) registers:
    def test_greets(vm):
        vm.expect("Enjoy")
        vm.equal(vm.run("uname -m").output, "x86_64\n")
mini help boot_test, vm.expect, vm.run, vm.connect, … tell what there is. A test passes when its function returns, and the guest has shown
or answered something: a machine that only starts passes nothing. One that fails says in which way: failed (a check of the test),
panic, no-init, hang-before-console, hang (after it), reset, reboot-loop, oom, ended, timeout, no-channel (vm.run finds no shell),
qemu (QEMU itself), or build.

Tests run side by side: emulated machines with two processors of -j each, and none that would not fit into memory. The end is a
table, and for each failure its reason, the console's log, and the command that shows it alone. --junit FILE writes what CI
systems read, --json prints an object after the events. The exit code is 0 if all passed, 1 if not, and 2 if the script is wrong.
With --matrix the tests of several systems run, as mini build makes them.`

type testFlags struct {
	*common
	only  []string
	junit string
	accel string
}

func (a *app) testCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	t := &testFlags{common: a.buildFlags(f)}
	f.StringArrayVar(&t.only, "only", nil, "run only the test of this name; may be repeated")
	f.StringVar(&t.junit, "junit", "", "write the results to this file, as JUnit's XML")
	f.StringVar(&t.accel, "accel", "auto", "auto, kvm or tcg: auto uses KVM where a guest has booted under it")
	return func(ctx context.Context, args []string) error { return a.test(ctx, t, args) }
}

func (a *app) test(ctx context.Context, t *testFlags, args []string) error {
	if !oneOf(t.accel, "auto", "kvm", "tcg") {
		return usagef("--accel is auto, kvm or tcg, not %q", t.accel)
	}
	find := &testFinder{only: t.only, of: map[*row][]*builtins.Test{}}
	s, rows, err := a.openChosen(ctx, t.common, args, find.choose)
	if err != nil {
		return err
	}
	defer s.close()
	if err := find.check(rows); err != nil {
		return err
	}
	start := time.Now()
	boots, err := s.prepareTests(ctx, rows, find.of, t)
	if err != nil {
		return err
	}
	s.runTests(ctx, boots, t.accel)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, b := range boots {
		if dead := (*qemu.GuestError)(nil); errors.As(b.err, &dead) {
			b.places = s.placesText(ctx, b.test.Machine, dead.Places)
		}
	}
	s.display.Close()
	report := s.report(rows, boots, time.Since(start))
	if t.junit != "" {
		if err := report.writeJUnit(t.junit); err != nil {
			return fmt.Errorf("mini: %w", err)
		}
	}
	return s.printReport(report)
}

// testFinder makes the machines of tests a row's targets, each time that the script is evaluated.
type testFinder struct {
	only  []string
	of    map[*row][]*builtins.Test
	names []string // of all, also of those that are not wanted
}

func (f *testFinder) choose(r *row) ([]target, error) {
	all, err := r.tests()
	if err != nil {
		return nil, err
	}
	f.of[r] = nil
	var targets []target
	for _, t := range all {
		f.names = append(f.names, t.Name)
		if len(f.only) > 0 && !oneOf(t.Name, f.only...) {
			continue
		}
		f.of[r] = append(f.of[r], t)
		targets = append(targets, target{name: t.Name, pos: t.Pos, value: t.Machine})
	}
	return targets, nil
}

// check refuses to test nothing.
func (f *testFinder) check(rows []*row) error {
	for _, o := range f.only {
		if oneOf(o, f.names...) {
			continue
		}
		hint := "the script has: " + strings.Join(slices.Compact(slices.Sorted(slices.Values(f.names))), ", ")
		if near := lang.Suggest(o, f.names); near != "" {
			hint = fmt.Sprintf("did you mean %s? ", near) + hint
		}
		return usagef("there is no test %q; %s", o, hint)
	}
	if good := whole(rows); len(f.names) == 0 && len(good) > 0 {
		return usagef("%s has no tests; a function such as this one is a test of each machine that has a name:\n    def test_boots(vm):\n        vm.check(vm.run(\"true\").code == 0)", good[0].path)
	}
	return nil
}

// tests are those of the script, or only those of the machines that the command line names.
func (r *row) tests() ([]*builtins.Test, error) {
	machines := map[string]*builtins.Machine{}
	var named []*builtins.Machine
	targets := r.all()
	if len(r.script.targets) > 0 {
		var err error
		if targets, err = r.chosen(); err != nil {
			return nil, err
		}
	}
	for _, t := range targets {
		m, ok := t.value.(*builtins.Machine)
		if ok {
			machines[t.name] = m
			named = append(named, m)
		} else if len(r.script.targets) > 0 {
			return nil, usagef("%s:%s is a %s; tests are of machines, as qemu(…) makes them", r.path, t.name, t.value.Type())
		}
	}
	all, err := r.vocabulary.Tests(r.program, machines)
	if err != nil || len(r.script.targets) == 0 {
		return all, err
	}
	var some []*builtins.Test
	for _, t := range all {
		for _, m := range named {
			if t.Machine == m {
				some = append(some, t)
				break
			}
		}
	}
	return some, nil
}

// boot is one test of one row, and what came of it.
type boot struct {
	row  *row
	test *builtins.Test // nil: the row could not be built
	vm   qemu.Machine
	size int64 // of the images, in bytes

	verdict string // "passed", "failed", "build", or a qemu.Verdict
	err     error
	trouble string // what the guest's kernel complained of, though the guest lived on
	places  string // where in its kernel the guest died, if that is known
	timings qemu.Timings
	took    time.Duration
	log     string // of the console
	script  string // boots the same machine
}

const (
	passed      = "passed"
	failed      = "failed"
	notBuilt    = "build"
	interrupted = "interrupted"
)

// prepareTests builds the machines. What turns out to be damaged in the cache is built again.
func (s *session) prepareTests(ctx context.Context, rows []*row, tests map[*row][]*builtins.Test, t *testFlags) ([]*boot, error) {
	var programs []string
	for _, r := range whole(rows) {
		for _, test := range tests[r] {
			programs = append(programs, test.Machine.Arch.QEMU)
		}
	}
	for try := 1; ; try++ {
		start := time.Now()
		run, results, err := s.makeRows(ctx, rows, slices.Compact(slices.Sorted(slices.Values(programs))))
		if err != nil {
			return nil, err
		}
		boots, err := s.machines(ctx, rows, tests, results)
		if lost := (*build.LostError)(nil); errors.As(err, &lost) && try < 3 {
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(t.matrix) == 0 && len(boots) > 0 && rows[0].err == nil {
			s.summarize(run, results, time.Since(start), nil)
		} else {
			s.summarizeRows(run, rows, time.Since(start))
		}
		return boots, nil
	}
}

// machines are the tests with what they boot.
func (s *session) machines(ctx context.Context, rows []*row, tests map[*row][]*builtins.Test, results map[*build.Node]*build.Result) ([]*boot, error) {
	var boots []*boot
	for _, r := range rows {
		if r.err != nil {
			boots = append(boots, &boot{row: r, verdict: notBuilt, err: r.err})
			continue
		}
		for _, t := range tests[r] {
			b := &boot{row: r, test: t}
			var err error
			if b.vm, err = s.machine(ctx, t.Machine, results, "tcg"); err != nil {
				return nil, err
			}
			for _, o := range t.Machine.Outputs() {
				object, err := s.engine.Object(ctx, results[o.Artifact.Node], o.Artifact)
				if err != nil {
					return nil, err
				}
				if o.Suffix != ".config" && !object.IsTree {
					b.size += object.Digest.Size
				}
			}
			boots = append(boots, b)
		}
	}
	return boots, nil
}
