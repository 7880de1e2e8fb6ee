package qemu

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// monitor is a connection, QEMU's descriptor 4, on which it is asked for the ports that it chose, and the arguments for that;
// nothing where no port is left to it.
func (m Machine) monitor() (near, far *os.File, args []string, err error) {
	if !slices.ContainsFunc(m.Forwards, func(f Forward) bool { return f.Host == 0 }) {
		return nil, nil, nil, nil
	}
	near, far, err = socketPair("monitor")
	return near, far, []string{"-chardev", "socket,id=forwards,fd=4", "-mon", "chardev=forwards,mode=control"}, err
}

// chosen are the ports of the host that QEMU chose for forwards which leave that to it. To look for a free one before would be
// a mistake: until QEMU has it somebody else may have taken it, and then a test would talk to a stranger.
type chosen struct {
	file *os.File      // the near end of QEMU's monitor; nil if there is nothing to ask
	done chan struct{} // closed when QEMU has told, or will not
	of   map[int]int   // by the guest's port; read it only after done
}

func newChosen(file *os.File) *chosen {
	c := &chosen{file: file, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.of = askForwards(file) // why a QEMU doesn't answer, its console says
	}()
	return c
}

// close is called when the machine is off.
func (c *chosen) close() {
	c.file.Close()
	<-c.done
}

// port is the host's port that leads to one of the guest, as soon as that is known.
func (c *chosen) port(guest int) (host int, known bool) {
	select {
	case <-c.done:
		host, known = c.of[guest]
	default:
	}
	return host, known
}

// askForwards asks a QEMU, by the QEMU Machine Protocol, what leads to the guest.
func askForwards(monitor io.ReadWriter) map[int]int {
	answers := bufio.NewReader(monitor)
	for _, question := range []string{
		`{"execute":"qmp_capabilities"}`,
		`{"execute":"human-monitor-command","arguments":{"command-line":"info usernet"}}`,
	} {
		if _, err := io.WriteString(monitor, question+"\n"); err != nil {
			return nil
		}
	}
	for {
		line, err := answers.ReadBytes('\n')
		if err != nil {
			return nil
		}
		// Besides answers there are a greeting and events; the answer to the first question is an object.
		var answer struct{ Return json.RawMessage }
		var text string
		if json.Unmarshal(line, &answer) == nil && json.Unmarshal(answer.Return, &text) == nil {
			return parseForwards(text)
		}
	}
}

// parseForwards reads what QEMU tells of its networks: a line for each connection, below one that names the network.
//
//	Hub -1 (net0):
//	  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
//	  TCP[HOST_FORWARD]   9       127.0.0.1 43743       10.0.2.15    80     0     0
func parseForwards(text string) map[int]int {
	of := map[int]int{}
	ours := false // and not a network of the user's own
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "Hub ") {
			ours = strings.Contains(line, "("+network+")")
		}
		fields := strings.Fields(line)
		if !ours || len(fields) < 6 || fields[0] != "TCP[HOST_FORWARD]" {
			continue
		}
		host, err := strconv.Atoi(fields[3])
		guest, err2 := strconv.Atoi(fields[5])
		if err == nil && err2 == nil {
			of[guest] = host
		}
	}
	return of
}
