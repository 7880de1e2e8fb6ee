package builtins

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"mini/internal/qemu"
	"mini/lang"

	"go.starlark.net/starlark"
)

// connection is a TCP connection to a machine that runs, as the function of a test sees it.
type connection struct {
	vm    *running
	conn  *qemu.Conn
	attrs starlark.StringDict
}

func (v *connection) String() string       { return "the connection" }
func (v *connection) Type() string         { return "connection" }
func (v *connection) Freeze()              {}
func (v *connection) Truth() starlark.Bool { return true }
func (v *connection) Hash() (uint32, error) {
	return 0, fmt.Errorf("%s can't be the key of a dict", v.Type())
}

// Attr implements starlark.HasAttrs.
func (v *connection) Attr(name string) (starlark.Value, error) { return v.attrs[name], nil }

// AttrNames implements starlark.HasAttrs.
func (v *connection) AttrNames() []string { return sortedNames(v.attrs) }

func (v *connection) methods() []*lang.Builtin {
	const group = "Tests"
	return []*lang.Builtin{
		{
			Name: "connection.send", Group: group, Do: v.send,
			Doc:     "Sends a text, as it is.",
			Returns: "the connection, for what is expected then.",
			Example: `vm.connect(7).send("hello\n").expect("hello")`,
			Params:  []lang.Param{{Name: "text", Type: lang.StringType, Doc: "What is sent."}},
		},
		{
			Name: "connection.expect", Group: group, Do: v.expect,
			Doc:     "Waits until the guest has said on the connection what a regular expression matches, and takes the text up to there: the next one looks behind it. The text is byte for byte what came, with the `\\r\\n` of many protocols.",
			Returns: "a list of what it matched: the whole, then its groups.",
			Example: `body = vm.connect(80).send("GET / HTTP/1.0\r\n\r\n").expect(r"(?s)\r\n\r\n(.*</html>)")[1]`,
			Params:  []lang.Param{{Name: "pattern", Type: lang.StringType, Doc: "In the syntax of Go and RE2; `(?s)` lets a dot match ends of lines too."}, withinParam()},
		},
		{
			Name: "connection.close", Group: group, Do: v.close, Returns: "None",
			Doc:     "Ends the connection. At the end of the test all of them are ended.",
			Example: "c = vm.connect(22)\nc.expect(\"SSH-2.0\")\nc.close()",
		},
	}
}

func (v *running) connect(c *lang.Call) (starlark.Value, error) {
	conn, err := v.guest.Connect(c.Int("port"))
	if missing := (*qemu.PortError)(nil); errors.As(err, &missing) {
		return nil, lang.WithHint(c.ArgErrorf("port", "vm.connect: %v", err), fmt.Sprintf("let the machine have it: qemu(…, ports = {8080: %d})", missing.Port))
	}
	if err != nil {
		return nil, err
	}
	to := &connection{vm: v, conn: conn}
	to.attrs = attributes(v.program, to.methods())
	return to, nil
}

func (v *connection) send(c *lang.Call) (starlark.Value, error) {
	return v, v.conn.Send(c.Str("text"))
}

func (v *connection) expect(c *lang.Call) (starlark.Value, error) {
	return expected(c, func(re *regexp.Regexp, within time.Duration) ([]string, error) {
		return v.conn.Expect(v.vm.ctx, re, within)
	})
}

func (v *connection) close(*lang.Call) (starlark.Value, error) {
	v.conn.Close()
	return nil, nil
}
