package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Support is what this host allows.
type Support struct {
	Contained Feature // namespaces, mounts in them, and leaving the host's root: what Require needs
	Overlay   Feature // Writable mounts without a copy
	Landlock  Feature // the second wall

	Exact bool // a contained action sees nothing of the host that is hidden from it

	LandlockABI int      // 0 if there is none to use
	Namespaces  []string // the kinds that can be made, e.g. "user", "net"; all of them if Contained is OK
	Partial     []string // protections a contained action would lack, one sentence each
}

// A Feature is there, or not for a reason.
type Feature struct {
	OK  bool
	Why string // why not, and where it is known what to do; empty if OK
}

// Probe finds out what this host allows by trying it, in a directory of its own that it removes. That costs some tens
// of milliseconds: a caller does it once.
func Probe(ctx context.Context) Support {
	var s Support
	abi, err := landlockABI()
	s.LandlockABI, s.Landlock = abi, feature(err)
	s.tryContained(ctx)
	if s.Contained.OK {
		for _, n := range namespaceKinds {
			s.Namespaces = append(s.Namespaces, n.name)
		}
		return s
	}
	s.Overlay = Feature{Why: "it needs a contained action"}
	for _, n := range namespaceKinds {
		if ctx.Err() == nil && canMake(ctx, n.flag) {
			s.Namespaces = append(s.Namespaces, n.name)
		}
	}
	return s
}

func feature(err error) Feature {
	if err != nil {
		return Feature{Why: err.Error()}
	}
	return Feature{OK: true}
}

// tryContained makes a whole sandbox, an overlay included, and runs nothing in it.
func (s *Support) tryContained(ctx context.Context) {
	dir, err := probeDir()
	if err != nil {
		s.Contained = feature(err)
		return
	}
	defer os.RemoveAll(dir)
	o := &order{
		Contained: true, Landlock: true, Probe: true,
		Dir: filepath.Join(dir, "dir"), Scratch: filepath.Join(dir, "scratch"),
		Mounts: []Mount{{Source: filepath.Join(dir, "lower"), Target: "tree", Kind: Writable}},
		Veils:  []veil{{Dir: "/usr", Hidden: []string{"mini-probe"}}}, // it need not be there to be hidden
	}
	p, err := startInit(o, nil)
	if err != nil {
		s.Contained = Feature{Why: explain(err.Error())}
		return
	}
	stop := context.AfterFunc(ctx, p.kill)
	defer stop()
	var told report
	for r := range p.listen() {
		told = r
	}
	died := p.wait()
	p.output.Close()
	tidy(o)
	switch {
	case told.Err != "":
		s.Contained = Feature{Why: explain(told.Err)}
	case !told.Ready:
		s.Contained = Feature{Why: explain(strings.TrimSpace(fmt.Sprintf("its first process ended early: %v %s", died, p.complaint())))}
	default:
		s.Contained = Feature{OK: true}
		s.Overlay = Feature{OK: len(told.Copied) == 0, Why: told.CopyWhy}
		s.Exact, s.Partial = told.Exact, told.Off
	}
}

func probeDir() (string, error) {
	for _, base := range []string{"/var/tmp", "/tmp"} {
		dir, err := os.MkdirTemp(base, "mini-probe-")
		if err != nil {
			continue
		}
		for _, sub := range []string{"dir", "scratch", "lower"} {
			err = errors.Join(err, os.Mkdir(filepath.Join(dir, sub), 0o755))
		}
		return dir, err
	}
	return "", errors.New("neither /var/tmp nor /tmp can be written to")
}

var namespaceKinds = []struct {
	name string
	flag uintptr
}{
	{"user", unix.CLONE_NEWUSER}, {"mount", unix.CLONE_NEWNS}, {"pid", unix.CLONE_NEWPID},
	{"net", unix.CLONE_NEWNET}, {"ipc", unix.CLONE_NEWIPC}, {"uts", unix.CLONE_NEWUTS},
}

// canMake tries one kind of namespace, inside a user namespace, with a process that does nothing.
func canMake(ctx context.Context, flag uintptr) bool {
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Args, cmd.Env, cmd.Dir = []string{initName}, []string{}, "/" // without an order the init just ends
	uids, gids := idMaps()
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWUSER | flag, UidMappings: uids, GidMappings: gids,
	}
	return cmd.Run() == nil
}

// explain adds to an error what is known to forbid namespaces on this host, and how to allow them.
func explain(why string) string {
	for _, k := range []struct{ path, value, hint string }{
		{
			"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
			"AppArmor forbids it to programs without a profile: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
		},
		{
			"/proc/sys/kernel/unprivileged_userns_clone", "0",
			"user namespaces are for root only: sudo sysctl -w kernel.unprivileged_userns_clone=1",
		},
		{
			"/proc/sys/user/max_user_namespaces", "0",
			"user namespaces are switched off: sudo sysctl -w user.max_user_namespaces=10000",
		},
	} {
		if text, err := os.ReadFile(k.path); err == nil && strings.TrimSpace(string(text)) == k.value {
			return why + " (" + k.hint + ")"
		}
	}
	for _, mark := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(mark); err == nil {
			return why + " (this is a container, whose filter may forbid it: --security-opt seccomp=unconfined allows it)"
		}
	}
	return why
}
