package archive

import (
	"maps"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// The system calls of a sink. Modes are set after creation, as the umask must not
// decide about a source tree; times are set last, as writing changes them.

// create makes a new file and lets fill write it.
func (s *sink) create(name string, mode uint32, mtime time.Time, fill func(fd int) error) (err error) {
	var fd int
	// O_EXCL: whatever had the name was removed before, and the file at the end
	// of a link or of a hard link must never be opened instead.
	err = retry(func() (err error) {
		fd, err = unix.Openat(s.fd(), name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, mode)
		return err
	})
	if err != nil {
		return failed("create", name, err)
	}
	defer func() {
		if cerr := unix.Close(fd); err == nil && cerr != nil {
			err = failed("close", name, cerr) // some file systems say "disk full" only here
		}
		if err == nil {
			err = s.setTime(name, mtime)
		}
	}()
	if err := unix.Fchmod(fd, mode); err != nil {
		return failed("chmod", name, err)
	}
	return fill(fd)
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
