package qemu

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// probeTime is how long a guest of seven bytes may take. It needs a tenth of a
// second where KVM works; where it only seems to, it never comes.
const probeTime = 3 * time.Second

// probeToken is what the guest writes to QEMU's isa-debug-exit device, which
// makes QEMU exit with status token<<1 | 1. No failure of QEMU has that number.
const (
	probeToken  = 0x55
	probeStatus = probeToken<<1 | 1
)

// KVMWorks reports whether program can run a guest under KVM. That /dev/kvm
// opens, and even that a virtual machine can be created, says nothing: on some
// hosts no guest gets past the firmware. So a guest is run, through the
// firmware, and has to give a sign. There is a guest for x86 only; for the
// emulator of any other architecture the answer is no.
func KVMWorks(ctx context.Context, program string) bool {
	switch filepath.Base(program) {
	case "qemu-system-x86_64", "qemu-system-i386":
	default:
		return false
	}
	return probe(ctx, program, "kvm")
}

func probe(ctx context.Context, program, accel string) bool {
	if ctx.Err() != nil {
		return false
	}
	disk, err := bootSector([]byte{
		0xb0, probeToken, // mov $token, %al
		0xe6, 0xf4, // out %al, $0xf4
		0xf4,       // hlt
		0xeb, 0xfd, // jmp to the hlt
	})
	if err != nil {
		return false
	}
	defer disk.Close()
	p, err := start([]string{
		program, "-nodefaults", "-machine", "pc", "-accel", accel, "-m", "16",
		"-display", "none", "-monitor", "none", "-no-reboot",
		"-device", "isa-debug-exit,iobase=0xf4,iosize=1",
		"-drive", "if=floppy,format=raw,readonly=on,file=/proc/self/fd/3",
	}, disk)
	if err != nil {
		return false
	}
	defer p.stop()
	timer := time.NewTimer(probeTime)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		return false
	case <-ctx.Done():
		return false
	}
	var exit *exec.ExitError
	return errors.As(p.err, &exit) && exit.ExitCode() == probeStatus
}

// bootSector returns a disk in memory, with no name that could be left behind.
func bootSector(code []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("bootsector", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "bootsector")
	sector := make([]byte, 1440<<10) // a whole floppy: QEMU guesses the drive from its size
	copy(sector, code)
	sector[510], sector[511] = 0x55, 0xaa
	if _, err := f.Write(sector); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
