package step

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"mini/internal/arch"
	"mini/internal/kconfig"
	"mini/internal/preflight"

	"github.com/spf13/pflag"
)

// PreflightSpec is the name of the file that holds a Machine.
const PreflightSpec = "machine.json"

// Machine is what the step preflight is told. The names of files are relative to the action's root.
type Machine struct {
	Arch     string           `json:"arch"`
	Config   string           `json:"config,omitempty"`      // the kernel's final configuration
	Text     string           `json:"config_text,omitempty"` // or what is in it
	Image    string           `json:"image,omitempty"`       // the kernel's image, if something else makes it
	Archives []MachineArchive `json:"archives,omitempty"`
	Cmdline  string           `json:"cmdline"`
	Memory   int              `json:"memory"` // MiB
	CPUs     int              `json:"cpus"`
	Machine  string           `json:"machine"`
	Network  bool             `json:"network,omitempty"`
	Ports    bool             `json:"ports,omitempty"`
	Args     []string         `json:"args,omitempty"`
}

// MachineArchive is an initramfs: List and Content are what a rootfs consists of, Unpacked and Content what the step initramfs
// found in one that something else packed.
type MachineArchive struct {
	Embedded bool   `json:"embedded,omitempty"`
	Format   string `json:"format,omitempty"`
	List     string `json:"list,omitempty"`
	Unpacked string `json:"unpacked,omitempty"`
	Content  string `json:"content,omitempty"`
	// Paths are those of its files whose place in the script is known.
	Paths []string `json:"paths,omitempty"`
}

// Place is a finding with where the script is to be changed.
type Place struct {
	Pos    string   `json:"pos"`
	Called []string `json:"called,omitempty"` // how the script came there, innermost last
	preflight.Finding
}

// Origin is a place of the script, with the calls that led there.
func Origin(pos string, called []string) string {
	return strings.Join(append([]string{pos}, called...), "\n")
}

// preflightStep looks for what would keep a machine from booting, and fails if it finds that. Warnings go into OUT.
func preflightStep(*pflag.FlagSet) action {
	return func(ctx context.Context, env Env, args []string) error {
		text, err := os.ReadFile(env.path(args[0]))
		if err != nil {
			return err
		}
		report, err := Preflight(ctx, env.path, text, env.Origins)
		if err != nil {
			return err
		}
		var bad, out bytes.Buffer
		for _, f := range report.Found {
			if f.Severity == preflight.Error {
				fmt.Fprintf(&bad, "\n    %s", strings.ReplaceAll(f.String(), "\n", "\n    "))
				continue
			}
			if err := json.NewEncoder(&out).Encode(f.Finding); err != nil { // its place is no part of the key
				return err
			}
			fmt.Fprintln(env.Log, f.Text())
		}
		if bad.Len() > 0 {
			return errors.New("it would not boot" + bad.String())
		}
		return os.WriteFile(env.path(args[1]), out.Bytes(), 0o644)
	}
}

// String is a finding as people read it.
func (p Place) String() string {
	if p.Pos == "" {
		return p.Text()
	}
	return p.Pos + ": " + p.Text()
}

// Text is what the finding says, and how the script came to its place.
func (p Place) Text() string {
	text := p.Finding.Text()
	if len(p.Called) > 0 {
		text += "\n  called on the way here:\n      " + strings.Join(p.Called, "\n      ")
	}
	return text
}

// Report is what came of looking at a machine.
type Report struct {
	Found   []Place
	Unknown []string // what could not be looked at
}

// Preflight looks at the machine that a text describes. at finds the files that it names, "" for those that nobody has made.
// Origins are places in the script, as Origin has them: of the machine, of its kernel, and of each archive, behind which are those of
// its Paths.
func Preflight(ctx context.Context, at func(name string) string, text []byte, origins []string) (*Report, error) {
	var m Machine
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", PreflightSpec, err)
	}
	b, l, err := m.boot(ctx, at)
	if err != nil {
		return nil, err
	}
	r := &Report{}
	switch {
	case b.Kernel.Config != nil:
	case b.Kernel.Head != nil:
		r.Unknown = append(r.Unknown, "the kernel's configuration (its image holds none; qemu(…, config = …) names one)")
	default:
		r.Unknown = append(r.Unknown, "the kernel's configuration")
	}
	if b.Files == nil {
		r.Unknown = append(r.Unknown, "what is in the initramfs"+*l.unknown)
	}
	for _, f := range preflight.Check(b) {
		at := strings.Split(m.place(f, l, origins), "\n")
		r.Found = append(r.Found, Place{at[0], at[1:], f})
	}
	return r, nil
}

// place finds the call of the script that a finding is about.
func (m *Machine) place(f preflight.Finding, l *layers, origins []string) string {
	var candidates []int // of origins, the best first
	switch f.Part {
	case preflight.InKernel:
		candidates = []int{1}
	case preflight.InRoot:
		from, known := l.from[f.Path]
		if !known {
			from = len(m.Archives) - 1
		}
		at := 2
		for i, a := range m.Archives {
			if i == from {
				if p := slices.Index(a.Paths, f.Path); p >= 0 {
					candidates = append(candidates, at+1+p)
				}
				candidates = append(candidates, at)
			}
			at += 1 + len(a.Paths)
		}
	}
	for _, i := range append(candidates, 0) {
		if i < len(origins) && origins[i] != "" {
			return origins[i]
		}
	}
	return ""
}

// boot reads what the machine consists of.
func (m *Machine) boot(ctx context.Context, at func(string) string) (b *preflight.Boot, l *layers, err error) {
	a, ok := arch.Get(m.Arch)
	if !ok {
		return nil, nil, fmt.Errorf("%s: there is no architecture %q", PreflightSpec, m.Arch)
	}
	b = &preflight.Boot{
		Arch: preflight.Arch{Name: a.ELF, Bits: a.Bits, Console: a.Console}, Cmdline: m.Cmdline, Memory: int64(m.Memory) << 20, CPUs: m.CPUs,
		Machine: m.Machine, Network: m.Network, Ports: m.Ports, Args: m.Args,
	}
	if m.Image != "" && at(m.Image) != "" {
		if b.Kernel.Head, err = headOf(at(m.Image)); err != nil {
			return nil, nil, err
		}
	}
	if b.Kernel.Config, err = m.symbols(ctx, at); err != nil {
		return nil, nil, err
	}
	l = newLayers()
	if m.Image != "" && b.Kernel.Config["INITRAMFS_SOURCE"] != "" {
		l.hide(" (the kernel's image carries one that nobody looks into)")
		l.archives = append(l.archives, preflight.Archive{Embedded: true})
	}
	for i, one := range m.Archives {
		if err := l.add(i, one, at); err != nil {
			return nil, nil, err
		}
	}
	if l.unknown == nil {
		b.Files = l.files()
	}
	b.Archive, b.Dropped = l.archives, l.dropped
	return b, l, nil
}

// symbols are the kernel's configuration: what the script says of it, or what the image holds. nil if nobody knows.
func (m *Machine) symbols(ctx context.Context, at func(string) string) (map[string]string, error) {
	switch {
	case m.Text != "":
		return readSymbols([]byte(m.Text))
	case m.Config != "" && at(m.Config) != "":
		text, err := os.ReadFile(at(m.Config))
		if err != nil {
			return nil, err
		}
		return readSymbols(text)
	case m.Image != "" && at(m.Image) != "":
		text, err := heldConfig(ctx, at(m.Image))
		if text == nil || err != nil {
			return nil, err
		}
		found, err := readSymbols(text)
		if err != nil {
			return nil, nil // it only looked like one
		}
		return found, nil
	}
	return nil, nil
}

func readSymbols(text []byte) (map[string]string, error) {
	final, err := kconfig.ParseConfig("config", text)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, s := range final.Symbols() {
		if v, _ := final.Get(s); v != kconfig.Bool(false) {
			all[s] = v.Text()
		}
	}
	return all, nil
}

// headOf reads what an image says of itself in its first KiB.
func headOf(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 1024))
}
