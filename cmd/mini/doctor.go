package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"mini/build"
	"mini/builtins"
	"mini/internal/arch"
	"mini/internal/hosttools"

	"github.com/spf13/pflag"
	"golang.org/x/term"
)

const doctorHelp = `Says which programs and headers of this machine a script needs and which of them are missing, with the packages that
bring them, and which are older than a kernel says it needs. With --install they are installed by the machine's own package
manager, after asking. Then come the known breakages of sources (quirks) that mini works around, and whether they show on
this machine. With --matrix it looks at all systems together. Without a script it looks at what every script needs that
builds a kernel and BusyBox for this machine.`

func (a *app) doctorCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := a.commonFlags(f)
	c.selectFlags(f)
	install := f.Bool("install", false, "install what is missing")
	yes := f.Bool("yes", false, "don't ask before installing")
	return func(ctx context.Context, args []string) error {
		d, err := a.diagnose(ctx, c, args)
		if err != nil {
			return err
		}
		needs, wanted := d.needs, d.wanted
		host := a.hostTools()
		missing, old := host.Check(ctx, needs), host.TooOld(ctx, wanted)
		if len(missing) == 0 && len(old) == 0 {
			fmt.Fprintf(a.stdout, "all %d programs and headers are here\n", distinct(needs))
			a.suggest(ctx, host)
			a.printQuirks(ctx, d)
			return nil
		}
		manager, known := host.Manager()
		fmt.Fprint(a.stdout, hosttools.Report(missing, manager, known, os.Geteuid() == 0), hosttools.ReportOld(old))
		if !*install || len(missing) == 0 {
			return exitStatus(exitFailed)
		}
		if !known {
			return fmt.Errorf("mini: this machine's package manager is not one that mini knows; install the programs by hand")
		}
		return a.install(ctx, host, needs, missing, manager, *yes)
	}
}

func (a *app) install(ctx context.Context, host hosttools.Host, needs []hosttools.Need, missing []hosttools.Missing, manager hosttools.Manager, yes bool) error {
	commands := hosttools.InstallCommands(missing, manager, os.Geteuid() == 0)
	if len(commands) == 0 {
		return fmt.Errorf("mini: no package of this distribution brings what is missing")
	}
	if !yes && !a.confirm(commands) {
		return fmt.Errorf("mini: nothing was installed")
	}
	for _, argv := range commands {
		fmt.Fprintf(a.stderr, "+ %s\n", strings.Join(argv, " "))
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = a.stdin, a.stderr, a.stderr
		cmd.Env = append(append([]string{}, a.environ...), "DEBIAN_FRONTEND=noninteractive")
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("mini: %s: %w", strings.Join(argv, " "), err)
		}
	}
	if left := host.Check(ctx, needs); len(left) > 0 {
		fmt.Fprint(a.stdout, hosttools.Report(left, manager, true, os.Geteuid() == 0))
		return exitStatus(exitFailed)
	}
	fmt.Fprintf(a.stdout, "all %d programs and headers are here now\n", distinct(needs))
	return nil
}

// suggest names what nothing needs and would be good to have.
func (a *app) suggest(ctx context.Context, host hosttools.Host) {
	if _, err := exec.LookPath("ccache"); err != nil {
		fmt.Fprintln(a.stdout, "optional: ccache with --ccache=auto, would make it quicker to build a kernel again after a change of its configuration")
	}
	if missing := host.Check(ctx, []hosttools.Need{{Name: "header:ncurses.h"}}); len(missing) > 0 {
		from := ""
		if missing[0].Package != "" {
			from = " (" + missing[0].Package + ")"
		}
		fmt.Fprintf(a.stdout, "optional: the headers of ncurses%s, for mini menuconfig\n", from)
	}
}

func distinct(needs []hosttools.Need) int {
	names := map[string]bool{}
	for _, n := range needs {
		names[n.Name] = true
	}
	return len(names)
}

func (a *app) confirm(commands [][]string) bool {
	if !term.IsTerminal(int(a.stdin.Fd())) {
		fmt.Fprintln(a.stderr, "mini: there is no terminal to ask on; say --yes to install")
		return false
	}
	for _, argv := range commands {
		fmt.Fprintf(a.stderr, "  %s\n", strings.Join(argv, " "))
	}
	fmt.Fprint(a.stderr, "run this? [y/N] ")
	answer, _ := bufio.NewReader(a.stdin).ReadString('\n')
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}

// hostTools looks at this machine.
func (a *app) hostTools() hosttools.Host {
	text, _ := os.ReadFile("/etc/os-release") // without it the package manager is not known, and said so
	return hosttools.Host{
		OSRelease: hosttools.ParseOSRelease(text),
		LookPath:  lookTool,
		HasHeader: a.hasHeader, Says: a.says,
	}
}

// hasHeader asks the compiler that builds programs for this machine.
func (a *app) hasHeader(ctx context.Context, header string) bool {
	cmd := exec.CommandContext(ctx, "gcc", "-E", "-x", "c", "-o", os.DevNull, "-")
	cmd.Stdin = strings.NewReader("#include <" + header + ">\n")
	cmd.Env = a.toolEnv()
	return cmd.Run() == nil
}

// diagnosis is what a script needs.
type diagnosis struct {
	script *script
	needs  []hosttools.Need
	wanted []hosttools.Wanted
	nodes  []*build.Node
}

// diagnose lists what a script needs, or what any script is likely to.
func (a *app) diagnose(ctx context.Context, c *common, args []string) (*diagnosis, error) {
	if len(args) == 0 {
		return a.usualNeeds(ctx, &c.loading)
	}
	rows, err := a.rows(ctx, &c.selection, args)
	if err != nil {
		return nil, err
	}
	targets := targetsOf(rows)
	graph := build.NewGraph(roots(targets))
	where := func(*build.Artifact) string { return "" }
	if s, err := a.session(ctx, c, args, rows[0].script); err == nil { // else nothing is known of the sources
		defer s.close()
		if plan, err := s.engine.Plan(ctx, graph, roots(targets)); err == nil { // a program may be missing
			where = s.unpacked(plan)
		}
	}
	d := &diagnosis{rows[0].script, needs(targets, true), wantedVersions(graph.Nodes, where), graph.Nodes}
	return d, a.failures(&c.selection, rows, nil)
}

// usualNeeds are those of a script that builds for this machine's own CPU.
func (a *app) usualNeeds(ctx context.Context, l *loading) (*diagnosis, error) {
	name, _ := arch.Host(runtime.GOARCH)
	s := &script{path: "mini doctor", params: map[string]string{}, loading: l}
	const text = `vm = qemu(kernel("newest", initramfs = rootfs(busybox("newest"))))`
	if err := a.evaluateText(ctx, s, []byte(text)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	nodes := build.NewGraph(roots(s.all())).Nodes
	return &diagnosis{s, needs(s.all(), true), wantedVersions(nodes, func(*build.Artifact) string { return "" }), nodes}, nil
}

// needs lists the programs that the targets' steps call and, if asked, the headers that they include.
func needs(targets []target, headers bool) []hosttools.Need {
	var list []hosttools.Need
	for _, n := range build.NewGraph(roots(targets)).Nodes {
		for _, tool := range n.Tools {
			list = append(list, hosttools.Need{Name: tool, Why: n.Title})
		}
		if headers {
			list = append(list, headersOf(n)...)
		}
	}
	for _, t := range targets {
		if m, ok := t.value.(*builtins.Machine); ok {
			list = append(list, hosttools.Need{Name: m.Arch.QEMU, Why: t.name})
		}
	}
	return list
}

// headersOf lists what a node's programs include of the host's libraries.
func headersOf(n *build.Node) []hosttools.Need {
	var list []hosttools.Need
	for _, l := range n.Libraries {
		for _, h := range l.Headers {
			if !l.Optional {
				list = append(list, hosttools.Need{Name: "header:" + h, Why: n.Title})
			}
		}
	}
	return list
}

// checkHost says what is missing before anything is downloaded. Headers cost a run of the compiler, so they are looked
// at only when something that needs them is not in the cache.
// The graph is of the targets; what a plan of it finds is s.known from then on.
func (s *session) checkHost(ctx context.Context, targets []target, graph *build.Graph, more []string) error {
	list := needs(targets, false)
	for _, name := range more {
		list = append(list, hosttools.Need{Name: name, Why: "to boot the machine"})
	}
	host := s.app.hostTools()
	missing := host.Check(ctx, list)
	if len(missing) == 0 {
		headers, err := s.missingHeaders(ctx, host, targets, graph)
		if err != nil {
			return err
		}
		missing = headers
	}
	if len(missing) == 0 {
		return s.checkVersions(ctx, host)
	}
	manager, known := host.Manager()
	return fmt.Errorf("mini: %s\nor let mini do it: mini doctor --install %s", strings.TrimSpace(
		hosttools.Report(missing, manager, known, os.Geteuid() == 0)), s.flags.again(s.args))
}

func (s *session) missingHeaders(ctx context.Context, host hosttools.Host, targets []target, graph *build.Graph) ([]hosttools.Missing, error) {
	s.graph, s.known = graph, nil
	plan, err := s.planned(ctx, roots(targets))
	if err != nil {
		return nil, err
	}
	var list []hosttools.Need
	for _, p := range plan {
		if p.Status == build.StatusHit {
			continue
		}
		list = append(list, headersOf(p.Node)...)
	}
	return host.Check(ctx, list), nil
}
