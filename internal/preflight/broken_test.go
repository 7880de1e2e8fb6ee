package preflight_test

import (
	"maps"
	"os"
	"strings"
	"testing"

	"mini/internal/arch"
	"mini/internal/kconfig"
	"mini/internal/preflight"
)

// machine is the shipped example as a table: its own /init, links to a BusyBox, and mini's own configuration of the kernel.
type machine struct {
	preflight.Boot
	paths map[string]string
}

// busybox passes for a BusyBox with a few commands inside.
const busybox = dynamic + " BusyBox v1.35.0 \x00sh\x00mount\x00mkdir\x00hostname\x00cat\x00uname\x00setsid\x00cttyhack\x00sync\x00poweroff\x00reboot\x00"

func example(t testing.TB, archName string) *machine {
	t.Helper()
	init, err := os.ReadFile("../../examples/init")
	if err != nil {
		t.Fatal(err)
	}
	a, _ := arch.Get(archName)
	list, err := kconfig.ParseFragment("mini", a.KernelConfig())
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{Boot: preflight.Boot{
		Arch:    preflight.Arch{Name: archName, Bits: a.Bits, Console: a.Console},
		Kernel:  preflight.Kernel{Config: map[string]string{}},
		Archive: []preflight.Archive{{Embedded: true, Formats: []string{"zstd"}}},
		Cmdline: "console=" + a.Console + " panic=-1", Memory: int64(a.Memory) << 20, CPUs: 1, Machine: a.Machine,
	}, paths: map[string]string{
		"/init": string(init), "/etc/motd": "plain:Enjoy!\n", "/tmp": "dir:", "/mnt": "dir:",
		"/lib/ld.so": strings.ReplaceAll(static, "x86_64", archName), "/bin/busybox": strings.ReplaceAll(busybox, "x86_64", archName),
	}}
	for _, s := range list {
		m.Kernel.Config[s.Symbol] = s.Value.Text()
	}
	for _, name := range []string{"/bin/sh", "/bin/mount", "/bin/mkdir", "/bin/hostname", "/bin/cat", "/bin/uname", "/usr/bin/setsid", "/bin/cttyhack", "/bin/sync"} {
		m.paths[name+" -> /bin/busybox"] = ""
	}
	return m
}

func (m *machine) check(t testing.TB) []preflight.Finding {
	t.Helper()
	if m.paths != nil {
		m.Files = files(t, m.paths)
	}
	return preflight.Check(&m.Boot)
}

// init replaces the first program.
func (m *machine) init(text string) { m.paths["/init"] = text }

// drop leaves a path out, links included.
func (m *machine) drop(path string) {
	maps.DeleteFunc(m.paths, func(p, _ string) bool { return p == path || strings.HasPrefix(p, path+" -> ") })
}

func off(symbols ...string) func(*machine) {
	return func(m *machine) {
		for _, s := range symbols {
			delete(m.Kernel.Config, s)
		}
	}
}

func line(more string) func(*machine) { return func(m *machine) { m.Cmdline += " " + more } }

// broken is each way to break the example that can be told from tables, with the rule that finds it, how bad it is, and words of
// what is said.
var broken = []struct {
	how   string
	do    func(*machine)
	rule  string
	level preflight.Severity
	says  []string
}{
	{"no /init", func(m *machine) { m.drop("/init") }, "init", "error", []string{"there is no /init", "starts /bin/sh in its place", `"/init": file("init", mode = 0o755)`}},
	{"no /init, where there are disks", func(m *machine) { m.drop("/init"); disks(m) }, "init", "error", []string{"there is no /init", "VFS: Unable to mount root fs"}},
	{"no /init, but another that knows what to do", func(m *machine) { m.drop("/init"); m.paths["/sbin/init"] = static }, "init", "warning", []string{"starts /sbin/init in its place"}},
	{"no init at all", func(m *machine) { m.drop("/init"); m.drop("/bin/sh") }, "init", "error", []string{"No working init found"}},
	{"/init is not executable", func(m *machine) { m.init("plain:#!/bin/sh\n") }, "init", "error", []string{"/init is not executable", "error -13", "tries /bin/sh in its place"}},
	{"a shell that isn't there", func(m *machine) { m.init("#!/bin/bash\n") }, "init", "error", []string{"#!/bin/bash", "error -2"}},
	{"line ends of Windows", func(m *machine) { m.init("#!/bin/sh\r\n") }, "init", "error", []string{"Windows line endings"}},
	{"no first line", func(m *machine) { m.init("mount -t proc proc /proc\n") }, "init", "error", []string{"neither a compiled program nor a script", "error -8"}},
	{"/init is a directory", func(m *machine) { m.drop("/init"); m.paths["/init/rc"] = "#!/bin/sh\n" }, "init", "error", []string{"is a directory"}},
	{"/init leads nowhere", func(m *machine) { m.drop("/init"); m.paths["/init -> sbin/init"] = "" }, "init", "error", []string{"symbolic link to sbin/init", "starts /bin/sh in its place"}},
	{"no libraries", func(m *machine) { m.drop("/lib/ld.so") }, "init", "error", []string{"needs the loader /lib/ld.so", "elf_deps"}},
	{"a library is missing", func(m *machine) { m.paths["/bin/busybox"] += " lacks:libm.so.6" }, "programs", "error", []string{"needs the library libm.so.6", "exitcode=0x00007f00"}},
	{"a program's library is missing", func(m *machine) { m.paths["/bin/game"] = dynamic + " lacks:libSDL.so" }, "programs", "warning", []string{"/bin/game", "libSDL.so"}},
	{"a program's loader is missing", func(m *machine) { m.paths["/bin/game"] = "\x7fELF x86_64 /lib/ld-musl.so" }, "programs", "warning", []string{"the loader /lib/ld-musl.so"}},
	{"BusyBox for 32 bits", func(m *machine) { m.paths["/bin/busybox"] = strings.ReplaceAll(busybox, "x86_64", "i386") }, "programs", "error", []string{"for i386", `"IA32_EMULATION": True`, "error -8"}},
	{"another program for 32 bits", func(m *machine) { m.paths["/bin/game"] = static32 }, "programs", "warning", []string{"/bin/game: for i386", "Exec format error"}},
	{"BusyBox for another CPU", func(m *machine) { m.paths["/bin/busybox"] = strings.ReplaceAll(busybox, "x86_64", "aarch64") }, "programs", "error", []string{"for aarch64", `arch = "x86_64"`}},
	{"no initramfs in the kernel", off("BLK_DEV_INITRD"), "unpack", "error", []string{"BLK_DEV_INITRD is off"}},
	{"packed in another way", off("RD_ZSTD"), "unpack", "error", []string{"packed with zstd", "panics", `"RD_ZSTD": True`, `compression = "gzip"`}},
	{"an archive that can't be unpacked", func(m *machine) { m.Archive = []preflight.Archive{{Trouble: "no cpio magic"}}; m.paths = nil }, "archive", "error", []string{"no cpio magic", "Initramfs unpacking failed", "cpio -o -H newc"}},
	{"the same in the kernel", func(m *machine) { m.Archive[0].Trouble, m.paths = "no cpio magic", nil }, "archive", "error", []string{"no cpio magic", "the kernel panics"}},
	{"files without directories", func(m *machine) { m.Dropped = []string{"/etc/motd"} }, "archive", "warning", []string{"no entry for the directory of /etc/motd", "without a word"}},
	{"one of several parts", func(m *machine) { m.Archive[0].Formats = []string{"", "zstd", "xz"}; off("RD_XZ")(m) }, "unpack", "error", []string{"packed with xz"}},
	{"an image that was configured without", func(m *machine) { m.Kernel.Head = bzImage(1); off("TTY")(m) }, "console", "error", []string{"take an image that was configured so"}},
	{"packed in another way, outside", func(m *machine) { m.Archive = []preflight.Archive{{Formats: []string{"xz"}}}; off("RD_XZ")(m) }, "unpack", "error", []string{"packed with xz", "Initramfs unpacking failed"}},
	{"no scripts", off("BINFMT_SCRIPT"), "programs", "error", []string{"/init is a script", `"BINFMT_SCRIPT": True`}},
	{"no programs", off("BINFMT_ELF"), "programs", "error", []string{`"BINFMT_ELF": True`}},
	{"no terminals", off("TTY", "SERIAL_8250", "SERIAL_8250_CONSOLE"), "console", "error", []string{"TTY is off", `"TTY": True, "SERIAL_8250": True`}},
	{"no console driver", off("SERIAL_8250_CONSOLE"), "console", "error", []string{"no driver for console=ttyS0", "not a word comes"}},
	{"the driver is a module", func(m *machine) { m.Kernel.Config["SERIAL_8250"] = "m"; off("SERIAL_8250_CONSOLE")(m) }, "console", "error", []string{"SERIAL_8250 and SERIAL_8250_CONSOLE are off"}},
	{"a silent kernel", off("PRINTK"), "console", "warning", []string{"PRINTK is off"}},
	{"a console without a driver", line("console=hvc0"), "console", "warning", []string{"console=hvc0", "VIRTIO_CONSOLE is off", "[virtio, …]"}},
	{"a console without a device", func(m *machine) { m.Kernel.Config["VIRTIO_CONSOLE"] = "y"; line("console=hvc0")(m) }, "console", "warning", []string{"console=hvc0 is a device that QEMU isn't given", "virtconsole"}},
	{"a console that is none", line("console=null"), "console", "warning", []string{"NULL_TTY is off", "ttyS0 alone"}},
	{"a console on the screen", func(m *machine) {
		m.Kernel.Config["VT"], m.Kernel.Config["VT_CONSOLE"] = "y", "y"
		line("console=tty0")(m)
	}, "console", "warning", []string{"init's console is tty0"}},
	{"/dev/console is a file", func(m *machine) { m.paths["/dev/console"] = "plain:" }, "console", "error", []string{"/dev/console is a file", "5, 1"}},
	{"/dev/console is another device", func(m *machine) { m.paths["/dev/console"] = "device:" }, "console", "error", []string{"device 1:3"}},
	{"a console that init opens", func(m *machine) { m.paths["/dev/console"] = "device:"; m.init("#!/bin/sh\nexec sh <>/dev/ttyS0\n") }, "console", "warning", []string{"device 1:3"}},
	{"no /proc", off("PROC_FS"), "mounts", "warning", []string{"/init line 8 mounts proc at /proc", `"PROC_FS": True`}},
	{"no /sys", off("SYSFS"), "mounts", "warning", []string{"sysfs"}},
	{"no device nodes", off("DEVTMPFS"), "mounts", "warning", []string{"devtmpfs at /dev"}},
	{"no terminals for ssh", off("UNIX98_PTYS"), "mounts", "warning", []string{"devpts"}},
	{"set -e, and a mount fails", func(m *machine) { m.init("#!/bin/sh -e\nmount -t ext4 /dev/vda /mnt\n") }, "mounts", "error", []string{"ext4", "Attempted to kill init"}},
	{"nowhere to mount", func(m *machine) { m.init("#!/bin/sh\nmount -t proc proc /proc\n") }, "mounts", "warning", []string{"/init line 2 mounts proc at /proc, and there is no such directory", `"/proc": directory()`}},
	{"9p over virtio", func(m *machine) {
		m.init("#!/bin/sh\nmount -t 9p -o trans=virtio host /mnt\n")
		m.Kernel.Config["9P_FS"] = "y"
	}, "mounts", "warning", []string{"NET_9P_VIRTIO"}},
	{"tmpfs", func(m *machine) { m.init("#!/bin/sh\nmount -t tmpfs tmp /tmp\n"); off("TMPFS")(m) }, "mounts", "warning", []string{"TMPFS"}},
	{"little memory", func(m *machine) { m.Memory = 2 << 20 }, "memory", "error", []string{"2 MiB of memory", `memory = "`}},
	{"little memory by mem=", line("mem=2M"), "memory", "error", []string{"2 MiB of memory"}},
	{"less memory than where the kernel is loaded", func(m *machine) { m.Kernel.Config["PHYSICAL_START"] = "0x1000000"; m.Memory = 20 << 20 }, "memory", "error", []string{"20 MiB of memory", "loaded at 16 MiB", `memory = "`}},
	{"half of the memory", func(m *machine) { m.paths["/big"] = strings.Repeat("x", 3<<20); m.Memory = 13 << 20 }, "memory", "error", []string{"half of its memory"}},
	{"nothing to start from", func(m *machine) { m.Archive, m.paths = nil, map[string]string{} }, "root", "error", []string{"neither an initramfs nor root="}},
	{"a disk without a driver", func(m *machine) { m.Archive, m.paths = nil, map[string]string{}; line("root=/dev/vda")(m) }, "root", "error", []string{"root=/dev/vda", "config = [virtio, …]"}},
	{"a disk that isn't there", func(m *machine) { disk(m); m.Args = nil }, "root", "error", []string{"QEMU is given none", "if=virtio"}},
	{"a disk of an unknown file system", func(m *machine) { disk(m); off("EXT4_FS")(m) }, "root", "error", []string{"no file system that lies on disks"}},
	{"another file system", func(m *machine) { disk(m); line("rootfstype=btrfs")(m) }, "root", "error", []string{"rootfstype=btrfs", `"BTRFS_FS": True`}},
	{"a disk without /dev", func(m *machine) { disk(m); off("DEVTMPFS_MOUNT")(m) }, "root", "warning", []string{"DEVTMPFS_MOUNT is off"}},
	{"no driver for the disk beside an initramfs", func(m *machine) { m.drop("/init"); line("root=/dev/vda")(m) }, "root", "error", []string{"root=/dev/vda"}},
	{"rdinit= leads nowhere", line("rdinit=/sbin/rc"), "init", "error", []string{"there is no /sbin/rc", "rdinit="}},
	{"init= in an initramfs without /init", func(m *machine) { m.drop("/init"); disks(m); line("init=/bin/sh")(m) }, "init", "error", []string{"it is for root filesystems on disks", `"rdinit=/bin/sh"`}},
	{"init= that isn't there either", func(m *machine) { m.drop("/init"); line("init=/none")(m) }, "init", "error", []string{"there is no /none", "Requested init /none failed"}},
	{"init= beside /init", line("init=/bin/sh"), "init", "warning", []string{"init=/bin/sh has no effect"}},
	{"a network card without a driver", func(m *machine) { m.Network, m.Ports = true, true }, "devices", "warning", []string{"VIRTIO_NET", "lead nowhere"}},
	{"a disk for init without a driver", func(m *machine) { m.Args = []string{"-drive", "file=d,if=virtio"} }, "devices", "warning", []string{"a virtio disk", "/dev/vda"}},
	{"more processors than one", func(m *machine) { m.CPUs = 4 }, "devices", "warning", []string{"4 processors", `"SMP": True`}},
	{"a network card where there is no PCI", func(m *machine) { m.Machine, m.Network = "isapc", true }, "devices", "error", []string{"isapc"}},
	{"init is a link to a BusyBox without it", func(m *machine) { m.drop("/init"); m.paths["/init -> bin/busybox"] = "" }, "commands", "error", []string{"has no init", `"INIT": True`}},
	{"links to a BusyBox without them", func(m *machine) { m.paths["/bin/vi -> busybox"] = "" }, "commands", "warning", []string{"/bin/vi"}},
	{"a command is missing", func(m *machine) {
		m.drop("/bin/cttyhack")
		m.paths["/bin/busybox"] = strings.ReplaceAll(m.paths["/bin/busybox"], "cttyhack\x00", "")
	}, "commands", "warning", []string{"/init line 21 calls cttyhack", "not found"}},
	{"a command is inside, and has no link", func(m *machine) {
		m.init("#!/bin/sh\npoweroff\n")
		for _, c := range strings.Split("abcdefghijklmnopqrstuvwxyzäöüß", "") {
			m.paths["/bin/"+c+" -> busybox"] = ""
			m.paths["/bin/busybox"] += c + "\x00"
		}
	}, "commands", "warning", []string{"/init line 2 calls poweroff"}},
	{"exec of a missing command", func(m *machine) { m.init("#!/bin/sh\nexec /sbin/getty\n") }, "commands", "error", []string{"/sbin/getty", "Attempted to kill init"}},
	{"an image for 64 bits on a machine of 32", func(m *machine) {
		m.Arch = preflight.Arch{Name: "i386", Bits: 32}
		m.Kernel = preflight.Kernel{Head: bzImage(1)}
	}, "image", "error", []string{"for x86_64", "is i386"}},
	{"an image for another CPU", func(m *machine) { m.Kernel = preflight.Kernel{Head: append(make([]byte, 0x38), "ARM\x64 and more"...)} }, "image", "error", []string{"for arm64"}},
	{"an image that takes more memory", func(m *machine) { m.Kernel = preflight.Kernel{Head: bzImage(1)}; m.Memory = 30 << 20 }, "memory", "error", []string{"take 37 MiB"}},
	{"no console on the command line", func(m *machine) {
		m.Kernel.Config["CMDLINE_BOOL"], m.Kernel.Config["CMDLINE_OVERRIDE"], m.Kernel.Config["CMDLINE"] = "y", "y", "quiet"
	}, "console", "error", []string{"CMDLINE_OVERRIDE"}},
}

// disks lets the kernel know that there are some.
func disks(m *machine) { m.Kernel.Config["BLOCK"] = "y" }

// disk makes the example a machine that boots from a disk.
func disk(m *machine) {
	m.Archive, m.paths = nil, map[string]string{}
	m.Args = []string{"-drive", "file=d,if=virtio"}
	m.Cmdline += " root=/dev/vda"
	for _, s := range []string{"BLOCK", "BLK_DEV", "PCI", "VIRTIO_PCI", "VIRTIO_BLK", "EXT4_FS"} {
		m.Kernel.Config[s] = "y"
	}
}

// bzImage is the head of an image of protocol 2.15, with the loader's flags.
func bzImage(flags byte) []byte {
	head := make([]byte, 1024)
	copy(head[0x202:], "HdrS")
	head[0x206], head[0x207], head[0x236] = 0x0f, 2, flags
	head[0x25b], head[0x262], head[0x263] = 1, 0x40, 1 // at 16 MiB, and 20 MiB of them
	return head
}

func TestBrokenMachines(t *testing.T) {
	for _, b := range broken {
		m := example(t, "x86_64")
		b.do(m)
		found := m.check(t)
		ok := false
		for _, f := range found {
			has := f.Rule == b.rule && f.Severity == b.level
			for _, s := range b.says {
				has = has && strings.Contains(f.Text(), s)
			}
			ok = ok || has
			if f.Boot == "" || f.Fix == "" || f.Part == "" {
				t.Errorf("%s: what happens, or what to do, is not said: %+v", b.how, f)
			}
		}
		if !ok {
			t.Errorf("%s: want %s %s %q, got %s", b.how, b.rule, b.level, b.says, texts(found))
		}
		if b.level == preflight.Warning && preflight.Failed(found) {
			t.Errorf("%s: a warning is enough: %s", b.how, texts(found))
		}
	}
}

func texts(all []preflight.Finding) string {
	var lines []string
	for _, f := range all {
		lines = append(lines, f.Rule+" "+string(f.Severity)+": "+f.Text())
	}
	return strings.Join(lines, "\n")
}

// sound is what must not be complained about.
var sound = map[string]func(*machine){
	"the example":                    func(*machine) {},
	"nothing is known of the kernel": func(m *machine) { m.Kernel.Config = nil },
	"nothing is known of the files":  func(m *machine) { m.paths = nil },
	"an initramfs beside the kernel": func(m *machine) { m.Archive = []preflight.Archive{{Formats: []string{"gzip"}}} },
	"an archive that nobody looks into": func(m *machine) {
		m.Archive = []preflight.Archive{{Formats: []string{"", "lzma"}, Size: 1 << 20}}
		m.Kernel.Config["RD_LZMA"], m.paths = "y", nil
	},
	"not packed": func(m *machine) { m.Archive[0].Formats = []string{""} },
	"a disk":     disk,
	"an initramfs beside a disk": func(m *machine) {
		p := map[string]string{"/etc/x": "x"}
		disk(m)
		m.Archive, m.paths = []preflight.Archive{{}}, p
	},
	"a disk by its number":           func(m *machine) { disk(m); m.Cmdline += " root=PARTUUID=1" },
	"root= for init":                 line("root=/dev/vda"),
	"another init":                   line("rdinit=/bin/sh"),
	"init= where there are no disks": func(m *machine) { m.drop("/init"); line("init=/bin/sh")(m) },
	"a directory of the host as root": func(m *machine) {
		m.Archive, m.paths = nil, map[string]string{}
		line("root=host rootfstype=9p")(m)
		m.Kernel.Config["9P_FS"] = "y"
	},
	"words for init":                  line("-- init=/bin/sh rdinit=/none"),
	"a console twice":                 line("console=ttyS0,115200n8"),
	"a console that nobody knows":     line("console=netcon0"),
	"a shell of its own":              func(m *machine) { m.paths["/init"] = static },
	"32 bits on 64":                   func(m *machine) { m.paths["/bin/game"] = static32; m.Kernel.Config["IA32_EMULATION"] = "y" },
	"an image for its CPU":            func(m *machine) { m.Kernel = preflight.Kernel{Head: bzImage(1)} },
	"an image for 32 bits":            func(m *machine) { m.Kernel = preflight.Kernel{Head: bzImage(0)} },
	"a tiny machine":                  func(m *machine) { m.Kernel = preflight.Kernel{Head: []byte("MZ")}; m.Memory = 1 << 20 },
	"an image that nobody knows":      func(m *machine) { m.Kernel = preflight.Kernel{Head: []byte("MZ")} },
	"tmpfs is ramfs":                  func(m *machine) { off("TMPFS", "SHMEM")(m); m.init("#!/bin/sh\nmount -t tmpfs tmp /tmp\n") },
	"a mount that may fail":           func(m *machine) { m.init("#!/bin/sh -e\nmount -t ext4 /dev/vda /mnt || true\n") },
	"a mount that is asked for":       func(m *machine) { m.init("#!/bin/sh\nif [ -e /dev/vda ]; then mount -t ext4 /dev/vda /mnt; fi\n") },
	"one file system of several":      func(m *machine) { m.init("#!/bin/sh\nmount -t ext4,tmpfs x /mnt\n") },
	"a file system that nobody knows": func(m *machine) { m.init("#!/bin/sh\nmount -t zfs x /mnt\n") },
	"after exec":                      func(m *machine) { m.init("#!/bin/sh\nexec sh\nmount -t ext4 x /mnt\ngame\n") },
	"a place that is made": func(m *machine) {
		m.init("#!/bin/sh\nmkdir -p /proc/x /sys\nmount -t proc proc /proc\nmount -t sysfs sys /sys\n")
	},
	"a place that may be made": func(m *machine) {
		m.init("#!/bin/sh\nfor d in proc sys; do mkdir /$d; done\nmount -t proc proc /proc\n")
	},
	"a place on what is mounted":       func(m *machine) { m.init("#!/bin/sh\nmount -t devtmpfs dev /dev\nmount -t devpts pts /dev/pts\n") },
	"a function":                       func(m *machine) { m.init("#!/bin/sh\ngame() { echo; }\ngame\n") },
	"a path that is made when it runs": func(m *machine) { m.init("#!/bin/sh\nPATH=$PATH:/opt/bin\ngame\n/run/game\n$GAME\n") },
	"not a script of a shell":          func(m *machine) { m.paths["/bin/lua"] = static; m.init("#!/bin/lua\nos.execute('x') -- (\n") },
	"a BusyBox that makes its links":   func(m *machine) { m.init("#!/bin/sh\n/bin/busybox --install -s /bin\ngame\n") },
	"what another script says":         func(m *machine) { m.init("#!/bin/sh\n. /etc/profile\ngame\n") },
	"a command on what is mounted": func(m *machine) {
		m.init("#!/bin/sh\nexport PATH=/bin:/usr/bin\nif true; then mount -t tmpfs usr /usr; fi\ngame\n/usr/lib/game\n")
	},
	"a command that is made":       func(m *machine) { m.init("#!/bin/sh\nln -s sh /bin/game\ngame\n"); m.paths["/bin/ln"] = static },
	"an applet without a link":     func(m *machine) { m.init("#!/bin/sh\npoweroff -f\n") },
	"a module that somebody loads": func(m *machine) { m.Network = true; modules(m) },
	"another PATH": func(m *machine) {
		m.paths["/opt/bin/game"] = static
		m.init("#!/bin/sh\nexport PATH=/bin:/opt/bin\ngame\n")
	},
	"a mount again": func(m *machine) { m.init("#!/bin/sh\nmount -t ext4 -o remount,ro / /\nmount -o bind /a /b\n") },
	"a library in the loader's own list": func(m *machine) {
		m.paths["/bin/busybox"] += " lacks:libz.so"
		m.paths["/opt/lib/libz.so"], m.paths["/etc/ld.so.cache"] = static, "plain:x"
	},
}

func modules(m *machine) {
	for _, s := range []string{"NET", "INET", "NETDEVICES", "PCI", "VIRTIO_PCI", "VIRTIO_NET"} {
		m.Kernel.Config[s] = "m"
	}
}

func TestSoundMachines(t *testing.T) {
	for how, do := range sound {
		m := example(t, "x86_64")
		do(m)
		if found := m.check(t); len(found) > 0 {
			t.Errorf("%s: %s", how, texts(found))
		}
	}
	if found := example(t, "i386").check(t); len(found) > 0 {
		t.Errorf("the example for i386: %s", texts(found))
	}
}
