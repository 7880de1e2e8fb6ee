package arch

import (
	"bytes"
	"testing"
)

func TestRecordsAreComplete(t *testing.T) {
	for _, name := range Names() {
		a, _ := Get(name)
		if a.Name != name {
			t.Errorf("%s: the record calls itself %s", name, a.Name)
		}
		for field, value := range map[string]string{
			"Kernel": a.Kernel, "ImageTarget": a.ImageTarget, "Image": a.Image, "ImageSuffix": a.ImageSuffix,
			"Triplet": a.Triplet, "ELF": a.ELF, "QEMU": a.QEMU, "Machine": a.Machine, "Console": a.Console,
		} {
			if value == "" {
				t.Errorf("%s: %s is empty", name, field)
			}
		}
		if a.Memory < 32 {
			t.Errorf("%s: %d MiB is too little", name, a.Memory)
		}
		for _, must := range []string{"CONFIG_BLK_DEV_INITRD=y", "CONFIG_SERIAL_8250_CONSOLE=y"} {
			if !bytes.Contains(a.KernelConfig(), []byte("\n"+must+"\n")) {
				t.Errorf("%s: its kernel configuration lacks %s", name, must)
			}
		}
	}
}

func TestCross(t *testing.T) {
	i386, _ := Get("i386")
	if got := i386.Cross("x86_64"); got != "i686-linux-gnu-" {
		t.Errorf("i386 on x86_64: prefix %q", got)
	}
	if got := i386.Cross("i386"); got != "" {
		t.Errorf("i386 on i386: prefix %q, want none", got)
	}
}
