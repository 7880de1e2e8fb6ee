package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// seen is what a process finds around it.
type seen struct {
	Dir, Hostname   string
	UID, GID, Umask int
	Nice, CPUs      int
	Personality     uintptr
	Env             []string
	Listings        [][]string // of the directory "many", as the kernel gives it
}

// probe prints it. The test binary does so when it is started as `mini probe`.
func probe() {
	s := seen{UID: os.Getuid(), GID: os.Getgid(), Umask: unix.Umask(0), Env: os.Environ()}
	s.Dir, _ = os.Getwd()
	s.Hostname, _ = os.Hostname()
	prio, _ := unix.Getpriority(unix.PRIO_PROCESS, 0)
	s.Nice = 20 - prio // getpriority(2): the system call's result is turned around
	var cpus unix.CPUSet
	_ = unix.SchedGetaffinity(0, &cpus)
	s.CPUs = cpus.Count()
	s.Personality, _, _ = unix.Syscall(unix.SYS_PERSONALITY, 0xffffffff, 0, 0)
	for range 5 {
		dir, err := os.Open(filepath.Join(s.Dir, "many"))
		if err != nil {
			break
		}
		names, _ := dir.Readdirnames(-1)
		s.Listings = append(s.Listings, names)
		dir.Close()
	}
	_ = json.NewEncoder(os.Stdout).Encode(s)
}

func lookAround(t *testing.T, s surroundings) seen {
	t.Helper()
	s.Args = []string{"probe"}
	cmd, err := s.command(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var got seen
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return got
}

func TestSurroundingsAreTakenOn(t *testing.T) {
	dir := t.TempDir()
	got := lookAround(t, surroundings{
		Dir: dir, Env: []string{"A=1", "B=two words"}, Umask: 0o77, Nice: 19, OneCPU: true, FixedAddresses: true,
	})
	want := seen{
		Dir: dir, Hostname: got.Hostname, UID: os.Getuid(), GID: os.Getgid(), Umask: 0o77, Nice: 19, CPUs: 1,
		Personality: 0x40000, Env: []string{"A=1", "B=two words"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestSurroundingsOfRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user and have another host name")
	}
	here, _ := os.Hostname()
	got := lookAround(t, surroundings{Dir: "/", UID: 65534, GID: 65533, Hostname: "elsewhere"})
	if got.UID != 65534 || got.GID != 65533 || got.Hostname != "elsewhere" {
		t.Errorf("%+v", got)
	}
	if now, _ := os.Hostname(); now != here {
		t.Errorf("this machine is called %s now", now)
	}
}

func TestSurroundingsInAnotherOrder(t *testing.T) {
	program, err := exec.LookPath("disorderfs")
	if err != nil || os.Geteuid() != 0 {
		t.Skip("disorderfs is not installed, or this is not root")
	}
	if _, err := os.Stat("/dev/fuse"); err != nil {
		t.Skip(err)
	}
	dir := filepath.Join(t.TempDir(), "shown")
	if err := os.MkdirAll(filepath.Join(dir, "many"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
		if err := os.WriteFile(filepath.Join(dir, "many", name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	orders := map[string]bool{}
	for _, names := range lookAround(t, surroundings{Dir: dir, Disorderfs: program, Disorder: dir}).Listings {
		if len(names) != 26 {
			t.Errorf("%d files of 26", len(names))
		}
		orders[strings.Join(names, "")] = true
	}
	if len(orders) < 2 {
		t.Errorf("five times the same order: %v", orders)
	}
}

func TestChooseVariations(t *testing.T) {
	for list, want := range map[string]string{
		"tz":                 "tz",
		"umask, tz":          "tz umask",
		"none":               "",
		"none,dir":           "dir",
		"all,-sandbox,-cpus": "dir user home locale tz env umask jobs nice path hostname aslr date order",
		"default,-date":      "dir user home locale tz env umask jobs nice path hostname aslr",
	} {
		chosen, err := chooseVariations(list)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, v := range chosen {
			names = append(names, v.name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %q, want %q", list, got, want)
		}
	}
	if _, err := chooseVariations("tz,"); err == nil {
		t.Error("an empty name is taken")
	}
}
