package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"mini/build"
	"mini/internal/qemu"
)

// report is what `mini test` says at its end.
type report struct {
	Kind   string       `json:"kind"` // "tests"
	Passed int          `json:"passed"`
	Failed int          `json:"failed"`
	Tests  []testReport `json:"tests"`

	script string
	took   time.Duration
	wrong  bool // only scripts were to blame
}

// testReport is one test of one system. Times are from the start of QEMU, and 0 where the stage was not seen.
type testReport struct {
	System   string            `json:"system,omitempty"` // of a matrix
	Variants []string          `json:"variants,omitempty"`
	Params   map[string]string `json:"params,omitempty"`
	Test     string            `json:"test,omitempty"`     // "" when the system could not be built
	Position string            `json:"position,omitempty"` // in the script
	OK       bool              `json:"ok"`
	Verdict  string            `json:"verdict"`
	Message  string            `json:"message,omitempty"`
	KernelMS int64             `json:"kernel_ms"` // its first line
	InitMS   int64             `json:"init_ms"`   // it starts /init
	PromptMS int64             `json:"prompt_ms"` // a shell waits
	Seconds  float64           `json:"seconds"`   // the whole test
	Memory   int               `json:"memory_mib"`
	Image    int64             `json:"image_bytes"` // kernel and initramfs
	Console  string            `json:"console,omitempty"`
	Boot     string            `json:"boot_script,omitempty"`
	Command  string            `json:"command"` // shows this test alone
}

func (s *session) report(rows []*row, boots []*boot, took time.Duration) *report {
	r := &report{Kind: "tests", script: s.script.path, took: took.Round(time.Millisecond), wrong: true}
	for _, b := range boots {
		words := s.flags.words(b.row.script, "")
		t := testReport{System: b.row.title, Variants: b.row.variants, Params: b.row.params, Verdict: b.verdict, OK: b.verdict == passed}
		if b.row.program != nil {
			t.Params = b.row.paramTexts()
		}
		if b.test != nil {
			words = append(words, "--only", b.test.Name)
			t.Test, t.Position = b.test.Name, b.test.Pos.String()
			t.Memory, t.Image, t.Console, t.Boot = b.vm.Memory, b.size, b.log, b.script
			t.KernelMS, t.InitMS, t.PromptMS = b.timings.Kernel.Milliseconds(), b.timings.Init.Milliseconds(), b.timings.Prompt.Milliseconds()
			t.Seconds = b.took.Round(time.Millisecond).Seconds()
		}
		for i, w := range words {
			words[i] = shellWord(w)
		}
		t.Command = strings.Join(words, " ")
		if t.OK {
			r.Passed++
		} else {
			r.Failed++
			t.Message = b.message()
			usage := usageError{}
			r.wrong = r.wrong && b.test == nil && (errors.As(b.err, &usage) || isScriptError(b.err))
		}
		r.Tests = append(r.Tests, t)
	}
	return r
}

// message is why the test failed, and what else is known of its guest.
func (b *boot) message() string {
	text := b.err.Error()
	if b.places != "" {
		text += "\n" + b.places
	}
	if dead := (*qemu.GuestError)(nil); b.trouble != "" && !errors.As(b.err, &dead) {
		text += "\nthe guest's kernel had said: " + b.trouble
	}
	return text
}

// printReport prints the table, or with --json one object, and why tests failed.
func (s *session) printReport(r *report) error {
	if s.flags.json {
		out := json.NewEncoder(s.app.stdout)
		out.SetEscapeHTML(false)
		if err := out.Encode(r); err != nil {
			return err
		}
	} else if err := s.printTests(r); err != nil {
		return err
	}
	for _, t := range r.Tests {
		if t.OK {
			continue
		}
		fmt.Fprintf(s.app.stderr, "\n%s: %s\n%s\n", clean(strings.TrimSpace(t.System+" "+t.Test)), t.Verdict, clean(t.Message))
		if t.Console != "" {
			fmt.Fprintf(s.app.stderr, "the console's log:\n    %s\nto boot this machine by hand:\n    sh %s\n", t.Console, shellWord(t.Boot))
		}
		fmt.Fprintf(s.app.stderr, "to see it alone:\n    %s\n", clean(t.Command))
	}
	switch {
	case r.Failed == 0:
		return nil
	case r.wrong:
		return exitStatus(exitUsage)
	}
	return exitStatus(exitFailed)
}

func (s *session) printTests(r *report) error {
	w := tabwriter.NewWriter(s.app.stdout, 0, 0, 2, ' ', 0)
	system := ""
	if len(s.flags.matrix) > 0 {
		system = "variant\t"
	}
	fmt.Fprintln(w, system+"test\tverdict\tkernel\tinit\tprompt\tmemory\timage")
	for _, t := range r.Tests {
		if system != "" {
			fmt.Fprintf(w, "%s\t", clean(t.System))
		}
		if t.Test == "" {
			fmt.Fprintf(w, "-\t%s\t-\t-\t-\t-\t-\n", t.Verdict)
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d MiB\t%s\n", clean(t.Test), t.Verdict,
			stage(t.KernelMS), stage(t.InitMS), stage(t.PromptMS), t.Memory, build.FormatSize(t.Image))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.app.stdout, "%d passed, %d failed, in %s\n", r.Passed, r.Failed, round(r.took))
	return err
}

func stage(ms int64) string {
	if ms == 0 {
		return "-"
	}
	return fmt.Sprintf("%d ms", ms)
}
