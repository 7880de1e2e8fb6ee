package preflight

import (
	"fmt"
	"slices"
	"strings"
)

// checkPrograms looks at every compiled program: whether the kernel can run it, and whether its libraries are there. The one
// that init comes down to decides whether the machine comes up.
func checkPrograms(b *Boot) []Finding {
	if !b.unpacks() {
		return nil
	}
	var all []Finding
	chain, bad := Start(b.Files, b.initPath())
	if bad == nil {
		all = append(all, b.runs(chain)...)
	}
	others := &programs{lost: map[string][]string{}, foreign: map[string][]string{}}
	for f := range b.Files.All() {
		if f.Type == Regular && f.Mode&0o111 != 0 && !slices.ContainsFunc(chain, func(c File) bool { return c.Path == f.Path }) {
			others.add(b, f)
		}
	}
	return append(all, others.findings(b)...)
}

// runs looks at the chain that the kernel starts as init.
func (b *Boot) runs(chain []File) []Finding {
	var all []Finding
	first, last := chain[0], chain[len(chain)-1]
	kernelFinding := func(symbol, what string, errno int) {
		all = append(all, Finding{
			Severity: Error, Part: InKernel, What: what, Boot: failedInit(b.Files, b.initPath(), errno), Fix: ask([]string{symbol}),
		})
	}
	if len(chain) > 1 && b.Kernel.known() && !b.Kernel.on("BINFMT_SCRIPT") {
		kernelFinding("BINFMT_SCRIPT", fmt.Sprintf("%s is a script, and the kernel runs none: BINFMT_SCRIPT is off", word(first.Path)), noExec)
	}
	program, err := b.Files.Program(last)
	if err != nil || program.ELF == nil {
		return all // Start has said so
	}
	switch symbol, fits := b.Arch.runs(program.ELF); {
	case !fits:
		all = append(all, Finding{
			Severity: Error, Part: InRoot, Path: last.Path,
			What: fmt.Sprintf("%s is a program for %s, and the kernel is for %s", word(last.Path), program.ELF.cpu(), b.Arch.Name),
			Boot: failedInit(b.Files, b.initPath(), noExec), Fix: fmt.Sprintf("build it for %s: arch = %q", b.Arch.Name, b.Arch.Name),
		})
	case b.Kernel.known() && !b.Kernel.on(symbol):
		what := fmt.Sprintf("the kernel runs no compiled programs, and so not %s: %s is off", word(last.Path), symbol)
		if symbol != "BINFMT_ELF" {
			what = fmt.Sprintf("%s is a program for %s, and the kernel for %s runs none: %s is off", word(last.Path), program.ELF.cpu(), b.Arch.Name, symbol)
		}
		kernelFinding(symbol, what, noExec)
	}
	for _, m := range program.ELF.Missing {
		what := fmt.Sprintf("%s needs the library %s, which is not in the root filesystem where its loader looks", word(m.NeededBy), m.Name)
		if elsewhere := findLibrary(b.Files, m.Name); elsewhere != "" && len(m.Skipped) == 0 {
			what += ", but as " + word(elsewhere)
			if hasCache(b.Files) {
				continue // of the loader, which may name that one
			}
		}
		for _, s := range m.Skipped {
			what += "; the loader passes over " + s
		}
		all = append(all, Finding{
			Severity: Error, Part: InRoot, Path: last.Path, What: what,
			Boot: fmt.Sprintf(`"error while loading shared libraries: %s", and the kernel panics: "Attempted to kill init! exitcode=0x00007f00"`, m.Name),
			Fix:  "add libs = elf_deps(…) for the program",
		})
	}
	return all
}

// runs tells which symbol of the kernel's configuration a program takes; false if none would do.
func (a Arch) runs(e *ELF) (symbol string, fits bool) {
	switch {
	case e.Machine == a.Name && e.Bits == a.Bits:
		return "BINFMT_ELF", true
	case a.Name == "x86_64" && e.Machine == "i386":
		return "IA32_EMULATION", true
	case a.Name == "x86_64" && e.Machine == "x86_64": // with 32 bits
		return "X86_X32_ABI", true
	}
	return "", false
}

func (e *ELF) cpu() string {
	if e.Machine == "x86_64" && e.Bits == 32 {
		return "x32"
	}
	return e.Machine
}

// findLibrary looks for a library anywhere in the image.
func findLibrary(files Files, name string) string {
	for f := range files.All() {
		if strings.HasSuffix(f.Path, "/"+name) {
			return f.Path
		}
	}
	return ""
}

// hasCache reports whether the loader has a list of where libraries are, beside its own directories (ld.so(8)).
func hasCache(files Files) bool {
	return reaches(files, "/etc/ld.so.cache")
}

// programs collects what is wrong with those that init doesn't begin with.
type programs struct {
	lost    map[string][]string // programs by the library or loader that they lack
	foreign map[string][]string // by the CPU that they are for
	symbols []string            // that would let the foreign ones run
}

func (p *programs) add(b *Boot, f File) {
	program, err := b.Files.Program(f)
	if err != nil || program.ELF == nil || program.ELF.Interp == "" && !program.ELF.Fixed {
		return
	}
	e := program.ELF
	symbol, fits := b.Arch.runs(e)
	if !fits || symbol != "BINFMT_ELF" && b.Kernel.known() && !b.Kernel.on(symbol) {
		p.foreign[e.cpu()] = append(p.foreign[e.cpu()], f.Path)
		if fits && !slices.Contains(p.symbols, symbol) {
			p.symbols = append(p.symbols, symbol)
		}
		return
	}
	if e.Interp != "" && !reaches(b.Files, e.Interp) {
		p.lost[e.Interp] = append(p.lost[e.Interp], f.Path)
		return
	}
	for _, m := range e.Missing {
		if findLibrary(b.Files, m.Name) == "" || len(m.Skipped) > 0 {
			p.lost[m.Name] = append(p.lost[m.Name], f.Path)
		}
	}
}

func (p *programs) findings(b *Boot) []Finding {
	var all []Finding
	for _, cpu := range sortedKeys(p.foreign) {
		f := Finding{
			Severity: Warning, Part: InRoot, Path: p.foreign[cpu][0],
			What: fmt.Sprintf("%s: for %s, and the kernel for %s runs no such programs", some(p.foreign[cpu]), cpu, b.Arch.Name),
			Boot: `whoever starts one reads "Exec format error"`, Fix: fmt.Sprintf("build them for %s", b.Arch.Name),
		}
		if len(p.symbols) > 0 {
			f.Fix += ", or " + ask(p.symbols)
		}
		all = append(all, f)
	}
	for _, lib := range sortedKeys(p.lost) {
		what, boot := "the library", fmt.Sprintf(`whoever starts one reads "error while loading shared libraries: %s"`, lib)
		if strings.HasPrefix(lib, "/") {
			what, boot = "the loader", `whoever starts one reads "not found"`
		}
		all = append(all, Finding{
			Severity: Warning, Part: InRoot, Path: p.lost[lib][0],
			What: fmt.Sprintf("%s: %s %s is not in the root filesystem", some(p.lost[lib]), what, lib),
			Boot: boot, Fix: "add libs = elf_deps(…) for them",
		})
	}
	return all
}

// some names a few of many.
func some(names []string) string {
	const few = 3
	var words []string
	for _, n := range names[:min(few, len(names))] {
		words = append(words, word(n))
	}
	text := strings.Join(words, ", ")
	if more := len(names) - few; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
