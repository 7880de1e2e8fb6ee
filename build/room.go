package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mini/build/step"
	"mini/internal/sandbox"
)

// A Room is the place where the steps of a node run, for somebody who wants to look around: the same sandbox, tools,
// environment and inputs. Nothing that is done in it gets into the cache.
type Room struct {
	Node *Node
	// Left is what a run of the same steps on the same inputs left when it failed, and where the room begins; nil where
	// it is as before the first step.
	Left *Leftover
	// Contained says that the room is a sandbox; otherwise what is done in it can change this machine.
	Contained bool
	// Script is the path, in the room, of a file that has the steps as a shell program.
	Script string

	local  *Local
	job    Job
	dir    string // root and scratch lie in it
	mounts []sandbox.Mount
	jobs   int
	leave  func() error
}

// Enter prepares a room. What the node reads from is built or taken from the cache as ever. The room is where the node
// failed, if it did and its directory is there and fresh is not set. It must be left.
func (r *Run) Enter(ctx context.Context, n *Node, fresh bool) (*Room, error) {
	local, ok := r.Executor.(*Local)
	if !ok {
		return nil, errors.New("there is only a way into steps that run on this machine")
	}
	action, inputs, err := r.action(ctx, n, r.content)
	if err != nil {
		return nil, err
	}
	room := &Room{
		Node: n, local: local, jobs: r.Jobs, Contained: local.Sandbox != sandbox.Off && local.Store.Contains(ctx),
		job: Job{Action: action, Node: n, ID: r.graph.ID(n), Inputs: inputs, Emit: func(ev Event) { r.emit(n, ev) }},
	}
	if !fresh {
		err = room.resume(local.Store)
	}
	if err == nil && room.Left == nil {
		err = room.furnish(ctx, local)
	}
	if err == nil {
		err = room.writeScript()
	}
	if err != nil {
		return nil, errors.Join(atNode(n, local.Store.explain(err)), room.Leave())
	}
	return room, nil
}

// Dir is the node's directory, as the room shows it.
func (r *Room) Dir() string {
	if r.Contained {
		return sandbox.BuildDir
	}
	return filepath.Join(r.dir, "root")
}

// Leave ends the use of the room. What a failed action left stays for another time, all else goes.
func (r *Room) Leave() error {
	if r.leave == nil {
		return nil
	}
	leave := r.leave
	r.leave = nil
	return leave()
}

// resume takes what a failed run left.
func (r *Room) resume(s *Store) error {
	action := r.job.Action.Digest
	if s.Left(action) == nil {
		return nil
	}
	lock, err := s.tryLock(keptLock(action.Hash))
	if err != nil {
		return err
	}
	if lock == nil {
		return fmt.Errorf("%s is in what its failed run left", s.whoHas(keptLock(action.Hash)))
	}
	r.leave = lock.Close
	if r.Left = s.Left(action); r.Left == nil { // it went while we looked
		return nil
	}
	r.dir = s.keptPath(action)
	for _, in := range r.job.Inputs {
		if m, ok := mountOf(s, in); ok {
			r.mounts = append(r.mounts, m)
		}
	}
	return nil
}

// furnish lays the inputs out.
func (r *Room) furnish(ctx context.Context, l *Local) error {
	work, err := l.Store.NewWork()
	if err != nil {
		return err
	}
	before := r.leave
	r.leave = func() error {
		err := work.Remove()
		if before != nil {
			err = errors.Join(err, before())
		}
		return err
	}
	r.dir = work.Dir
	if err := os.Mkdir(filepath.Join(work.Dir, "root"), 0o755); err != nil {
		return err
	}
	r.mounts, err = l.lay(ctx, filepath.Join(work.Dir, "root"), r.job.Inputs)
	return err
}

const scriptHead = "#!/bin/sh\n# The steps, as mini runs them. What they make here goes nowhere.\nset -ex\n"

// writeScript puts the steps into a file, by a name that nothing else has. What steps left may be links to anywhere.
func (r *Room) writeScript() error {
	root, err := os.OpenRoot(filepath.Join(r.dir, "root"))
	if err != nil {
		return err
	}
	defer root.Close()
	for _, name := range []string{"build.sh", "mini-build.sh", "mini-build-steps.sh"} {
		old, err := root.ReadFile(name)
		if err == nil && strings.HasPrefix(string(old), scriptHead) {
			err = root.Remove(name)
		} else if _, gone := root.Lstat(name); errors.Is(gone, os.ErrNotExist) {
			err = nil
		} else {
			continue
		}
		if err != nil {
			return err
		}
		f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
		if err != nil {
			return err
		}
		_, err = f.WriteString(scriptHead + strings.Join(r.Node.Steps, "\n") + "\n")
		r.Script = filepath.Join(r.Dir(), name)
		return errors.Join(err, f.Close())
	}
	return nil // three programs of that name: then there is none
}

// Command is what somebody does in a room.
type Command struct {
	Args     []string   // a tool of the node, or a program by its path; none for a shell
	Terminal *os.File   // its own, as Run.AtTerminal says; or
	Streams  []*os.File // standard input, output and error
	Env      []string   // settings of the terminal
}

// Run runs a command in the room, and returns its exit code. It begins where the last shell of the failed steps was, with the
// settings that it had.
func (r *Room) Run(ctx context.Context, c Command) (int, error) {
	spec, err := r.local.spec(r.dir, r.job, r.mounts)
	if err != nil {
		return 0, err
	}
	args := c.Args
	if len(args) == 0 {
		args = shell()
	}
	spec.Args = append([]string{"sh", "-c", r.state() + `exec "$@"`, "sh"}, args...)
	spec.Resume, spec.Terminal, spec.Streams = r.Left != nil, c.Terminal, c.Streams
	spec.Silence, spec.Timeout = 0, 0 // a person may think as long as they like
	spec.Env = append(spec.Env, c.Env...)
	whole := r.local.checkTrees(ctx, r.job.Inputs)
	res, err := sandbox.Run(ctx, spec)
	if lost := whole(); lost != nil && ctx.Err() == nil {
		return 0, atNode(r.Node, lost)
	}
	if err != nil && ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	return res.ExitCode, atNode(r.Node, err)
}

// shell is what a person types into: bash where there is one, which lets them edit what they type, though it is no tool of the
// node's, and a step would not find it.
func shell() []string {
	for _, path := range []string{"/bin/bash", "/usr/bin/bash"} {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return []string{path, "--noprofile", "--norc", "-i"}
		}
	}
	return []string{"sh", "-i"}
}

// stateFile is where the shell of the steps writes what it is at, below its directory for temporary files.
const stateFile = ".mini-state"

// trapped has the shell of some steps write down its exported variables and its directory if it ends badly. That is no part of
// the key: it changes nothing of what the steps do. All stands before the first line, so that the shell counts lines as ever.
func trapped(args []string) []string {
	if len(args) != len(shellPrefix)+1 || !slices.Equal(args[:len(shellPrefix)], shellPrefix) {
		return args
	}
	return []string{args[0], "-ec", `trap '{ mini_ended=$?; set +x; [ $mini_ended = 0 ] || { mini_at=$PWD; export mini_at; ` +
		`export -p > "${TMPDIR:-/tmp}/` + stateFile + `"; } || :; } 2>/dev/null' EXIT; set -x; ` + args[2]}
}

const maxState = 64 << 10 // bytes; a program's argument may have twice as many

// state is a shell program that takes up what the steps' shell left. It was written by the steps, and is run only where they are.
func (r *Room) state() string {
	text := ""
	if r.Left != nil {
		if root, err := os.OpenRoot(filepath.Join(r.dir, "scratch", "tmp")); err == nil {
			b, err := root.ReadFile(stateFile)
			if err == nil && len(b) <= maxState {
				text = strings.ReplaceAll(string(b), r.Left.Was, r.dir) + "\ncd \"$mini_at\"\nunset mini_at\n"
			}
			_ = root.Close()
		}
	}
	text += "unset MAKEFLAGS MFLAGS MAKELEVEL OLDPWD\n" // a jobserver that is gone
	if slices.Contains(r.Node.Tools, "make") && r.jobs > 0 {
		text += fmt.Sprintf("export MAKEFLAGS=-j%d\n", r.jobs)
	}
	return text + "export PS1=" + step.Quote(r.job.ID+":$PWD $ ") + "\n"
}
