package qemu

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// process is one running QEMU with its serial port on two pipes.
type process struct {
	cmd    *exec.Cmd
	input  *os.File // what the guest reads from its serial port
	output *os.File // what it writes
	stderr *tail

	done chan struct{} // closed when QEMU is gone
	err  error         // of Wait; read it only after done

	once sync.Once
}

// killAfter is how long QEMU may take to obey SIGTERM.
const killAfter = time.Second

// start runs argv, with files as its descriptors 3 and up. The QEMU dies with
// this process, even if that is killed with SIGKILL.
func start(argv []string, files ...*os.File) (*process, error) {
	guestIn, input, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	output, guestOut, err := os.Pipe()
	if err != nil {
		guestIn.Close()
		input.Close()
		return nil, err
	}
	p := &process{input: input, output: output, stderr: new(tail), done: make(chan struct{})}
	p.cmd = exec.Command(argv[0], argv[1:]...)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = guestIn, guestOut, p.stderr
	p.cmd.ExtraFiles = files
	p.cmd.WaitDelay = killAfter
	// A process group of its own keeps Ctrl-C of the terminal away from it:
	// how and when it ends is for us to say.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}

	started := make(chan error, 1)
	go func() {
		// Pdeathsig fires when the thread that forked ends, not when the
		// process does. Holding the thread until QEMU is gone keeps the
		// runtime from retiring it and killing a QEMU in good health.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		guestIn.Close()
		guestOut.Close()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			if errors.Is(p.err, exec.ErrWaitDelay) {
				p.err = nil // it ended with 0; only its standard error is still held, or not read yet on a busy machine
			}
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		input.Close()
		output.Close()
		return nil, err
	}
	return p, nil
}

// stop ends QEMU and all it started, and returns when it is gone.
func (p *process) stop() {
	p.once.Do(func() {
		p.signal(syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(killAfter):
			p.signal(syscall.SIGKILL)
			<-p.done
		}
		p.input.Close()
		p.output.Close()
	})
}

func (p *process) signal(sig syscall.Signal) {
	select {
	case <-p.done: // reaped: the number may be another's by now
	default:
		_ = syscall.Kill(-p.cmd.Process.Pid, sig)
	}
}
