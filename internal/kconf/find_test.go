package kconf

import (
	"fmt"
	"testing"
	"testing/fstest"
)

func TestFind(t *testing.T) {
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	linux := fstest.MapFS{
		"Makefile":               text("# SPDX\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 117\nEXTRAVERSION =\n"),
		"Kconfig":                text("source \"net/Kconfig\"\n"),
		"scripts/kconfig/conf.c": text(""),
		"net/Kconfig":            text("menuconfig NET\n\tbool \"x\"\nconfig NETX\n\tbool\n\thelp\n\t  config of WIFI\n"),
		"arch/x/Kconfig.cpu":     text("config NET\n"),
		"net/net.c":              text("config = 1;\n"),
	}
	if got := fmt.Sprint(Find(linux, []string{"NET", "NETX", "WIFI"})); got != "map[NET:arch/x/Kconfig.cpu:1 NETX:net/Kconfig:3]" {
		t.Error(got)
	}
	busybox := fstest.MapFS{
		"Makefile":               text("VERSION = 1\nPATCHLEVEL = 38\nSUBLEVEL = 0\n"),
		"Config.in":              text("config DESKTOP\n"),
		"scripts/kconfig/conf.c": text(""),
		"shell/ash.c":            text("/* x */\n//config:config ASH\n//config:\tbool \"ash\"\n"),
	}
	if got := fmt.Sprint(Find(busybox, []string{"DESKTOP", "ASH"})); got != "map[ASH:shell/ash.c:2 DESKTOP:Config.in:1]" {
		t.Error(got)
	}
	for _, c := range []struct {
		fs   fstest.MapFS
		want string
	}{{linux, "linux 6.12.117"}, {busybox, "busybox 1.38.0"}, {fstest.MapFS{"Makefile": text("VERSION = 1\n")}, " "}} {
		program, version := SourceVersion(c.fs)
		if got := program + " " + version; got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
