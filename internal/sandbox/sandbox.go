package sandbox

import (
	"errors"
	"io"
	"os"
	"time"
)

// Mode says how much containment a caller insists on.
type Mode string

// The modes. An empty Mode is Require: who forgets to say gets the safe one.
const (
	Require Mode = "require" // contained, or an error
	Auto    Mode = "auto"    // contained where the host allows it, else as much of it as there is
	Off     Mode = "off"     // a plain process; only its end is cared for
)

// Kind says what an action may do with a Mount.
type Kind int

const (
	// ReadOnly is a view that cannot be changed. Without namespaces it is a symbolic link to Source.
	ReadOnly Kind = iota
	// Writable is a tree that the action may change while Source stays as it is: an overlay, or a copy where
	// overlays are refused. Modification times are those of Source until the action touches a file.
	Writable
)

// A Mount is a host file or directory that the action sees inside its directory.
type Mount struct {
	Source string // absolute host path of a file or, for Writable, always a directory
	Target string // relative to Spec.Dir, e.g. "src"; not inside a ReadOnly target
	Kind   Kind
}

// A Spec is one command and all that it may see.
type Spec struct {
	Dir      string            // host directory that the action sees as /build, its working directory; writable
	Mounts   []Mount           // further things inside Dir, parents before what lies in them
	Args     []string          // the command; Args[0] is a name of Tools, or has a slash and is taken as it is
	Env      []string          // the complete environment, but for PATH, which is always set here
	Tools    map[string]string // command name → absolute host path
	Front    *Front            // what stands before some of Tools; may be nil
	HostDirs []string          // host directories that are visible, read-only, at their own path
	Hide     []string          // host files and directories that the action does not see, although it sees what they lie in
	Output   io.Writer         // standard output and error of the action in one stream; nil discards
	Scratch  string            // host directory for what must not be in Dir, same file system as Dir; the caller removes it (RemoveAll)
	Collect  []string          // outputs, relative to Dir, that are to be found under Dir after a run that ended well
	Files    []*os.File        // further descriptors that the action inherits as 3, 4, …, e.g. make's jobserver
	Streams  []*os.File        // standard input, output and error of the action, all three; Output gets nothing then
	Terminal *os.File          // a terminal of the action's own, as its input, output and controlling terminal; Output gets nothing then

	// Resume says that Dir and Scratch are as an earlier run of the same Spec left them: what that changed in Writable mounts
	// is still there. It is for a look; nobody may build upon it, as what was interrupted is half done.
	Resume bool

	Silence time.Duration // ends the action after this long without output; 0 never does
	Timeout time.Duration // ends the action after this long; 0 never does
	Mode    Mode
}

// A Result is how an action ended.
type Result struct {
	ExitCode int    // its exit status, or 128 and the signal's number as a shell says it
	Signal   string // "SIGSEGV" if a signal ended it, else empty

	// The times are those of the action and all its descendants. MaxRSS is the largest of them, in bytes; it is
	// never less than the init's own few megabytes, because a new process begins as a copy of it.
	UserTime, SysTime time.Duration
	MaxRSS            int64

	Exact  bool     // the action saw nothing of the host but what the sandbox shows of it: it was contained, and Hide hidden
	Off    []string // protections that were not there, one sentence each
	Copied []string // Targets of Writable mounts that were copied because this host refuses overlays there
}

// Errors that Run wraps when it ended the action itself; the durations are in the text.
var (
	ErrTimeout = errors.New("the command took too long")
	ErrSilence = errors.New("the command fell silent")
)

// What the action sees, whatever the host's paths are.
const (
	BuildDir = "/build" // its own directory
	toolsDir = "/tools"
	hostName = "mini"
	userID   = 1000
)
