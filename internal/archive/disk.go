package archive

import (
	"maps"
	"os"
	"slices"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The system calls of a sink, as few for a file as there can be: open, write, its time, a look at it, close. A tree
// has tens of thousands of files, and each call that changes one is also a change in the file system's journal.

// create makes a new file, lets fill write it, and says what became of it.
func (s *sink) create(h header, fill func(fd int) (Sum, error)) (err error) {
	var fd int
	// O_EXCL: whatever had the name was removed before, and the file at the end
	// of a link or of a hard link must never be opened instead.
	err = retry(func() (err error) {
		fd, err = unix.Openat(s.fd(), h.name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, h.mode)
		return err
	})
	if err != nil {
		return failed("create", h.name, err)
	}
	var stat unix.Stat_t
	sum, err := fill(fd)
	if err == nil {
		err = seal(fd, h, &stat)
	}
	if cerr := unix.Close(fd); err == nil && cerr != nil {
		err = failed("close", h.name, cerr) // some file systems say "disk full" only here
	}
	if err == nil && s.wrote != nil {
		s.wrote(h.name, sum, stat)
	}
	return err
}

// seal gives a written file its time and mode, and looks at the result. The mode is most often right already; a umask
// or an access control list of the directory, which must not decide about a source tree, can have made it another.
func seal(fd int, h header, stat *unix.Stat_t) error {
	if err := setTimeOf(fd, h.mtime); err != nil {
		return failed("set the time of", h.name, err)
	}
	if err := unix.Fstat(fd, stat); err != nil {
		return failed("look at", h.name, err)
	}
	if stat.Mode&0o7777 == h.mode {
		return nil
	}
	if err := unix.Fchmod(fd, h.mode); err != nil {
		return failed("chmod", h.name, err)
	}
	if err := unix.Fstat(fd, stat); err != nil {
		return failed("look at", h.name, err)
	}
	return nil
}

func writeAll(fd int, name string, data []byte) error {
	for len(data) > 0 {
		n, err := unix.Write(fd, data)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return failed("write", name, err)
		}
		data = data[n:]
	}
	return nil
}

func (s *sink) mkdir(name string) error {
	if err := unix.Mkdirat(s.fd(), name, 0o755); err != nil {
		return failed("mkdir", name, err)
	}
	if err := unix.Fchmodat(s.fd(), name, 0o755, 0); err != nil {
		return failed("chmod", name, err)
	}
	return nil
}

func (s *sink) symlink(target, name string, mtime time.Time) error {
	if err := unix.Symlinkat(target, s.fd(), name); err != nil {
		return failed("symlink", name, err)
	}
	return s.setTime(name, mtime)
}

func (s *sink) link(target, name string) error {
	if err := unix.Linkat(s.fd(), target, s.fd(), name, 0); err != nil {
		return failed("link", name, err)
	}
	return nil
}

func (s *sink) remove(name string) error {
	if err := unix.Unlinkat(s.fd(), name, 0); err != nil {
		return failed("remove", name, err)
	}
	return nil
}

// setDirTimes comes last of all: every file that is created changes its
// directory's time.
func (s *sink) setDirTimes(times map[string]time.Time) error {
	for _, name := range slices.Sorted(maps.Keys(times)) {
		if err := s.setTime(name, times[name]); err != nil {
			return err
		}
	}
	return nil
}

func (s *sink) setTime(name string, t time.Time) error {
	ts, err := unix.TimeToTimespec(t)
	if err == nil {
		err = unix.UtimesNanoAt(s.fd(), name, []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW)
	}
	if err != nil {
		return failed("set the time of", name, err)
	}
	return nil
}

// setTimeOf is futimens(3), the system call with no path; the unix package has it only by way of /proc.
func setTimeOf(fd int, t time.Time) error {
	ts, err := unix.TimeToTimespec(t)
	if err != nil {
		return err
	}
	times := [2]unix.Timespec{ts, ts}
	_, _, errno := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(fd), 0, uintptr(unsafe.Pointer(&times)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

func retry(call func() error) error {
	for {
		if err := call(); err != unix.EINTR {
			return err
		}
	}
}

// failed keeps the system's error inside, for callers that look for a full disk.
func failed(op, name string, err error) error {
	return &os.PathError{Op: op, Path: name, Err: err}
}
