package sandbox

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// An initProcess is the caller's end of a running init.
type initProcess struct {
	cmd       *exec.Cmd
	contained bool
	control   *os.File // closing it ends the init, and so does our death
	reports   *os.File
	output    *os.File
	stderr    bytes.Buffer // what the Go runtime says when the init itself crashes
	exited    chan struct{}
	died      error // how it exited; read it after exited
}

// setupCaps are the capabilities the init needs in its own user namespace to make a file system. They are ambient
// because the init is not user 0 there: exec would take all others away.
var setupCaps = []uintptr{
	unix.CAP_SYS_ADMIN,    // mounts
	unix.CAP_NET_ADMIN,    // lo
	unix.CAP_SETPCAP,      // to take capabilities from the bounding set
	unix.CAP_SYS_RESOURCE, // to forbid further user namespaces
	unix.CAP_DAC_OVERRIDE, // directories on the way to Dir that only the real root may pass; outputs of any mode
	unix.CAP_DAC_READ_SEARCH,
	unix.CAP_FOWNER, // modes and times of copies
	unix.CAP_KILL,
}

const namespaces = unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET |
	unix.CLONE_NEWIPC | unix.CLONE_NEWUTS

// startInit runs this program again as the init for o. Its directory is the root, so that the caller's may be gone; its
// session is its own, so that the terminal's Ctrl-C reaches the caller only.
func startInit(o *order, files []*os.File) (*initProcess, error) {
	controlR, controlW, err := pipe(1)
	if err != nil {
		return nil, err
	}
	defer controlR.Close()
	reportR, reportW, err := pipe(0)
	if err != nil {
		controlW.Close()
		return nil, err
	}
	defer reportW.Close()
	outputR, outputW, err := pipe(0)
	if err != nil {
		controlW.Close()
		reportR.Close()
		return nil, err
	}
	defer outputW.Close()

	p := &initProcess{
		contained: o.Contained, control: controlW, reports: reportR, output: outputR, exited: make(chan struct{}),
	}
	p.cmd = &exec.Cmd{
		// Not os.Executable: the file may have been replaced since, and the two sides must be the same program.
		Path: "/proc/self/exe", Args: []string{initName}, Env: []string{}, Dir: "/",
		ExtraFiles:  append([]*os.File{controlR, reportW, outputW}, files...),
		Stderr:      &p.stderr,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
		WaitDelay:   time.Second,
	}
	if o.Contained {
		p.cmd.SysProcAttr.Cloneflags = namespaces
		p.cmd.SysProcAttr.UidMappings, p.cmd.SysProcAttr.GidMappings = idMaps()
		p.cmd.SysProcAttr.AmbientCaps = setupCaps
	}
	if err := p.cmd.Start(); err != nil {
		controlW.Close()
		reportR.Close()
		outputR.Close()
		return nil, err
	}
	go func() {
		p.died = p.cmd.Wait()
		close(p.exited)
	}()
	// An order can be larger than a pipe; an init that dies early makes this fail, and says so by other means.
	go gob.NewEncoder(controlW).Encode(o)
	return p, nil
}

// listen returns the reports of the init; the channel is closed when there will be no more.
func (p *initProcess) listen() <-chan report {
	reports := make(chan report)
	go func() {
		defer close(reports)
		for d := gob.NewDecoder(p.reports); ; {
			var r report
			if d.Decode(&r) != nil {
				return
			}
			reports <- r
		}
	}()
	return reports
}

// kill ends everything without waiting for it. The death of a contained init takes its whole PID namespace along; an
// open one is asked to do that itself, and not waited for beyond a second.
func (p *initProcess) kill() {
	if p.contained {
		p.cmd.Process.Kill()
		return
	}
	p.control.Close()
	time.AfterFunc(killPatience, func() {
		select {
		case <-p.exited:
		default:
			p.cmd.Process.Kill()
		}
	})
}

// killPatience leaves room within the two seconds in which a user expects Ctrl-C to have ended everything.
const killPatience = time.Second

// wait returns when the init is gone, and how it went.
func (p *initProcess) wait() error {
	<-p.exited
	p.control.Close()
	p.reports.Close()
	return p.died
}

// complaint is the first line the init wrote to its own standard error, which it does only when it crashes.
func (p *initProcess) complaint() string {
	line, _, _ := strings.Cut(strings.TrimSpace(p.stderr.String()), "\n")
	if line != "" {
		line = fmt.Sprintf("(%s)", line)
	}
	return line
}
