package lang_test

import (
	"context"
	"errors"
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
// github.com/bazelbuild/starlark, as mini runs scripts. MINI_CONFORMANCE names the folder. The
// suite knows the words of three implementations; where mini tells an error in its own, the interpreter's error below it
// must be the one that is expected.
func TestConformance(t *testing.T) {
	dir := os.Getenv("MINI_CONFORMANCE")
	if dir == "" {
		t.Skip("MINI_CONFORMANCE names no folder")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.star"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no scripts in %s (%v)", dir, err)
	}
	passed, reworded, failed := 0, 0, 0
	for _, file := range files {
		name, _ := filepath.Rel(dir, file)
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range conformanceChunks(string(src)) {
			problem, own := c.run()
			switch {
			case problem != "":
				failed++
				t.Errorf("%s:%d: %s", name, c.line, problem)
			case own:
				reworded++
			default:
				passed++
			}
		}
	}
	t.Logf("of %d chunks in %d files %d pass, %d pass with an error in mini's words, %d fail",
		passed+reworded+failed, len(files), passed, reworded, failed)
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

// run returns what is wrong, "" if nothing is, and whether mini has words of its own for the error.
func (c chunk) run() (problem string, own bool) {
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
			return fmt.Sprintf("an error, and none is expected: %v", err), false
		}
		return strings.Join(failures, "; "), false
	}
	if err == nil {
		return fmt.Sprintf("no error, and %q is expected (%s)", c.want, strings.Join(failures, "; ")), false
	}
	below := ""
	if eval := (*starlark.EvalError)(nil); errors.As(err, &eval) {
		below = eval.Backtrace()
	}
	for _, want := range c.want {
		switch {
		case tells(err.Error(), want):
		case tells(below, want):
			own = true
		default:
			return fmt.Sprintf("the error %q is expected, and it is: %v", want, err), false
		}
	}
	return "", own
}

func tells(text, want string) bool {
	text, want = strings.ToLower(text), strings.ToLower(want)
	if strings.Contains(text, want) {
		return true
	}
	re, err := regexp.Compile(want)
	return err == nil && re.MatchString(text)
}
