package sandbox

import (
	"encoding/gob"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// Main is the re-executed side. A program that uses Run must call it first in main (and in TestMain), and return if
// it returns true. In a process that is not the init of a sandbox it returns false at once; in one that is, it does the
// init's work and ends the process there, so that nothing the program does at its end is done by an init.
func Main() bool {
	if len(os.Args) == 0 || os.Args[0] != initName {
		return false
	}
	serve()
	syscall.Exit(0) // os.Exit would run hooks: the race detector's sleeps for a second
	return true
}

func serve() {
	// The action must inherit nothing of ours, nor what the caller itself inherited from its shell.
	unix.CloseRange(controlFD, ^uint(0), unix.CLOSE_RANGE_CLOEXEC)
	catchSignals()
	reports := gob.NewEncoder(os.NewFile(reportFD, "report"))
	o, err := takeOrder(os.NewFile(controlFD, "control"))
	if err != nil {
		return // the caller died before it said what it wants
	}
	if err := o.carryOut(reports); err != nil {
		reports.Encode(report{Err: err.Error()})
	}
}

// takeOrder reads the order, and from then on ends this process with the caller: the kernel closes the other end of the
// pipe however the caller dies. For a contained init the kernel then kills every process of the namespace.
func takeOrder(control *os.File) (*order, error) {
	var o order
	if err := gob.NewDecoder(control).Decode(&o); err != nil {
		return nil, err
	}
	go func() {
		io.Copy(io.Discard, control)
		if !o.Contained {
			killDescendants()
		}
		syscall.Exit(1)
	}()
	return &o, nil
}

// catchSignals catches every signal there is and does nothing. An action may signal its init, and the Go runtime would
// end on some; and what is caught, unlike what is ignored, is back to its default in the action, even if mini was
// started by nohup.
func catchSignals() {
	signal.Notify(make(chan os.Signal, 1))
}

// carryOut does what the order says. An error before the Ready report means that the host refuses.
func (o *order) carryOut(reports *gob.Encoder) error {
	var (
		w   *world
		err error
	)
	if o.Contained {
		w, err = o.contain()
	} else {
		w, err = o.open()
	}
	if err != nil {
		return err
	}
	ready := report{Ready: true, Exact: w.exact, Off: w.off, Copied: w.copied, CopyWhy: w.copyWhy}
	if err := reports.Encode(ready); err != nil || o.Probe {
		return err
	}
	fail := func(err error) error {
		ready.Err = err.Error()
		return reports.Encode(ready)
	}
	end, err := o.act(w)
	if err != nil {
		return fail(err)
	}
	if end.ExitCode == 0 {
		if err := w.collect(o.Collect); err != nil {
			return fail(err)
		}
	}
	end.Ready, end.End, end.Exact, end.Off, end.Copied = true, true, w.exact, w.off, w.copied
	return reports.Encode(end)
}

// A world is what was made for one action.
type world struct {
	dir     string // where the action finds its directory
	tools   string // its PATH
	landABI int    // of Landlock; 0: don't
	fence   fence  // what Landlock lets it do
	env     []string

	dropCaps bool // empty the capability sets

	under    int      // contained: the action's directory without the mounts in it, as a detached mount
	overlays []string // targets whose changes are not in the directory but in an overlay

	exact       bool // nothing of the host is seen that should not be
	off, copied []string
	copyWhy     string
}
