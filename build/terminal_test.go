package build

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// TestAtTerminal lets somebody answer a step. What it reads from is built; what it makes comes back and is kept nowhere.
func TestAtTerminal(t *testing.T) {
	e, counted := newEngine(t, t.TempDir())
	e.Executor = counted.Executor
	tree, _ := chain("hi\n")
	n := shellNode("asks", `read answer
cat t/bin/real > out
echo "$answer in $TERM" >> out`, []string{"out"})
	n.Tools = append(n.Tools, "cat")
	n.Inputs = []Input{{Path: "t", From: &Artifact{Node: tree, Output: "out"}}}
	answer := func(word string) (text string, built int, err error) {
		keys, terminal, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer keys.Close()
		defer terminal.Close()
		go func() {
			shown := bufio.NewReader(keys)
			for line, err := "", error(nil); err == nil && !strings.Contains(line, "read"); {
				line, err = shown.ReadString('\n') // the shell says what it does, and then has the terminal
			}
			io.WriteString(keys, word+"\n")
			io.Copy(io.Discard, shown)
		}()
		run := e.NewRun(NewGraph([]*Node{n}))
		texts, err := run.AtTerminal(context.Background(), n, terminal, []string{"TERM=vt100"})
		_, built = run.Count()
		return string(texts["out"]), built, err
	}
	for i, word := range []string{"yes", "no"} {
		got, built, err := answer(word)
		if err != nil || got != "hi\n"+word+" in vt100\n" || built != 1-i {
			t.Errorf("%q, %d built, %v", got, built, err)
		}
	}
	n.Steps = []string{"read answer"}
	if _, _, err := answer("\x03"); !errors.Is(err, ErrLeft) {
		t.Errorf("Ctrl-C: %v", err)
	}
	n.Steps = []string{"exit 3"}
	if _, _, err := answer(""); err == nil || !strings.Contains(err.Error(), "asks: it ended with exit code 3") {
		t.Errorf("a step that fails: %v", err)
	}
}
