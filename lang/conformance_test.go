package lang_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.starlark.net/starlark"

	"mini/lang"
)

// TestConformance runs the Starlark language's own conformance suite, the folder test_suite/testdata of
// github.com/bazelbuild/starlark, as mini runs scripts. MINI_CONFORMANCE names the folder; -v lists what differs. What differs
// on purpose has its reason in deviations, and everything else fails.
func TestConformance(t *testing.T) {
	dir := os.Getenv("MINI_CONFORMANCE")
	if dir == "" {
		t.Skip("MINI_CONFORMANCE names no folder")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.star"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no scripts in %s (%v)", dir, err)
	}
	passed, deviating, failed := 0, map[string]int{}, 0
	for _, file := range files {
		name, _ := filepath.Rel(dir, file)
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range conformanceChunks(string(src)) {
			problem := c.run()
			if problem == "" {
				passed++
				continue
			}
			reason := deviation(problem)
			if reason == "" {
				failed++
				t.Errorf("%s:%d: %s", name, c.line, problem)
				continue
			}
			deviating[reason]++
			t.Logf("%s:%d: %s (%s)", name, c.line, problem, reason)
		}
	}
	t.Logf("%d chunks in %d files pass, %d fail", passed, len(files), failed)
	for reason, n := range deviating {
		t.Logf("%d differ: %s", n, reason)
	}
}

// deviations are found by what is told. The suite knows the words of three implementations, and mini tells the same errors in
// its own.
var deviations = []struct{ pattern, reason string }{
	{`"\(referenced before assignment\|.* has no value here`, "an error in mini's words"},
	{`"\(invalid call of non-function\|.* this can't be called`, "an error in mini's words"},
	{`"error in sorted" .* (sorted: for parameter|< \w+ not implemented)`, "an error in mini's words"},
	{`"\(missing 1 .* missing mm`, "an error in mini's words"},
	{`"multiple values" .* is given twice`, "an error in mini's words"},
}

func deviation(problem string) string {
	for _, d := range deviations {
		if regexp.MustCompile(d.pattern).MatchString(problem) {
			return d.reason
		}
	}
	return ""
}

// chunk is a part of a file of the suite, which runs by itself, with the errors that it should have.
type chunk struct {
	code string
	line int
	want []string
}

// wanted is "code ### error" or, for some of the implementations, "code ### go: error".
var wanted = regexp.MustCompile(`^(.*?) *### *(?:(go|java|rust):)? *(.*)$`)

func conformanceChunks(src string) []chunk {
	var chunks []chunk
	c := chunk{line: 1}
	for i, line := range strings.Split(src, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if line == "---" {
			chunks = append(chunks, c)
			c = chunk{line: i + 2}
			continue
		}
		if m := wanted.FindStringSubmatch(line); m != nil {
			if m[2] == "" || m[2] == "go" {
				c.want = append(c.want, m[3])
			}
			line = m[1]
		}
		c.code += line + "\n"
	}
	return append(chunks, c)
}

// run returns what is wrong, "" if nothing is.
func (c chunk) run() string {
	var failures []string
	check := func(name string, holds func(x, y starlark.Value) (bool, error)) *starlark.Builtin {
		return starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			args = append(args, starlark.None)
			ok, err := holds(args[0], args[1])
			if err != nil {
				return nil, err
			}
			if !ok {
				failures = append(failures, fmt.Sprintf("%s(%s, %s) fails", name, args[0], args[1]))
			}
			return starlark.None, nil
		})
	}
	not := func(x, y starlark.Value) (bool, error) {
		equal, err := starlark.Equal(x, y)
		return !equal, err
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	_, err := lang.Run(ctx, "main.star", []byte(c.code), lang.Options{Globals: starlark.StringDict{
		"assert_eq": check("assert_eq", starlark.Equal),
		"assert_ne": check("assert_ne", not),
		"assert_":   check("assert_", func(x, _ starlark.Value) (bool, error) { return bool(x.Truth()), nil }),
	}})
	if len(c.want) == 0 {
		if err != nil {
			return fmt.Sprintf("an error, and none is expected: %v", err)
		}
		return strings.Join(failures, "; ")
	}
	if err == nil {
		return fmt.Sprintf("no error, and %q is expected (%s)", c.want, strings.Join(failures, "; "))
	}
	text := strings.ToLower(err.Error())
	for _, want := range c.want {
		want = strings.ToLower(want)
		if re, bad := regexp.Compile(want); !strings.Contains(text, want) && (bad != nil || !re.MatchString(text)) {
			return fmt.Sprintf("the error %q is expected, and it is: %v", want, err)
		}
	}
	return ""
}
