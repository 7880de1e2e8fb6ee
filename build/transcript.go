package build

import (
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"mini/build/step"
)

// Transcript writes a graph as a shell program that does by hand what the engine does: a directory for each node,
// its inputs laid out, its steps. It needs mini itself on the PATH for the steps that mini does.
func Transcript(g *Graph) string {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n# Run in an empty directory.\nset -ex\n")
	b.WriteString("export MAKEFLAGS=\"${MAKEFLAGS--j$(nproc)}\"\n")
	for _, kv := range sorted(fixedEnv) {
		fmt.Fprintf(&b, "export %s\n", step.Quote(kv))
	}
	for _, n := range g.Nodes {
		writeNode(&b, g, n)
	}
	return b.String()
}

func writeNode(b *strings.Builder, g *Graph, n *Node) {
	id := g.ID(n)
	fmt.Fprintf(b, "\n### %s", n.Title)
	if n.Pos != "" {
		fmt.Fprintf(b, " (%s)", n.Pos)
	}
	fmt.Fprintf(b, "\nmkdir %s && cd %s\n", step.Quote(id), step.Quote(id))
	if n.Fetch != nil {
		b.WriteString(fetchLine(n.Fetch) + "\n")
	}
	made := map[string]bool{".": true}
	for _, in := range n.Inputs {
		if dir := path.Dir(in.Path); !made[dir] {
			made[dir] = true
			fmt.Fprintf(b, "mkdir -p %s\n", step.Quote(dir))
		}
		b.WriteString(inputLine(g, in) + "\n")
		if in.Exec && in.Data != nil {
			fmt.Fprintf(b, "chmod +x %s\n", step.Quote(in.Path))
		}
	}
	if len(n.Env) == 0 {
		for _, s := range n.Steps {
			b.WriteString(s + "\n")
		}
	} else { // in a subshell, so that the settings end with the node
		b.WriteString("(\n")
		for _, kv := range sorted(n.Env) {
			name, value, _ := strings.Cut(kv, "=")
			fmt.Fprintf(b, "export %s=%s\n", name, step.Quote(value))
		}
		for _, s := range n.Steps {
			b.WriteString(s + "\n")
		}
		b.WriteString(")\n")
	}
	b.WriteString("cd ..\n")
}

func fetchLine(f *Fetch) string {
	if f.SHA256 == "" {
		return fmt.Sprintf("echo %s >&2; exit 1", step.Quote("first find out which bytes "+f.Unresolved+" is: mini build"))
	}
	args := []string{"--sha256", f.SHA256}
	if f.From != "" {
		args = append(args, "--name", f.Name, "--version", f.Version, "--from", f.From)
	}
	return step.Line("fetch", append(append(args, f.File), f.URLs...)...)
}

// inputLine lays one input into the node's directory. Trees that are only read are linked; what a step may write to is
// copied, with its times, by which make decides.
func inputLine(g *Graph, in Input) string {
	to := step.Quote(in.Path)
	up := strings.Repeat("../", strings.Count(in.Path, "/"))
	switch {
	case in.From != nil:
		from := path.Join("..", g.ID(in.From.Node), in.From.Output, in.From.Sub)
		if in.Mode == ReadOnly {
			return fmt.Sprintf("ln -s %s %s", step.Quote(up+from), to)
		}
		return fmt.Sprintf("cp -a %s %s", step.Quote(from), to)
	case in.Host != "":
		return fmt.Sprintf("cp -L %s %s", step.Quote(in.Host), to)
	case utf8.Valid(in.Data) && strings.HasSuffix(string(in.Data), "\n") && !strings.Contains(string(in.Data), "\nEND\n") && !strings.HasPrefix(string(in.Data), "END\n"):
		return fmt.Sprintf("cat > %s <<'END'\n%sEND", to, in.Data)
	}
	return fmt.Sprintf("printf %%b %s > %s", step.Quote(octal(in.Data)), to)
}

// octal writes bytes as printf's %b reads them.
func octal(data []byte) string {
	var b strings.Builder
	for _, c := range data {
		if c < ' ' || c > '~' || c == '\\' {
			fmt.Fprintf(&b, `\0%03o`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
