package builtins

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"mini/internal/qemu"
	"mini/lang"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// running is a machine that runs, as the function of a test sees it.
type running struct {
	ctx     context.Context
	program *lang.Program
	guest   *qemu.Guest
	attrs   starlark.StringDict
}

// Running makes the value that a test is called with. Its methods do what they say, and fail when ctx ends.
func Running(ctx context.Context, p *lang.Program, g *qemu.Guest) starlark.Value {
	v := &running{ctx: ctx, program: p, guest: g}
	v.attrs = attributes(p, v.methods())
	return v
}

// attributes are methods as the attributes of a value. What is before the dot in their names is for the docs.
func attributes(p *lang.Program, methods []*lang.Builtin) starlark.StringDict {
	attrs := starlark.StringDict{}
	for _, m := range methods {
		_, name, _ := strings.Cut(m.Name, ".")
		attrs[name] = p.Method(m)
	}
	return attrs
}

// Methods describes what a running machine has, and a connection to it, to be read and not to be called.
func Methods() []*lang.Builtin { return append(new(running).methods(), new(connection).methods()...) }

func (v *running) String() string       { return "the running machine" }
func (v *running) Type() string         { return "running machine" }
func (v *running) Freeze()              {}
func (v *running) Truth() starlark.Bool { return true }
func (v *running) Hash() (uint32, error) {
	return 0, fmt.Errorf("%s can't be the key of a dict", v.Type())
}

// Attr implements starlark.HasAttrs.
func (v *running) Attr(name string) (starlark.Value, error) { return v.attrs[name], nil }

// AttrNames implements starlark.HasAttrs.
func (v *running) AttrNames() []string { return sortedNames(v.attrs) }

func withinParam() lang.Param {
	return lang.Param{
		Name: "within", Type: lang.Union(lang.IntType, lang.StringType), Default: starlark.None, Named: true,
		Doc: "How long that may take: seconds, or a text such as \"90s\". When not given, the limits of the test hold.",
	}
}

func (v *running) methods() []*lang.Builtin {
	const group = "Tests"
	within := withinParam()
	message := lang.Param{Name: "message", Type: lang.StringType, Default: starlark.String(""), Doc: "What is said when it fails."}
	return []*lang.Builtin{
		{
			Name: "vm.expect", Group: group, Do: v.expect,
			Doc:     "Waits until the console shows what a regular expression matches, and takes the text up to there: the next one looks behind it. Lines end in `\\n`, and what only moves the cursor or colours text is left out.",
			Returns: "a list of what it matched: the whole, then its groups.",
			Example: `version = vm.expect(r"Linux version (\S+)", within = "30s")[1]`,
			Params:  []lang.Param{{Name: "pattern", Type: lang.StringType, Doc: "In the syntax of Go and RE2; `(?m)` lets ^ and $ match at lines."}, within},
		},
		{
			Name: "vm.send", Group: group, Do: v.send, Returns: "None",
			Doc:     "Types a text at the console, as it is. What the console said before is not looked at any more.",
			Example: `vm.send("root\n")`,
			Params:  []lang.Param{{Name: "text", Type: lang.StringType, Doc: "With a `\\n` for each Enter."}},
		},
		{
			Name: "vm.run", Group: group, Do: v.run,
			Doc:     "Runs a line of shell in the guest, when its console is at a prompt, and waits for its end. It runs in a shell of its own behind a second serial port, so the console stays as it was. In the image it takes no more than `sh`.",
			Returns: "a value with `output`, what it printed on both outputs, and `code`, its exit code.",
			Example: `vm.equal(vm.run("uname -m").output, "x86_64\n")`,
			Params:  []lang.Param{{Name: "command", Type: lang.StringType, Doc: "What to run. Its standard input is empty."}, within},
		},
		{
			Name: "vm.file", Group: group, Do: v.file, Returns: "a string, byte for byte.",
			Doc:     "Reads a file of the guest. One that can't be read fails the test.",
			Example: `vm.check("puppy" in vm.file("/etc/motd"))`,
			Params:  []lang.Param{{Name: "path", Type: lang.StringType, Doc: "Its path in the guest."}},
		},
		{
			Name: "vm.reboot", Group: group, Do: v.reboot, Returns: "None",
			Doc:     "Restarts the guest by `reboot -f`, and returns when the machine has been started again.",
			Example: "vm.reboot()\nvm.expect(\"Linux version\")",
		},
		{
			Name: "vm.connect", Group: group, Do: v.connect,
			Doc:     "Connects to a TCP port of the guest to which `qemu(…, ports = …)` leads; while a test runs, the port on the host's side is any free one. It doesn't wait for a server: a connection that ends before the guest has said a byte on it is made again, and what was sent is sent again.",
			Returns: "a connection, with `send`, `expect` and `close`.",
			Example: `vm.connect(80).send("GET / HTTP/1.0\r\n\r\n").expect("200 OK")`,
			Params:  []lang.Param{{Name: "port", Type: lang.IntType, Doc: "The guest's port."}},
		},
		{
			Name: "vm.check", Group: group, Do: v.check, Returns: "None",
			Doc:     "Fails the test if a condition doesn't hold. `fail(…)` does so in any case.",
			Example: `vm.check("eth0" in vm.run("ip link").output, "there is no network card")`,
			Params:  []lang.Param{{Name: "condition", Type: lang.AnyType, Doc: "What must be true."}, message},
		},
		{
			Name: "vm.equal", Group: group, Do: v.equal, Returns: "None",
			Doc:     "Fails the test if two values differ, and shows both.",
			Example: `vm.equal(vm.run("hostname").output, "puppy\n")`,
			Params:  []lang.Param{{Name: "got", Type: lang.AnyType, Doc: "What there is."}, {Name: "want", Type: lang.AnyType, Doc: "What there should be."}, message},
		},
	}
}

func (v *running) expect(c *lang.Call) (starlark.Value, error) {
	return expected(c, func(re *regexp.Regexp, within time.Duration) ([]string, error) {
		return v.guest.Expect(v.ctx, re, within)
	})
}

// expected is the call of an expect method, for which wait waits.
func expected(c *lang.Call, wait func(*regexp.Regexp, time.Duration) ([]string, error)) (starlark.Value, error) {
	re, err := regexp.Compile(c.Str("pattern"))
	if err != nil {
		return nil, c.ArgErrorf("pattern", "%s: %v", c.Builtin.Name, err)
	}
	within, err := duration(c, "within")
	if err != nil {
		return nil, err
	}
	match, err := wait(re, within)
	if err != nil {
		return nil, err
	}
	var groups []starlark.Value
	for _, m := range match {
		groups = append(groups, starlark.String(m))
	}
	return starlark.NewList(groups), nil
}

func (v *running) send(c *lang.Call) (starlark.Value, error) {
	return nil, v.guest.Send(v.ctx, c.Str("text"))
}

func (v *running) run(c *lang.Call) (starlark.Value, error) {
	within, err := duration(c, "within")
	if err != nil {
		return nil, err
	}
	output, code, err := v.guest.Run(v.ctx, c.Str("command"), within)
	if err != nil {
		return nil, err
	}
	return starlarkstruct.FromStringDict(starlark.String("result"), starlark.StringDict{
		"output": starlark.String(output), "code": starlark.MakeInt(code),
	}), nil
}

func (v *running) file(c *lang.Call) (starlark.Value, error) {
	data, err := v.guest.File(v.ctx, c.Str("path"))
	return starlark.String(data), err
}

func (v *running) reboot(*lang.Call) (starlark.Value, error) { return nil, v.guest.Reboot(v.ctx) }

func (v *running) check(c *lang.Call) (starlark.Value, error) {
	if c.Value("condition").Truth() {
		return nil, nil
	}
	message := c.Str("message")
	if message == "" {
		message = "this is not so"
	}
	return nil, c.ArgErrorf("condition", "vm.check: %s", message)
}

func (v *running) equal(c *lang.Call) (starlark.Value, error) {
	got, want := c.Value("got"), c.Value("want")
	same, err := starlark.Equal(got, want)
	if err != nil || same {
		return nil, err
	}
	message := c.Str("message")
	if message != "" {
		message += ": "
	}
	return nil, c.ArgErrorf("got", "vm.equal: %sit is %s, and not %s", message, shortened(got), shortened(want))
}

// shortened is a value as a message shows it.
func shortened(v starlark.Value) string {
	const most = 500
	text := []rune(v.String())
	if len(text) > most {
		text = append(slices.Clone(text[:most]), []rune(" …")...)
	}
	return string(text)
}
