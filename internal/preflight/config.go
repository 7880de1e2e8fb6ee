package preflight

import (
	"fmt"
	"slices"
	"strings"
)

// known reports whether the configuration has been computed.
func (k Kernel) known() bool { return k.Config != nil }

// on reports whether a symbol is built in.
func (k Kernel) on(symbol string) bool { return k.Config[symbol] == "y" }

// module reports whether a symbol is a module: there only once something has loaded it.
func (k Kernel) module(symbol string) bool { return k.Config[symbol] == "m" }

// lacks are those of the symbols that are not built in.
func (k Kernel) lacks(symbols ...string) []string {
	var off []string
	for _, s := range symbols {
		if !k.on(s) {
			off = append(off, s)
		}
	}
	return off
}

// absent are those of the symbols that are neither built in nor a module: where a module would do, who uses it may load it.
func (k Kernel) absent(symbols ...string) []string {
	var off []string
	for _, s := range symbols {
		if !k.on(s) && !k.module(s) {
			off = append(off, s)
		}
	}
	return off
}

// Features are the dicts of mini's own module linux.star that have a symbol with all that it depends on, and the symbols that
// are known to be in them.
var Features = []struct {
	Name    string
	Symbols []string
}{
	{"virtio_net", []string{"VIRTIO_NET", "NETDEVICES"}},
	{"ninep", []string{"9P_FS", "NET_9P", "NET_9P_VIRTIO"}},
	{"virtio", []string{"VIRTIO_PCI", "VIRTIO_BLK", "VIRTIO_CONSOLE", "HW_RANDOM_VIRTIO"}},
	{"e1000", []string{"E1000"}},
	{"ext4", []string{"EXT4_FS", "EXT4_USE_FOR_EXT2"}},
	{"vfat", []string{"VFAT_FS"}},
	{"squashfs", []string{"SQUASHFS"}},
	{"overlay", []string{"OVERLAY_FS"}},
	{"ahci", []string{"SATA_AHCI", "ATA"}},
	{"usb_storage", []string{"USB_STORAGE", "USB"}},
	{"net", []string{"NET", "INET"}},
	{"containers", []string{"CGROUPS"}},
}

// ask is the line to write for symbols that are off: a feature, where there is one, since most symbols depend on others.
func ask(symbols []string) string {
	for _, f := range Features {
		if slices.ContainsFunc(symbols, func(s string) bool { return slices.Contains(f.Symbols, s) }) {
			return fmt.Sprintf("write config = [%s, …], with load(\"@mini//linux.star\", %q)", f.Name, f.Name)
		}
	}
	var items []string
	for _, s := range symbols {
		items = append(items, fmt.Sprintf("%q: True", s))
	}
	return "ask for it: config = {" + strings.Join(items, ", ") + "}"
}

// are says of symbols that they are off.
func are(off []string) string {
	if len(off) == 1 {
		return off[0] + " is off"
	}
	return strings.Join(off[:len(off)-1], ", ") + " and " + off[len(off)-1] + " are off"
}
