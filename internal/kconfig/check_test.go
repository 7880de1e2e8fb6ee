package kconfig

import (
	"slices"
	"strings"
	"testing"
)

func TestCheckHolds(t *testing.T) {
	final := parse(t, sample)
	r := Request{
		{Symbol: "64BIT", Value: Bool(true)},
		{Symbol: "SMP", Value: Bool(false)},
		{Symbol: "ABSENT", Value: Bool(false)},
		{Symbol: "USB", Value: Tristate("m")},
		{Symbol: "HZ", Value: Int(250)},
		{Symbol: "PHYSICAL_START", Value: Scalar("0X01000000")},
		{Symbol: "CC_VERSION_TEXT", Value: Str("gcc (Debian 12.2.0-14+deb12u1) 12.2.0")},
		{Symbol: "GONE", Accept: true},
		{Symbol: "SMP", Value: Bool(true), Accept: true},
	}
	if misses := Check(r, final, nil); misses != nil {
		t.Errorf("misses: %v", misses)
	}
}

func TestCheckMisses(t *testing.T) {
	final := parse(t, sample+"# CONFIG_VIRTIO_NET is not set\n")
	for _, c := range []struct {
		symbol string
		value  Value
		want   string
	}{
		{"VIRTIO_NET", Bool(true), `CONFIG_VIRTIO_NET=y did not stick: the final configuration has "# CONFIG_VIRTIO_NET is not set"`},
		{"USB", Bool(true), `CONFIG_USB=y did not stick: the final configuration has "CONFIG_USB=m", a module: something it depends on is a module too`},
		{"64BIT", Tristate("m"), `CONFIG_64BIT=m did not stick: the final configuration has "CONFIG_64BIT=y", built in: it can't be a module here, or another symbol selects it`},
		{"64BIT", Bool(false), `CONFIG_64BIT=n did not stick: the final configuration has "CONFIG_64BIT=y": another symbol selects it, or it can't be turned off`},
		{"PHYSICAL_START", Int(2097152), `CONFIG_PHYSICAL_START=2097152 did not stick: the final configuration has "CONFIG_PHYSICAL_START=0x1000000": this symbol is hexadecimal, ask for it as "0x200000"`},
		{"HZ", Str("250"), `CONFIG_HZ="250" did not stick: the final configuration has "CONFIG_HZ=250": this symbol is a number, ask for it without quotes`},
		{"HZ", Int(1000), `CONFIG_HZ=1000 did not stick: the final configuration has "CONFIG_HZ=250"`},
		{"SMP", Str("on"), `CONFIG_SMP="on" did not stick: the final configuration has "# CONFIG_SMP is not set": this symbol is not text, it is on or off`},
		{"CC_VERSION_TEXT", Bool(true), `CONFIG_CC_VERSION_TEXT=y did not stick: the final configuration has CONFIG_CC_VERSION_TEXT="gcc (Debian 12.2.0-14+deb12u1) 12.2.0": this symbol is text`},
		{"NOTHING_LIKE_IT", Bool(true), "CONFIG_NOTHING_LIKE_IT=y is not in the final configuration: this source has no such symbol, or something it depends on is off"},
		{"VIRTIONET", Bool(true), "CONFIG_VIRTIONET=y is not in the final configuration: this source has no such symbol, or something it depends on is off (similar: VIRTIO_NET)"},
	} {
		misses := Check(Request{{Symbol: c.symbol, Value: c.value, Origin: "distro.star:9:20"}}, final, nil)
		if len(misses) != 1 || misses[0].String() != c.want {
			t.Errorf("got  %v\nwant %s", misses, c.want)
		} else if misses[0].Setting.Origin != "distro.star:9:20" {
			t.Errorf("the origin is lost: %v", misses[0])
		}
	}
}

// A symbol that the source is known to have was dropped because of a dependency, not because of its name.
func TestCheckKnown(t *testing.T) {
	final := parse(t, sample)
	known := []string{"USB", "VIRTIO_NET", "VIRTIO_NETS"}
	misses := Check(Request{{Symbol: "VIRTIO_NET", Value: Bool(true)}, {Symbol: "VIRTO_NET", Value: Bool(true)}}, final, known)
	if len(misses) != 2 {
		t.Fatalf("misses: %v", misses)
	}
	if m := misses[0]; !m.Known || m.Near != nil || m.Got != "" || !strings.HasSuffix(m.String(), ": something it depends on is off") {
		t.Errorf("known symbol: %+v %s", m, m)
	}
	if m := misses[1]; m.Known || !strings.HasSuffix(m.String(), "no such symbol, or something it depends on is off (similar: VIRTIO_NET, VIRTIO_NETS)") {
		t.Errorf("unknown symbol: %+v %s", m, m)
	}
}

func TestNear(t *testing.T) {
	names := []string{"DESKTOP", "NETDEVICES", "NET_9P", "NET_9P_VIRTIO", "PCI", "SMP", "SMB", "USB", "VIRTIO", "VIRTIO_BLK", "VIRTIO_NET", "VIRTIO_PCI"}
	for symbol, want := range map[string][]string{
		"DESKTPO":     {"DESKTOP"},
		"NET_VIRTIO":  {"VIRTIO_NET"},
		"NET_DEVICES": {"NETDEVICES"},
		"virtio_net":  {"VIRTIO_NET"},
		"SMP":         {"SMB"},
		"EXT4_FS":     nil,
		"":            nil,
	} {
		if got := near(symbol, names); !slices.Equal(got, want) {
			t.Errorf("near(%q) = %q, want %q", symbol, got, want)
		}
	}
	if got := near("AAAAAAAA", []string{"AAAAAAAD", "AAAAAAAC", "AAAAAAAB", "AAAAAAAE"}); len(got) != nearLimit || got[0] != "AAAAAAAB" {
		t.Errorf("many: %v", got)
	}
}
