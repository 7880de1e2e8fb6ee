package qemu

import (
	"slices"
	"strings"
	"testing"
)

// Two faults, as Linux 6.1 prints them without and with the names of its functions.
const (
	bareFault = `[    2.100000] BUG: kernel NULL pointer dereference, address: 00000000
[    2.100000] #PF: supervisor read access in kernel mode
[    2.100000] Oops: 0000 [#1] NOPTI
[    2.100000] CPU: 0 PID: 1 Comm: init Not tainted 6.1.192 #1
[    2.100000] EIP: 0xc1036744
[    2.100000] EAX: 00000000 EBX: c1036744
[    2.100000] Call Trace:
[    2.100000]  ? 0xc1030b28
[    2.100000]  0xc1030a8a
[    2.100000]  <SOFTIRQ>
[    2.100000]  0xc1030a8a
[    2.100000]  0xc1000925
[    2.100000] Modules linked in:
[    2.100000]  0xc1000999
[    2.100000] Kernel panic - not syncing: Fatal exception
[    2.100000] Kernel Offset: disabled
`
	namedFault = `[    2.1] general protection fault, maybe for address 0x0: 0000 [#1] PREEMPT SMP
[    2.1] RIP: 0010:virtnet_probe+0x2f/0xa10 [virtio_net]
[    2.1] Call Trace:
[    2.1]  <TASK>
[    2.1]  ? die_addr+0x36/0x90
[    2.1]  virtio_dev_probe+0x1a0/0x250
[    2.1]  </TASK>
[    2.1] RIP: 0033:0x7f1122334455
[    2.1] Kernel panic - not syncing: Fatal exception
`
	guessedFault = `[    2.160076] invalid opcode: 0000 [#1]
[    2.160076] RIP: 0010:0xffffffff810322a3
[    2.160076] Call Trace:
[    2.160076]  <TASK>
[    2.160076]  ? 0xffffffff81134168
[    2.160076]  ? 0xffffffff812000ac
[    2.160076]  </TASK>
[    2.168076] RIP: 0010:0xffffffff810322a3
[    2.176077] Kernel panic - not syncing: Fatal exception
`
	barePanic = `[    4.701452] Kernel panic - not syncing: sysrq triggered crash
[    4.701452] Call Trace:
[    4.701452]  <TASK>
[    4.701452]  ? 0xc1036744
[    4.701452]  ? 0xc1036800
[    4.701452]  </TASK>
[    4.701452] Kernel Offset: disabled
`
	movedFault = `[    2.1] BUG: unable to handle page fault for address: ffffffffffffffff
[    2.1] RIP: 0010:0xffffffff9d036744
[    2.1] Kernel panic - not syncing: Fatal exception
[    2.1] Kernel Offset: 0x1c000000 from 0xffffffff81000000 (relocation range: 0xffffffff80000000-0xffffffffbfffffff)
`
)

func TestPlaces(t *testing.T) {
	const table = `c1000000 T _text
c1000900 T start_kernel
c1030a00 t init_once
c1036700 T panic_here
c1036780 D data
c1036800 T next
c1036900 T _etext
`
	m, err := ReadSystemMap(strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, console string
		want          []string
	}{
		{"addresses", bareFault, []string{"panic_here+0x44/0x100", "init_once+0x8a/0x5d00", "start_kernel+0x25/0x30100"}},
		{"names", namedFault, []string{"virtnet_probe+0x2f/0xa10", "virtio_dev_probe+0x1a0/0x250"}},
		{"callers that nobody is sure of", guessedFault, []string{"0xffffffff810322a3", "perhaps 0xffffffff81134168", "perhaps 0xffffffff812000ac"}},
		{"a call that doesn't return, at its function's end", barePanic, []string{"perhaps panic_here+0x44/0x100", "perhaps panic_here+0x100/0x100"}},
		{"a kernel that moved itself", movedFault, []string{"0xffffffff81036744"}},
		{"a trace before the panic is another's", " Call Trace:\n  0xc1030a8a\nKernel panic - not syncing: x\n", nil},
	} {
		var c clues
		s := screen{newline: c.line}
		s.write([]byte(strings.ReplaceAll(test.console, "\n", "\r\n")))
		_, failure := judge(evidence{clues: c})
		var got []string
		for _, p := range failure.Places {
			name := m.Name(p).String()
			if m.Name(p).Guess {
				name = "perhaps " + name
			}
			got = append(got, name)
		}
		if failure.Verdict != Panic || !slices.Equal(got, test.want) {
			t.Errorf("%s: %v at %q, want %q", test.name, failure, got, test.want)
		}
	}
}

func TestReadSystemMapRefusesNonsense(t *testing.T) {
	if _, err := ReadSystemMap(strings.NewReader("what T ever\n")); err == nil {
		t.Error("that is no System.map")
	}
	if p := (SystemMap)(nil).Name(Place{Addr: 7}); p.String() != "0x7" {
		t.Errorf("%v, of an empty table", p)
	}
}
