package sandbox

import (
	"reflect"
	"strings"
	"syscall"
	"testing"
)

func TestIDMaps(t *testing.T) {
	type m = syscall.SysProcIDMap
	for _, c := range []struct {
		name, text string
		self       int
		want       []m
	}{
		{"root of a host", "         0          0 4294967295\n", 0, []m{
			{ContainerID: 1000, HostID: 0, Size: 1}, {ContainerID: 1, HostID: 1, Size: 999},
			{ContainerID: 1001, HostID: 1001, Size: 4294967295 - 1001}, {ContainerID: 0, HostID: 1000, Size: 1},
		}},
		{"root of a container", "0 1000 1\n1 100000 65536\n", 0, []m{
			{ContainerID: 1000, HostID: 0, Size: 1}, {ContainerID: 1, HostID: 1, Size: 999},
			{ContainerID: 1001, HostID: 1001, Size: 65537 - 1001}, {ContainerID: 0, HostID: 1000, Size: 1},
		}},
		{"user 1000", "0 0 2000\n", 1000, []m{
			{ContainerID: 1000, HostID: 1000, Size: 1}, {ContainerID: 0, HostID: 0, Size: 1000}, {ContainerID: 1001, HostID: 1001, Size: 999},
		}},
		{"only oneself", "0 1000 1\n", 0, []m{{ContainerID: 1000, HostID: 0, Size: 1}}},
		{"above the range", "0 0 500\n", 7, []m{
			{ContainerID: 1000, HostID: 7, Size: 1}, {ContainerID: 0, HostID: 0, Size: 7}, {ContainerID: 8, HostID: 8, Size: 492},
		}},
		{"nonsense", "a b c\n1 2\n", 0, []m{{ContainerID: 1000, HostID: 0, Size: 1}}},
	} {
		got := allIDs(c.self, parseIDMap(c.text))
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %v\nwant %v", c.name, got, c.want)
		}
		inside := map[int]bool{}
		for _, m := range got {
			if inside[m.ContainerID] {
				t.Errorf("%s: id %d twice", c.name, m.ContainerID)
			}
			inside[m.ContainerID] = true
		}
	}
}

// TestInitOutsideOfNamespaces: what an init does would be done to the host. (Never test this by calling what it guards.)
func TestInitOutsideOfNamespaces(t *testing.T) {
	if err := mustBeAlone(); err == nil || !strings.Contains(err.Error(), "no namespaces of its own") {
		t.Errorf("error %v", err)
	}
}

func TestOutputsInOverlays(t *testing.T) {
	got := inOverlays([]string{"a", "w/x", "ww", "d", "."}, []string{"w", "d/o"})
	if want := []string{"w/x", "d/o", "w", "d/o"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
