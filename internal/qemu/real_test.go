package qemu

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// distribution fetches Debian's own kernel and static BusyBox and returns a
// function that makes a machine of them with the given /init.
func distribution(t *testing.T) func(init string) Machine {
	t.Helper()
	if os.Getenv("MINI_REAL") == "" {
		t.Skip("real tier: run with MINI_REAL=1")
	}
	program, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		t.Skip("qemu-system-x86_64 is not installed")
	}
	for _, tool := range []string{"apt-get", "apt-cache", "dpkg-deb", "cpio"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed: the kernel comes from a Debian package", tool)
		}
	}
	dir := t.TempDir()
	run := func(in string, argv ...string) string {
		t.Helper()
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Dir = in
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v", argv, err)
		}
		return string(out)
	}
	depends, _ := exec.Command("apt-cache", "depends", "linux-image-cloud-amd64").Output()
	image := regexp.MustCompile(`linux-image-[0-9]\S*-cloud-amd64`).FindString(string(depends))
	if image == "" {
		t.Skip("apt knows no linux-image-cloud-amd64 (not Debian, or no apt-get update yet)")
	}
	run(dir, "apt-get", "download", image, "busybox-static")
	packages, _ := filepath.Glob(filepath.Join(dir, "*.deb"))
	for _, file := range packages {
		run(dir, "dpkg-deb", "-x", file, "files")
	}
	kernels, _ := filepath.Glob(filepath.Join(dir, "files/boot/vmlinuz-*"))
	if len(kernels) != 1 {
		t.Fatalf("kernels: %q", kernels)
	}
	return func(init string) Machine {
		t.Helper()
		root, err := os.MkdirTemp(dir, "root")
		if err != nil {
			t.Fatal(err)
		}
		run(root, "mkdir", "bin", "dev", "proc", "sys", "etc", "tmp")
		run(root, "cp", filepath.Join(dir, "files/bin/busybox"), "bin/busybox")
		run(root, "ln", "-s", "busybox", "bin/sh")
		if strings.Contains(init, "/modules/") {
			run(root, "mkdir", "modules")
			for _, pattern := range []string{"virtio*.ko", "failover.ko", "net_failover.ko"} {
				run(root, "find", filepath.Join(dir, "files/lib/modules"), "-name", pattern, "-exec", "cp", "{}", "modules/", ";")
			}
		}
		if init != "" {
			writeFile(t, filepath.Join(root, "init"), init, 0o755)
		}
		run(root, "sh", "-c", "find . | cpio -o -H newc --quiet >"+quote(root+".cpio"))
		return Machine{
			Program: program, Type: "pc", Accel: "tcg", Memory: 256,
			Kernel: kernels[0], Initrd: root + ".cpio", Cmdline: "console=ttyS0 no_timer_check",
		}
	}
}

const (
	mounts = "#!/bin/sh\n/bin/busybox --install -s /bin\nmount -t proc proc /proc\nmount -t sysfs sys /sys\nmount -t devtmpfs dev /dev\n"
	normal = mounts + "echo Loading ...\nsetsid cttyhack sh\npoweroff -f\n"
	// Neither echo nor newlines can be mended here, and the kernel talks on.
	stubborn = mounts + "echo 'stty() { false; }; dmesg() { false; }' >/rc\nexport ENV=/rc\numount /proc\nPS1='> ' setsid cttyhack sh\npoweroff -f\n"
	bare     = "#!/bin/sh\nwhile :; do sh; done\n" // no /proc, no applets, no /dev/null, no job control
)

func TestRealCommand(t *testing.T) {
	machine := distribution(t)
	every := []string{"printf", "%s|", allBytes(), "", "it's", "Grüße", strings.Repeat("long ' and \n", 400)}
	want := strings.Join(every[2:], "|") + "|"
	for _, init := range []string{normal, stubborn, bare} {
		m := machine(init)
		for _, test := range []struct {
			argv   []string
			stdout string
			code   int
		}{
			{every, want, 0},
			{[]string{"sh", "-c", "echo a; printf 'b\\r\\nc'; exit 7"}, "a\nb\r\nc", 7},
			{[]string{"busybox", "cat"}, "", 0},
		} {
			var stdout, log bytes.Buffer
			got, err := Command(t.Context(), m, test.argv, IO{Stdout: &stdout, Console: &log}, Limits{Boot: DefaultBoot, Total: 5 * time.Minute})
			said := stdout.String()
			if init != normal { // the kernel can't be told to be quiet
				said = kernelMessage.ReplaceAllString(said, "")
			}
			if err != nil || got.ExitCode != test.code || said != test.stdout {
				t.Errorf("%.10q…: %+v, %v\n got %.300q\nwant %.300q\n%s", test.argv, got, err, said, test.stdout, tailOf(log.String()))
			}
		}
	}
}

func TestRealDeaths(t *testing.T) {
	machine := distribution(t)
	sysrq := mounts + "sleep 1\necho c >/proc/sysrq-trigger\n"
	tests := []struct {
		name, init, cmdline string
		memory              int
		verdict             Verdict
		text                string
	}{
		{name: "init ends", init: "#!/bin/sh\nexit 3\n", verdict: Panic, text: "status 3"},
		{name: "a shell as init, left by Ctrl-D", init: "#!/bin/sh\nexec sh\n", verdict: Panic, text: "status 0"},
		{name: "crash", init: sysrq, verdict: Panic, text: "sysrq"},
		{name: "crash and reset", init: sysrq, cmdline: " panic=-1", verdict: Panic, text: "sysrq"},
		{name: "no init", verdict: NoInit},
		{name: "init without its interpreter", init: "#!/bin/bash\n", verdict: NoInit, text: "is not in the image"},
		{name: "init of another format", init: "text\n", verdict: NoInit, text: "another CPU"},
		{name: "init says nothing more", init: "#!/bin/sh\nexec busybox sleep 1000\n", verdict: Hang, text: "prompt"},
		{name: "no serial console", init: normal, cmdline: " console=tty0", verdict: HangBeforeConsole},
		{name: "memory", init: mounts + "dd if=/dev/zero of=/big bs=1M\nexec tail /dev/zero\n", verdict: OOM},
		{name: "restart first", init: mounts + "reboot -f\n", verdict: Ended, text: "reboot: Restarting system"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := machine(test.init)
			if m.Cmdline += test.cmdline; strings.Contains(m.Cmdline, "tty0") {
				m.Cmdline = test.cmdline
			}
			var log bytes.Buffer
			got, err := Feed(t.Context(), m, IO{Console: &log}, Limits{Boot: 15 * time.Second, Total: 2 * time.Minute})
			var failure *GuestError
			if !errors.As(err, &failure) || failure.Verdict != test.verdict || !strings.Contains(failure.Error(), test.text) {
				t.Errorf("%+v, %v, want %s\n%s", got, err, test.verdict, tailOf(log.String()))
			}
			t.Log(err)
		})
	}
}

func TestRealFeed(t *testing.T) {
	m := distribution(t)(normal)
	var stdout bytes.Buffer
	got, err := Feed(t.Context(), m, IO{Stdin: strings.NewReader("uname -m\necho $((6*7))"), Stdout: &stdout}, Limits{Boot: DefaultBoot, Total: 2 * time.Minute})
	said := kernelMessage.ReplaceAllString(stdout.String(), "")
	if err != nil || got.Ended != "poweroff" || !strings.Contains(said, "# uname -m\nx86_64\n") || !strings.Contains(said, "\n42\n") {
		t.Errorf("%+v, %v\n%s", got, err, tailOf(stdout.String()))
	}
}

// kernelMessage is what may come between any two lines of a guest: when the clock has been measured, say.
var kernelMessage = regexp.MustCompile(`\[ *\d+\.\d{6}\] [^\n]*\n`)

// tailOf is the end of a console log.
func tailOf(log string) string { return log[max(0, len(log)-2500):] }

// TestRealConnect asks web servers of a guest for a page: one that is up late, and one that restarts with the guest.
func TestRealConnect(t *testing.T) {
	m := distribution(t)(mounts + `for m in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci failover net_failover virtio_net; do
	test ! -e /modules/$m.ko || insmod /modules/$m.ko
done
ip address add 10.0.2.15/24 dev eth0
ip link set eth0 up
mkdir /www
echo 'Enjoy this little puppy!' >/www/index.html
(sleep 3; httpd -h /www) &
nc -ll -p 7 -e cat &
setsid cttyhack sh
`)
	m.Network, m.Forwards = true, []Forward{{Guest: 80}, {Guest: 7}}
	var log bytes.Buffer
	g, err := PowerOn(t.Context(), m, &log, Limits{Boot: DefaultBoot, Silence: DefaultBoot, Total: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Off()
	ask := func(port int, text, pattern string) {
		t.Helper()
		c, err := g.Connect(port)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Send(text); err != nil {
			t.Error(err)
		}
		if got, err := c.Expect(t.Context(), regexp.MustCompile(pattern), 0); err != nil {
			t.Fatalf("%q, %v\n%s", got, err, tailOf(log.String()))
		}
	}
	ask(80, "GET / HTTP/1.0\r\n\r\n", `(?s)^HTTP/1\.[01] 200 OK\r\n.*\r\n\r\nEnjoy this little puppy!\n`)
	ask(7, "hello\n", `^hello\n`)
	if err := g.Reboot(t.Context()); err != nil {
		t.Fatal(err)
	}
	ask(80, "GET / HTTP/1.0\r\n\r\n", "puppy")
}
