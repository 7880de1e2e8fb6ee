package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"

	"mini/internal/qemu"
)

// accelerator finds out whether KVM works for a program, by a real guest, and remembers the answer until the machine
// is started anew: nothing that decides it changes before.
func (s *session) accelerator(ctx context.Context, program string) string {
	if _, err := os.Stat("/dev/kvm"); err != nil {
		return "tcg"
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "tcg"
	}
	sum := sha256.Sum256([]byte(program + "\n" + string(boot)))
	file := filepath.Join(s.store.ToolsDir(), "accel-"+hex.EncodeToString(sum[:8]))
	if known, err := os.ReadFile(file); err == nil {
		return strings.TrimSpace(string(known))
	}
	accel := "tcg"
	if qemu.KVMWorks(ctx, program) {
		accel = "kvm"
	}
	if ctx.Err() == nil {
		_ = os.WriteFile(file, []byte(accel+"\n"), 0o644) // only a memory
	}
	return accel
}
