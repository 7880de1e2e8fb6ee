package build

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// jobserver is a make's way to more than one job (https://www.gnu.org/software/make/manual/html_node/POSIX-Jobserver.html):
// a make, and every make that it starts, reads one byte for each further job and writes one when the job is done.
//
// Every node has pipes of its own. With one pipe for all it could not be told whose a token was that never came back, as
// they all look the same, and nodes could send one another messages. For the same reason the way back is another
// pipe: so it is seen what comes back, and more than was lent is not believed.
type jobserver struct {
	take, back *os.File // the node's ends: it reads tokens from take and writes them to back
	put, got   *os.File // ours
	again      int      // take once more, non-blocking: what is set on take itself, the node's makes see
	lent       int      // tokens that went in and did not come back
}

func newJobserver() (*jobserver, error) {
	j := &jobserver{again: -1}
	var in, out [2]int
	if err := unix.Pipe2(in[:], unix.O_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("pipe2", err)
	}
	j.take, j.put = os.NewFile(uintptr(in[0]), "jobserver"), os.NewFile(uintptr(in[1]), "jobserver")
	if err := unix.Pipe2(out[:], unix.O_CLOEXEC); err != nil {
		j.close()
		return nil, os.NewSyscallError("pipe2", err)
	}
	// A reader that waits must be woken by close, and for that Go wants it non-blocking from the start.
	err := unix.SetNonblock(out[0], true)
	j.got, j.back = os.NewFile(uintptr(out[0]), "jobserver"), os.NewFile(uintptr(out[1]), "jobserver")
	if err == nil {
		j.again, err = unix.Open(fmt.Sprintf("/proc/self/fd/%d", in[0]), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

// listen calls returned with the number of bytes that came back, until close.
func (j *jobserver) listen(returned func(n int)) {
	for b := make([]byte, 64); ; {
		n, err := j.got.Read(b)
		if err != nil {
			return
		}
		returned(n)
	}
}

// returned is how many of n bytes that came back can be tokens that somebody had.
func (j *jobserver) returned(n int) int {
	n = min(n, j.lent-j.lying())
	j.lent -= n
	return n
}

// lend gives one token, if it can.
func (j *jobserver) lend() bool {
	// GNU make writes this very byte when it gives a token back, whichever it has read.
	if _, err := j.put.Write([]byte{'+'}); err != nil {
		return false
	}
	j.lent++
	return true
}

// recall takes back up to n tokens that lie there, and tells how many.
func (j *jobserver) recall(n int) int {
	b := make([]byte, min(n, j.lying()))
	if len(b) == 0 {
		return 0
	}
	got, err := unix.Read(j.again, b)
	if err != nil {
		return 0 // a make was quicker
	}
	j.lent -= got
	return got
}

// lying counts the tokens that no make has taken.
func (j *jobserver) lying() int {
	n, err := unix.IoctlGetInt(j.again, unix.TIOCINQ)
	if err != nil {
		return 0
	}
	return n
}

// close ends it and returns how many tokens never came back.
func (j *jobserver) close() int {
	for _, f := range []*os.File{j.take, j.back, j.put, j.got} {
		f.Close() // also of nil, which is an error and no harm
	}
	unix.Close(j.again)
	lost := j.lent
	j.lent = 0
	return lost
}

// Env is what the node's makes must find in their environment, so that they know of the Files. It is in no key.
func (s *Slot) Env() []string {
	if s == nil || s.tokens == nil {
		return nil
	}
	// A make that finds -j on its command line leaves the jobserver. Here it only says how large the budget is.
	return []string{fmt.Sprintf("MAKEFLAGS= -j%d --jobserver-auth=3,4", s.budget)}
}

// Files are what the node must inherit, as 3 and 4.
func (s *Slot) Files() []*os.File {
	if s == nil || s.tokens == nil {
		return nil
	}
	return []*os.File{s.tokens.take, s.tokens.back}
}
