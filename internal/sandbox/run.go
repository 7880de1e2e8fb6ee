package sandbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Run runs one action to its end and returns how it ended. A non-zero exit is a Result, not an error. An error says
// that the action could not be run, or that it was ended: by ctx (the error wraps context.Cause), by a limit
// (ErrTimeout, ErrSilence), or because its output could not be written. In every case no process of it is left when
// Run returns, and what it wrote is in Dir.
//
// Links among the outputs are as the action made them and may point anywhere: read outputs without following links,
// or through an os.Root.
func Run(ctx context.Context, s Spec) (Result, error) {
	o, err := s.plan()
	if err != nil {
		return Result{}, err
	}
	if ctx.Err() != nil {
		return Result{}, context.Cause(ctx)
	}
	switch s.Mode {
	case Off:
		return launch(ctx, &s, o)
	case Auto, Require, "":
		o.Contained, o.Landlock = true, true
		res, err := launch(ctx, &s, o)
		var refused *refusal
		if s.Mode != Auto || !errors.As(err, &refused) {
			return res, err
		}
		o.Contained = false
		res, err = launch(ctx, &s, o)
		if len(res.Off) > 0 {
			res.Off[0] += ": " + refused.why
		}
		return res, err
	}
	return Result{}, fmt.Errorf("sandbox mode %q: want require, auto or off", s.Mode)
}

// A refusal is an error from before the action began: the host would not make the sandbox.
type refusal struct{ why string }

func (r *refusal) Error() string { return "this host does not allow the sandbox: " + r.why }

func launch(ctx context.Context, s *Spec, o *order) (Result, error) {
	files := slices.Concat(s.Files, s.Streams)
	if s.Terminal != nil {
		files = append(files, s.Terminal)
	}
	p, err := startInit(o, files)
	if err != nil {
		return Result{}, &refusal{explain(err.Error())}
	}
	defer tidy(o)
	return p.attend(ctx, s)
}

// attend follows an init to its end: it passes output on and ends the action when a limit is reached. The clocks
// start when the action does, because making a sandbox may mean copying a large tree.
func (p *initProcess) attend(ctx context.Context, s *Spec) (Result, error) {
	out := passOn(p.output, s.Output)
	var (
		told            report
		ended           error
		timeout         <-chan time.Time
		silence         <-chan time.Time
		cancelled, sour = ctx.Done(), out.failed
	)
	end := func(why error) {
		if ended == nil {
			ended = why
			p.kill()
		}
	}
	for reports := p.listen(); reports != nil; {
		select {
		case r, more := <-reports:
			if !more {
				reports = nil
				break
			}
			if r.Ready && !told.Ready {
				out.touch()
				if s.Timeout > 0 {
					timeout = time.After(s.Timeout)
				}
				if s.Silence > 0 {
					silence = time.After(s.Silence)
				}
			}
			told = r
		case <-cancelled:
			cancelled = nil
			end(fmt.Errorf("the command was ended: %w", context.Cause(ctx)))
		case err := <-sour:
			sour = nil
			end(fmt.Errorf("the command was ended, as its output could not be written: %w", err))
		case <-timeout:
			end(fmt.Errorf("%w: ended after %s", ErrTimeout, s.Timeout))
		case <-silence:
			if idle := out.idle(); idle < s.Silence {
				silence = time.After(s.Silence - idle)
			} else {
				end(fmt.Errorf("%w: ended after %s without output", ErrSilence, s.Silence))
			}
		}
	}
	died := p.wait()
	if err := out.finish(); err != nil && ended == nil {
		ended = fmt.Errorf("the command's output could not be written: %w", err)
	}
	return p.result(told, ended, died)
}

// result is the last word: of our own limits first, then of what the init said, then of how it ended.
func (p *initProcess) result(told report, ended, died error) (Result, error) {
	res := Result{Exact: told.Exact, Off: told.Off, Copied: told.Copied}
	switch {
	case ended != nil:
		return res, ended
	case told.Err != "" && !told.Ready:
		return res, &refusal{explain(told.Err)}
	case told.Err != "":
		return res, errors.New(told.Err)
	case !told.Ready:
		return res, &refusal{explain(fmt.Sprintf("its first process ended early: %v %s", died, p.complaint()))}
	case !told.End:
		return res, fmt.Errorf("the sandbox ended before the command did: %v %s", died, p.complaint())
	}
	res.ExitCode, res.MaxRSS = told.ExitCode, told.MaxRSS
	res.UserTime, res.SysTime = told.UserTime, told.SysTime
	if told.Signal != 0 {
		res.Signal = signalName(told.Signal)
	}
	return res, nil
}
