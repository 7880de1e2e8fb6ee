package sandbox

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// giveUp takes from the calling thread, for good, what the action must not have. The caller has locked it.
//
// The order matters: the bounding set can be emptied only with CAP_SETPCAP, and Landlock wants no_new_privs (or
// CAP_SYS_ADMIN) first. A read-only mount is only as read-only as the action is without CAP_SYS_ADMIN.
func (w *world) giveUp() error {
	// setuid files and file capabilities mean nothing from here on (Documentation/userspace-api/no_new_privs.rst).
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	// Keys of the caller's session are readable by whoever possesses its keyring (session-keyring(7)).
	// (The library's function of that name cannot pass the null name that makes an anonymous one.) A kernel
	// without keyrings answers ENOSYS, a container's filter EPERM; then there is none to be read either.
	if _, err := unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0); err != nil && err != unix.ENOSYS && err != unix.EPERM {
		return fmt.Errorf("session keyring: %w", err)
	}
	if w.dropCaps {
		if err := dropCaps(); err != nil {
			return err
		}
	}
	if w.landABI > 0 {
		return w.fence.restrict(w.landABI)
	}
	return nil
}

// dropCaps empties all five capability sets of the thread (capabilities(7)).
func dropCaps() error {
	for c := uintptr(0); ; c++ {
		err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0)
		if err == unix.EINVAL && c > unix.CAP_SETPCAP {
			break // one past the last that this kernel knows
		}
		if err != nil {
			return fmt.Errorf("bounding set, capability %d: %w", c, err)
		}
	}
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return fmt.Errorf("ambient capabilities: %w", err)
	}
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	return os.NewSyscallError("capset", unix.Capset(&hdr, &none[0]))
}
