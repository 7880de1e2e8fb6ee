// Demo plays a build of a few seconds, to be looked at: go run ./cmd/mini/internal/term/testdata/demo [-ascii] [-v] [-json].
package main

import (
	"flag"
	"os"
	"time"

	"mini/build"
	"mini/cmd/mini/internal/term"
)

func main() {
	ascii := flag.Bool("ascii", false, "")
	verbose := flag.Bool("v", false, "")
	color := flag.String("color", "auto", "")
	asJSON := flag.Bool("json", false, "")
	step := flag.Duration("step", 50*time.Millisecond, "how long a tick of the story lasts")
	fail := flag.Bool("fail", false, "")
	flag.Parse()
	o := term.Options{Out: os.Stderr, Color: *color, Verbose: *verbose, ASCII: *ascii}
	if *asJSON {
		o.JSON = os.Stdout
	}
	d := term.New(o)
	defer d.Close()
	d.Expect(9)
	const bb, linux = "busybox 1.35.0 i386", "linux 6.1.192 i386"
	say := func(kind build.EventKind, title, text string) {
		d.Event(build.Event{Kind: kind, Node: title, Title: title, Text: text, Time: time.Now()})
	}
	progress := func(title, unit string, total int64, ticks int) {
		for i := range ticks {
			d.Event(build.Event{Kind: build.Progress, Node: title, Title: title, Unit: unit, Total: total, Done: total * int64(i+1) / int64(ticks)})
			time.Sleep(*step)
		}
	}
	for _, t := range []string{"rootfs: list", "elf_deps i386: find libraries", bb + ": configure"} {
		say(build.Hit, t, "")
	}
	say(build.Note, "", "build steps are not contained: this machine does not allow user namespaces\n--sandbox=require makes that an error")
	say(build.Started, "linux 6.1.192: fetch linux-6.1.192.tar.xz", "")
	progress("linux 6.1.192: fetch linux-6.1.192.tar.xz", "bytes", 134<<20, 40)
	say(build.Built, "linux 6.1.192: fetch linux-6.1.192.tar.xz", "")
	say(build.Started, bb+": compile", "")
	say(build.Step, bb+": compile", "make -C src O=build ARCH=i386 CROSS_COMPILE=i686-linux-gnu- -j2 \\\n  busybox")
	say(build.Started, "linux 6.1.192: unpack", "")
	say(build.Step, "linux 6.1.192: unpack", "mini step unpack linux-6.1.192.tar.xz src")
	progress("linux 6.1.192: unpack", "files", 78579, 40)
	say(build.Built, "linux 6.1.192: unpack", "")
	say(build.Started, linux+": compile", "")
	say(build.Step, linux+": compile", "\x1b[31mmake -C src O=build ARCH=i386 bzImage\x1b[0m")
	say(build.Wait, "initramfs: pack root.cpio.gz", "another mini is building it; waiting")
	for i := range int64(20) {
		d.Event(build.Event{Kind: build.Progress, Node: bb + ": compile", Done: 300 + i, Unit: "lines"})
	}
	progress(linux+": compile", "lines", 601, 60)
	if *fail {
		say(build.Failed, bb+": compile", "make ended with status 2\n  libbb/messages.c:1:1: error: expected ';'")
		return
	}
	say(build.Built, bb+": compile", "")
	say(build.Hit, "initramfs: pack root.cpio.gz", "")
	say(build.Built, linux+": compile", "")
	say(build.Started, linux+": embed the initramfs", "")
	progress(linux+": embed the initramfs", "lines", 12, 10)
	say(build.Built, linux+": embed the initramfs", "")
	d.Event(build.Event{Kind: build.Summary, Done: 5, Total: 9})
}
