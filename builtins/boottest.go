package builtins

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"mini/lang"

	"go.starlark.net/starlark"
)

// Test is a function of the script that is called with a machine that runs.
type Test struct {
	Name    string
	Pos     lang.Position
	Machine *Machine
	Func    starlark.Callable
	Timeout time.Duration // of the whole
	Silence time.Duration // the longest
}

// Limits of a test that says nothing of them. An emulated guest on a busy machine is slow.
const (
	defaultTimeout = 5 * time.Minute
	defaultSilence = time.Minute
)

// testPrefix is how functions are called that are tests without being registered.
const testPrefix = "test_"

func (s *Session) bootTest() *lang.Builtin {
	return &lang.Builtin{
		Name: "boot_test", Group: "Tests", Returns: "None",
		Doc: "A test of a boot, which `mini test` runs: it boots the machine, and calls the function with it. The function is not called when the script is evaluated. Functions of the script that are called `test_…` are tests without this, of each machine of the script; with `boot_test` one gets other limits, or a machine of its own.",
		Params: []lang.Param{
			{Name: "machine", Type: of[*Machine]("machine"), Doc: "What is booted, as `qemu` returns it."},
			{Name: "test", Type: lang.TypeFunc("function", asCallable), Doc: "A function of one parameter, the running machine; what it has is below, as `vm.…`. The test passes when it returns, and the guest has answered at least once."},
			{Name: "name", Type: lang.StringType, Default: starlark.String(""), Named: true, Doc: "What the test is called. When not given: as the function is."},
			{Name: "timeout", Type: lang.Union(lang.IntType, lang.StringType), Default: starlark.String("5m"), Named: true, Doc: "How long the test may take from the start of the machine: seconds, or a text such as \"90s\" or \"5m\"."},
			{Name: "silence", Type: lang.Union(lang.IntType, lang.StringType), Default: starlark.String("1m"), Named: true, Doc: "How long the guest may say nothing while it is waited for, at its console or as the output of a command."},
		},
		Example: "def greets(vm):\n    vm.expect(\"Enjoy\")\n\nboot_test(vm, greets, timeout = \"90s\")",
		Do:      s.newTest,
	}
}

func asCallable(v starlark.Value) (starlark.Value, error) {
	if _, ok := v.(starlark.Callable); !ok {
		return nil, wrongType("a function of the running machine", v)
	}
	return v, nil
}

func (s *Session) newTest(c *lang.Call) (starlark.Value, error) {
	t := &Test{Machine: c.Value("machine").(*Machine), Func: c.Value("test").(starlark.Callable), Name: c.Str("name"), Pos: c.Pos}
	if why := notATest(t.Func); why != "" {
		return nil, c.ArgErrorf("test", "boot_test: %s", why)
	}
	if t.Name == "" {
		t.Name = t.Func.Name()
	}
	for _, other := range s.tests {
		if other.Name == t.Name {
			return nil, lang.WithHint(c.Errorf("boot_test: there is a test %q already, at %s", t.Name, other.Pos), `give this one a name of its own: name = "…"`)
		}
	}
	var err error
	if t.Timeout, err = duration(c, "timeout"); err != nil {
		return nil, err
	}
	if t.Silence, err = duration(c, "silence"); err != nil {
		return nil, err
	}
	s.tests = append(s.tests, t)
	return starlark.None, nil
}

// notATest says why a function can't be called with a machine, "" if it can.
func notATest(v starlark.Callable) string {
	f, ok := v.(*starlark.Function)
	if !ok {
		return fmt.Sprintf("%s is no function of a script", v.Name())
	}
	params, required := f.NumParams()-f.NumKwonlyParams(), 0
	for _, more := range []bool{f.HasVarargs(), f.HasKwargs()} {
		if more {
			params--
		}
	}
	for i := range params {
		if f.ParamDefault(i) == nil {
			required++
		}
	}
	if params == 0 && !f.HasVarargs() || required > 1 || f.NumKwonlyParams() > 0 {
		return fmt.Sprintf("a test is called with the running machine and nothing else: def %s(vm)", strings.Replace(f.Name(), "lambda", "test", 1))
	}
	return ""
}

// duration reads a time: seconds, or as Go writes it.
func duration(c *lang.Call, name string) (time.Duration, error) {
	var d time.Duration
	switch v := c.Value(name).(type) {
	case starlark.NoneType:
		return 0, nil
	case starlark.Int:
		d = time.Duration(c.Int(name)) * time.Second
		if c.Int(name) > int(maxDuration/time.Second) {
			d = maxDuration + 1
		}
	case starlark.String:
		var err error
		if d, err = time.ParseDuration(string(v)); err != nil {
			d = 0
		}
	}
	if d <= 0 || d > maxDuration {
		return 0, lang.WithHint(c.ArgErrorf(name, "%s: %s is not a time", c.Builtin.Name, c.Value(name)), `write seconds (90), or "90s", or "5m"`)
	}
	return d, nil
}

const maxDuration = 24 * time.Hour

// Tests are the tests of a script that was evaluated with this session: those of boot_test, and the functions called test_…,
// once for each of the machines.
func (s *Session) Tests(p *lang.Program, machines map[string]*Machine) ([]*Test, error) {
	tests := append([]*Test(nil), s.tests...)
	registered := map[starlark.Value]bool{}
	names := map[string]bool{}
	for _, t := range s.tests {
		registered[t.Func], names[t.Name] = true, true
	}
	for _, f := range p.Functions {
		if !strings.HasPrefix(f.Name, testPrefix) || registered[f.Value] {
			continue
		}
		if why := notATest(f.Value); why != "" {
			return nil, &lang.Error{Pos: f.Pos, Msg: why, Hint: "or call it something that doesn't begin with " + testPrefix}
		}
		for _, name := range slices.Sorted(maps.Keys(machines)) {
			t := &Test{Name: f.Name, Pos: f.Pos, Machine: machines[name], Func: f.Value, Timeout: defaultTimeout, Silence: defaultSilence}
			if len(machines) > 1 {
				t.Name += "[" + name + "]"
			}
			if names[t.Name] {
				return nil, &lang.Error{Pos: f.Pos, Msg: fmt.Sprintf("a boot_test is called %s too", t.Name)}
			}
			tests = append(tests, t)
		}
	}
	return tests, nil
}
