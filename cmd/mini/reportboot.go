package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mini/build"
	"mini/builtins"
	"mini/internal/reportpage"
)

// readyInit is the line by which a kernel hands over, with the time that it has been running, and memoryLine the one by which
// it tells what is left beside itself (init/main.c and mm/mm_init.c, in all versions since 2.6).
var (
	readyInit  = regexp.MustCompile(`(?m)^\[ *([0-9]+\.[0-9]+)\](?:\[[^]]*\])? Run (\S+) as init process`)
	memoryLine = regexp.MustCompile(`(?m)^\[ *[0-9]+\.[0-9]+\](?:\[[^]]*\])? Memory: ([0-9]+)[Kk]/([0-9]+)[Kk] available`)
)

// boot is the last boot that is kept, or why there is none.
func (r *reporter) boot() (*reportpage.Boot, string, error) {
	name, file, err := r.findBoot("")
	if usage := (usageError{}); errors.As(err, &usage) {
		if !slices.ContainsFunc(r.targets, func(t target) bool { _, ok := t.value.(*builtins.Machine); return ok }) {
			return nil, "There is no machine in it to boot.", nil
		}
		return nil, fmt.Sprintf("It was not booted yet with these variants and parameters. mini run %s boots it, and then mini report has its log and its times.", r.arguments()), nil
	}
	if err != nil {
		return nil, "", err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, "", err
	}
	kept := timingsOf(file)
	b := &reportpage.Boot{Name: name, Log: consoleText(text), Stages: stagesOf(kept)}
	if info, err := os.Stat(file); err == nil {
		b.When = info.ModTime().Format("15:04 on 2 January 2006")
	}
	ready := readyInit.FindStringSubmatch(b.Log)
	switch {
	case kept.Prompt > 0:
		r.facts = append(r.facts, reportpage.Fact{Name: "Boot to the prompt", Value: shortly(kept.Prompt), Note: acceleratorText(kept.Accel)})
	case ready != nil:
		r.facts = append(r.facts, reportpage.Fact{Name: "Kernel to " + ready[2], Value: guestTime(ready[1]), Note: "by the guest's clock"})
	}
	if len(b.Stages) == 0 {
		b.NoTime = fmt.Sprintf("How long it took is not known: it did not get far enough, or an older mini ran it. mini run %s takes the time.", r.arguments())
	}
	if ready != nil {
		b.Facts = append(b.Facts, reportpage.Fact{Name: "Kernel to " + ready[2], Value: guestTime(ready[1]), Note: "by the guest's clock"})
	}
	if m := memoryLine.FindStringSubmatch(b.Log); m != nil {
		b.Facts = append(b.Facts, memoryFact(kept.Memory, m[1], m[2]))
	}
	b.Facts = append(b.Facts, reportpage.Fact{Name: "Console", Value: fmt.Sprintf("%d lines", strings.Count(b.Log, "\n")), Note: build.FormatSize(int64(len(text)))})
	return b, "", nil
}

// arguments are those of the command line that mean this system.
func (r *reporter) arguments() string {
	return strings.Join(r.script.arguments(r.flags.files), " ")
}

// stagesOf divides a boot as far as it was seen: a silent kernel tells neither when it begins nor when it is done.
func stagesOf(b keptBoot) []reportpage.Stage {
	var all []reportpage.Stage
	whole := max(b.Kernel, b.Init, b.Prompt)
	from := time.Duration(0)
	add := func(name, note string, until time.Duration) {
		if until <= from {
			return
		}
		all = append(all, reportpage.Stage{
			Name: name, Note: note, Took: shortly(until - from), Until: shortly(until),
			From: 100 * float64(from) / float64(whole), Width: max(100*float64(until-from)/float64(whole), 0.3),
		})
		from = until
	}
	firmware := "until the kernel’s first line"
	if how := acceleratorText(b.Accel); how != "" {
		firmware += "; " + how
	}
	add("QEMU, firmware, unpacking", firmware, b.Kernel)
	kernel := "Kernel"
	if b.Kernel == 0 {
		kernel = "All before /init"
	}
	add(kernel, "until it starts /init", b.Init)
	last := "/init"
	if b.Init == 0 {
		last = "The rest"
		if b.Kernel == 0 {
			last = "All, with a silent kernel"
		}
	}
	add(last, "until a shell’s prompt waits", b.Prompt)
	return all
}

func acceleratorText(accel string) string {
	switch accel {
	case "tcg":
		return "emulated"
	case "kvm":
		return "under KVM"
	}
	return ""
}

// memoryFact is what the kernel said of memory, in KiB, beside what the machine had, in MiB.
func memoryFact(given int, left, all string) reportpage.Fact {
	free, _ := strconv.ParseInt(left, 10, 64) // digits by the expression; a number that is too large is the largest
	total, _ := strconv.ParseInt(all, 10, 64)
	size := int64(given) << 20
	if given == 0 {
		size = total << 10
	}
	return reportpage.Fact{Name: "Memory", Value: build.FormatSize(size), Note: build.FormatSize(free<<10) + " left beside the kernel"}
}

// guestTime is a time of a kernel's log, which has microseconds, for people.
func guestTime(text string) string {
	d, err := time.ParseDuration(text + "s")
	if err != nil {
		return text + " s"
	}
	return shortly(d)
}

// shortly is a time in seconds, as a stopwatch has it.
func shortly(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// escapes are what a guest tells a terminal, and no text.
var escapes = regexp.MustCompile(`\x1b(\[[0-9;?]*[ -/]*[@-~]|[()][A-Z0-9]|\][^\x07\x1b]*(\x07|\x1b\\)|[=>78cDEHM])`)

// mostLog is how much of a log a page takes: its beginning and its end.
const mostLog = 256 << 10

func consoleText(b []byte) string {
	if len(b) > mostLog {
		b = append(append(append([]byte{}, b[:mostLog/2]...), "\n… what is here is left out; mini log --boot has it …\n"...), b[len(b)-mostLog/2:]...)
	}
	text := strings.ToValidUTF8(string(b), "\uFFFD")
	return clean(strings.ReplaceAll(escapes.ReplaceAllString(text, ""), "\r", ""))
}
