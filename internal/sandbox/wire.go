package sandbox

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// initName is argv[0] of the re-executed program: how Main knows itself.
const initName = "mini: sandbox init"

// Descriptors of the init.
const (
	controlFD = 3 + iota // the order comes in here; its end of file means that the caller is gone
	reportFD             // reports go out here
	outputFD             // the action's standard output and error
	filesFD              // Spec.Files begin here
)

// An order is what the caller tells the init. It travels through a pipe as gob: neither arguments nor environment
// have room for it, both can be read by others, and text formats spoil names that are not UTF-8.
type order struct {
	Contained bool // make namespaces' worth of protection; otherwise only look after processes
	Landlock  bool // use Landlock if the host has it
	Probe     bool // only set everything up, and report

	Dir, Scratch string
	Mounts       []Mount
	Args, Env    []string
	Tools        []tool
	Front        *Front
	FrontTool    tool // its program
	HostDirs     []string
	Veils        []veil
	Collect      []string
	Files        int
	Terminal     bool // it comes behind the Files
	Streams      bool // three, behind those
	Resume       bool
}

// A tool is one name of PATH.
type tool struct {
	Name, Path string
	Resolved   string // Path with all links followed
}

// A report is what the init tells the caller: once when everything is ready, and once at the end. An Err ends the
// conversation. An Err before Ready means that the host refused something; the action has not begun.
type report struct {
	Ready bool
	Err   string

	Exact       bool
	Off, Copied []string
	CopyWhy     string // why the last of Copied was

	End               bool // the action ended and its outputs are out; what follows is set
	Signal            int
	ExitCode          int
	UserTime, SysTime time.Duration
	MaxRSS            int64
}

// pipe makes a pipe of which only our end is non-blocking: a deadline or Close must interrupt us, while compilers do not
// expect EAGAIN from their standard output. (os.Pipe makes both ends non-blocking, and File.Fd no longer undoes it.)
func pipe(ours int) (r, w *os.File, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, os.NewSyscallError("pipe2", err)
	}
	if err := unix.SetNonblock(p[ours], true); err != nil {
		unix.Close(p[0])
		unix.Close(p[1])
		return nil, nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(p[0]), "pipe"), os.NewFile(uintptr(p[1]), "pipe"), nil
}
