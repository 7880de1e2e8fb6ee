package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mini/cmd/mini/internal/term"
	"mini/internal/qemu"
)

func TestAKVMThatIsNotProvenGetsOneTry(t *testing.T) {
	hang := &qemu.GuestError{Verdict: qemu.HangBeforeConsole}
	panicked := &qemu.GuestError{Verdict: qemu.Panic}
	for _, c := range []struct {
		name, known string
		errs        []error // of the boots, one after the other
		boots       string  // accelerator and boot limit of each
		learnt      string
		err         error
	}{
		{"a guest boots", kvmProbed, []error{nil}, "kvm 15s", kvmProven, nil},
		{"it hangs", kvmProbed, []error{hang, nil}, "kvm 15s, tcg 1m0s", kvmBroken, nil},
		{"it hangs everywhere", kvmProbed, []error{hang, hang}, "kvm 15s, tcg 1m0s", kvmBroken, hang},
		{"it panics, which is the guest's own doing", kvmProbed, []error{panicked}, "kvm 15s", kvmProbed, panicked},
		{"proven", kvmProven, []error{hang}, "kvm 1m0s", kvmProven, hang},
		{"none", kvmBroken, []error{nil}, "tcg 1m0s", kvmBroken, nil},
	} {
		a := &accelerator{file: filepath.Join(t.TempDir(), "accel")}
		a.learn(c.known)
		null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		s := &session{display: term.New(term.Options{Out: null})}
		var boots []string
		err = s.tryBoot(a, qemu.Machine{Accel: a.name()}, qemu.Limits{Boot: time.Minute}, func(m qemu.Machine, l qemu.Limits) error {
			boots = append(boots, m.Accel+" "+l.Boot.String())
			return c.errs[len(boots)-1]
		})
		null.Close()
		if !errors.Is(err, c.err) {
			t.Errorf("%s: got %v", c.name, err)
		}
		if got := strings.Join(boots, ", "); got != c.boots {
			t.Errorf("%s: booted %s, want %s", c.name, got, c.boots)
		}
		if known, _ := os.ReadFile(a.file); strings.TrimSpace(string(known)) != c.learnt {
			t.Errorf("%s: remembered %s, want %s", c.name, known, c.learnt)
		}
	}
}
