package sandbox_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"mini/internal/sandbox"

	"github.com/creack/pty"
)

// TestTerminal has an action talk to a terminal that is its own: it reads from it and writes to it, and what is typed
// there as Ctrl-C interrupts it.
func TestTerminal(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		s, out := script(t, `test -t 0 && test -t 1 && test -t 2; stty size; echo by name >/dev/tty; read line; echo "got $line"; trap 'echo interrupted; exit 7' INT; echo ready; while :; do sleep 1; done`)
		s.Tools = tools(t, "sh", "stty", "sleep")
		s.Mode = mode
		keys, terminal, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer keys.Close()
		if err := pty.Setsize(keys, &pty.Winsize{Rows: 31, Cols: 97}); err != nil {
			t.Fatal(err)
		}
		s.Terminal = terminal
		shown := make(chan string)
		go func() {
			defer close(shown)
			var all strings.Builder
			buf := make([]byte, 1024)
			for {
				n, err := keys.Read(buf)
				all.Write(buf[:n])
				if strings.Contains(all.String(), "ready") && !strings.Contains(all.String(), "^C") {
					io.WriteString(keys, "\x03")
				}
				if err != nil { // EIO: nobody has the other end any more
					shown <- all.String()
					return
				}
			}
		}()
		io.WriteString(keys, "words\n")
		res, err := sandbox.Run(context.Background(), s)
		terminal.Close()
		if err != nil || res.ExitCode != 7 {
			t.Errorf("%+v, %v", res, err)
		}
		text := <-shown
		for _, want := range []string{"31 97", "by name", "got words", "interrupted"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in %q", want, text)
			}
		}
		if out.Len() > 0 {
			t.Errorf("it came out elsewhere as well: %q", out)
		}
	})
}
