package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"mini/build"
	"mini/builtins"
	"mini/internal/qemu"

	"golang.org/x/sync/semaphore"
)

const (
	// emulatedShare is how many processors an emulated guest is given, for each of its own: with less, its time is not what it
	// thinks, and what it waits for comes late.
	emulatedShare = 2
	// qemuMemory is what a QEMU takes beside its guest's memory, in MiB.
	qemuMemory = 100
)

// runTests boots the tests side by side, as many as there are processors and memory for.
func (s *session) runTests(ctx context.Context, boots []*boot, accel string) {
	cores := int64(max(s.flags.jobs, 1))
	memory := int64(1) << 40 // MiB: nobody knows
	if bytes, known := build.AvailableMemory(); known {
		memory = max(bytes>>20*3/4, 1)
	}
	processors, space := semaphore.NewWeighted(cores), semaphore.NewWeighted(memory)
	how := s.accelerators(ctx, boots, accel)
	var all sync.WaitGroup
	defer all.Wait()
	for _, b := range boots {
		if b.test == nil || b.verdict != "" {
			continue
		}
		b.vm.Accel = how[b.vm.Program].name()
		share := int64(max(b.vm.CPUs, 1))
		if b.vm.Accel == "tcg" {
			share *= emulatedShare
		}
		share, need := min(share, cores), min(int64(b.vm.Memory+qemuMemory), memory)
		if processors.Acquire(ctx, share) != nil {
			return
		}
		if space.Acquire(ctx, need) != nil {
			return
		}
		trial := how[b.vm.Program]
		if trial.known == kvmProbed { // nobody knows yet whether guests boot: the first one shows it
			s.runTest(ctx, b, trial)
			processors.Release(share)
			space.Release(need)
			continue
		}
		all.Go(func() {
			defer processors.Release(share)
			defer space.Release(need)
			s.runTest(ctx, b, trial)
		})
	}
}

// accelerators says for each emulator how guests run.
func (s *session) accelerators(ctx context.Context, boots []*boot, accel string) map[string]*accelerator {
	how := map[string]*accelerator{}
	for _, b := range boots {
		if b.test == nil || how[b.vm.Program] != nil {
			continue
		}
		switch accel {
		case "auto":
			how[b.vm.Program] = s.findAccelerator(ctx, b.vm.Program)
		case "kvm":
			how[b.vm.Program] = &accelerator{known: kvmProven}
		default:
			how[b.vm.Program] = &accelerator{known: kvmBroken}
		}
	}
	return how
}

// runTest boots one test's machine and judges what came of it.
func (s *session) runTest(ctx context.Context, b *boot, accel *accelerator) {
	start := time.Now()
	limits := qemu.Limits{Boot: b.test.Silence, Silence: b.test.Silence, Total: b.test.Timeout}
	b.err = s.tryBoot(accel, b.vm, limits, func(vm qemu.Machine, l qemu.Limits) error {
		b.vm = vm
		return s.callTest(ctx, b, l)
	})
	b.took = time.Since(start)
	b.verdict = verdictOf(ctx, b.err)
	text := fmt.Sprintf("%s %s in %s", b.title(), b.verdict, round(b.took))
	s.note(text)
}

// title names a test among those of all rows.
func (b *boot) title() string {
	if b.row.title == "" {
		return b.test.Name
	}
	return b.row.title + " " + b.test.Name
}

// graceTime is how long a test's function may go on, beyond the time of its guest, without asking the guest anything.
const graceTime = 5 * time.Second

func (s *session) callTest(ctx context.Context, b *boot, l qemu.Limits) (err error) {
	log, script, err := s.recordBoot(b.row.script, b.test.Name, b.vm)
	if err != nil {
		return err
	}
	defer log.Close()
	b.log, b.script = log.Name(), script
	ctx, cancel := context.WithTimeout(ctx, b.test.Timeout+graceTime)
	defer cancel()
	vm := b.vm
	vm.Forwards = fromAnyPort(vm.Forwards)
	guest, err := qemu.PowerOn(ctx, vm, log, l)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, guest.Off())
		b.timings, b.trouble = guest.Timings(), guest.Trouble()
		keepTimings(b.log, keptBoot{b.timings, vm.Accel, vm.Memory})
	}()
	_, err = b.row.program.Call(ctx, b.test.Func, builtins.Running(ctx, b.row.program, guest))
	if err == nil && !guest.Answered() {
		// A test that asked for nothing shows nothing: at least a shell must answer.
		_, _, err = guest.Run(ctx, "true", 0)
	}
	return err
}

// verdictOf says in one word what came of a test.
func verdictOf(ctx context.Context, err error) string {
	dead := (*qemu.GuestError)(nil)
	switch {
	case err == nil:
		return passed
	case ctx.Err() != nil:
		return interrupted
	case errors.As(err, &dead):
		return string(dead.Verdict)
	case errors.Is(err, context.DeadlineExceeded):
		return string(qemu.Timeout)
	}
	return failed
}

// fromAnyPort lets QEMU choose the ports of the host: tests run side by side, and beside whoever runs the machine.
func fromAnyPort(forwards []qemu.Forward) []qemu.Forward {
	var list []qemu.Forward
	for _, f := range forwards {
		list = append(list, qemu.Forward{Guest: f.Guest})
	}
	return list
}
