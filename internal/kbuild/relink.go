package kbuild

import (
	"errors"
	"fmt"
	"path"
	"slices"
)

// A Record is what one more run of make tells, after a single input changed.
type Record struct {
	Input    string              // the file that was changed, below the build directory
	Goals    []string            // what is wanted in the end
	Commands map[string]string   // of the .cmd files that the run wrote
	Needs    map[string][]string // by make --trace
	Changed  []string            // files that are not what they were before
	Calls    []Call              // of the linker
}

// A Rule is one target with what it has to wait for and the command that makes it.
type Rule struct {
	Target  string
	Needs   []string // other rules' targets, or the record's input
	Command string   // as make reads it
}

// Rules are the commands that lead from the input to the goals, each after those it needs. An error says in words why the
// record doesn't tell enough.
//
// A command is not left out because its target came out the same in the record: the addresses behind an initramfs are
// aligned to megabytes, so they stay where they are for one and move for a larger one.
func (r *Record) Rules() ([]Rule, error) {
	if len(r.Changed) == 0 {
		return nil, errors.New("the kernel is not at the path where it was compiled, as in a sandbox it would be")
	}
	t := &tracer{record: r, changed: map[string]bool{r.Input: true}, made: map[string]bool{r.Input: true}, state: map[string]visit{}}
	for _, f := range r.Changed {
		t.changed[path.Clean(f)] = true
	}
	for target, command := range r.Commands {
		t.made[target] = true
		if t.changed[target] && isScript(command) && (len(r.Calls) == 0 || r.linked(target)) {
			t.scripts = append(t.scripts, target)
		}
	}
	for _, goal := range r.Goals {
		if !t.changed[goal] {
			return nil, fmt.Errorf("%s came out the same with another %s", goal, r.Input)
		}
		if _, err := t.trace(goal); err != nil {
			return nil, err
		}
	}
	return t.rules, nil
}

type visit int

const (
	unseen visit = iota
	open         // on the way from a goal to here: to meet it again is a circle
	done
)

// tracer follows needs from the goals down to the input.
type tracer struct {
	record  *Record
	changed map[string]bool
	made    map[string]bool // by a command of the record, to whatever effect
	scripts []string        // changed targets that a script of the kernel's links
	state   map[string]visit
	rules   []Rule
}

// trace adds the rule for a file after the rules that it needs, and returns the rule's target; "" if the input does not
// lead to the file.
func (t *tracer) trace(file string) (string, error) {
	if file == t.record.Input {
		return file, nil
	}
	command := t.record.Commands[file]
	if command == "" { // made on the side, as System.map is beside vmlinux: only a script can be meant
		if len(t.scripts) != 1 {
			return "", fmt.Errorf("no command is known to make %s", file)
		}
		file = t.scripts[0]
		command = t.record.Commands[file]
	}
	switch t.state[file] {
	case done:
		if !t.made[file] {
			return "", nil
		}
		return file, nil
	case open:
		return "", fmt.Errorf("%s is made from itself", file)
	}
	t.state[file] = open
	rule := Rule{Target: file, Command: command}
	for _, need := range t.needs(file) {
		if need == file || !t.made[need] && !t.changed[need] {
			continue
		}
		target, err := t.trace(need)
		if err != nil {
			return "", err
		}
		if target != "" && !slices.Contains(rule.Needs, target) {
			rule.Needs = append(rule.Needs, target)
		}
	}
	t.state[file] = done
	if len(rule.Needs) > 0 {
		t.rules = append(t.rules, rule)
		return file, nil
	}
	if t.changed[file] {
		return "", fmt.Errorf("%s came out different, and nothing it is made from did", file)
	}
	t.made[file] = false // made for reasons that the input has no part in
	return "", nil
}

// needs are the files that a target is made from, as far as they can have changed. make lets a script wait for more than
// it reads (vmlinux for vmlinux.o, which modpost looks at), so the linker's words are better where there are any.
func (t *tracer) needs(target string) []string {
	if !slices.Contains(t.scripts, target) {
		return t.record.Needs[target]
	}
	var words []string
	for _, c := range t.record.inScripts() {
		for _, w := range c.Words {
			words = append(words, path.Clean(w))
		}
	}
	if len(words) == 0 {
		return t.record.Needs[target]
	}
	return slices.DeleteFunc(words, func(w string) bool { return t.byProduct(w) })
}

// byProduct reports whether a changed file is one that a script makes on its way.
func (t *tracer) byProduct(file string) bool {
	return t.changed[file] && file != t.record.Input && t.record.Commands[file] == ""
}

// linked reports whether the linker was asked for a file. A script that packs (scripts/xz_wrap.sh) doesn't ask.
func (r *Record) linked(file string) bool {
	return slices.ContainsFunc(r.Calls, func(c Call) bool { return c.output() == file })
}

// inScripts are the calls of the linker that are no command of make's own.
func (r *Record) inScripts() []Call {
	var calls []Call
	for _, c := range r.Calls {
		out := c.output()
		if command, known := r.Commands[out]; out != "" && (!known || isScript(command)) {
			calls = append(calls, c)
		}
	}
	return calls
}
