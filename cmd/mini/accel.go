package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mini/internal/qemu"
)

// What is known of KVM on this machine, as the file says it. A boot sector that runs under KVM is a good sign and not
// a proof: there are hosts where it does and no kernel gets past its first instructions. Only a guest that was booted
// proves it.
const (
	kvmProbed = "kvm?" // the boot sector ran
	kvmProven = "kvm"  // a guest did
	kvmBroken = "tcg"
)

// kvmTrial is how long a guest may say nothing under a KVM that is not proven yet.
const kvmTrial = 15 * time.Second

// accelerator remembers whether KVM works for a program, until the machine is started anew: nothing that decides it
// changes before.
type accelerator struct {
	file  string // "" if nothing can be remembered
	known string
}

// findAccelerator asks for what is remembered, and else tries.
func (s *session) findAccelerator(ctx context.Context, program string) *accelerator {
	a := &accelerator{known: kvmBroken}
	if _, err := os.Stat("/dev/kvm"); err != nil {
		return a
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return a
	}
	sum := sha256.Sum256([]byte(program + "\n" + string(boot)))
	a.file = filepath.Join(s.store.ToolsDir(), "accel-"+hex.EncodeToString(sum[:8]))
	if known, err := os.ReadFile(a.file); err == nil {
		a.known = strings.TrimSpace(string(known))
		return a
	}
	if qemu.KVMWorks(ctx, program) {
		a.known = kvmProbed
	}
	if ctx.Err() == nil {
		a.learn(a.known)
	}
	return a
}

func (a *accelerator) learn(known string) {
	a.known = known
	if a.file != "" {
		_ = os.WriteFile(a.file, []byte(known+"\n"), 0o644) // only a memory
	}
}

// name is QEMU's word for it.
func (a *accelerator) name() string {
	if a.known == kvmBroken {
		return "tcg"
	}
	return "kvm"
}

// tryBoot runs a guest, and emulates it where a KVM that is not proven yet lets it hang. once boots one time; it has
// printed nothing of the guest's when the guest said nothing.
func (s *session) tryBoot(a *accelerator, vm qemu.Machine, limits qemu.Limits, once func(qemu.Machine, qemu.Limits) error) error {
	if a == nil || a.known != kvmProbed {
		return once(vm, limits)
	}
	trial := limits
	if trial.Boot == 0 || trial.Boot > kvmTrial {
		trial.Boot = kvmTrial
	}
	err := once(vm, trial)
	if dead := (*qemu.GuestError)(nil); errors.As(err, &dead) && (dead.Verdict == qemu.HangBeforeConsole || dead.Verdict == qemu.Emulator) {
		a.learn(kvmBroken)
		s.note("no guest boots under KVM on this machine; emulating")
		vm.Accel = a.name()
		return once(vm, limits)
	}
	if err == nil {
		a.learn(kvmProven)
	}
	return err
}
