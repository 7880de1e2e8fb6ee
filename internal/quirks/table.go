package quirks

// Table is everything that mini knows of this kind. A record stays as long as somebody may build such a source.
var Table = []Quirk{
	{
		Name: "tc-cbq", Program: "busybox",
		Breaks: []Condition{{Headers, "6.8"}}, Everywhere: true,
		Config: []Setting{{"TC", "n"}}, Shows: `\bTCA_CBQ_`,
		Why: "the applet tc uses TCA_CBQ_MAX and other names that Linux 6.8 took out of its headers",
		See: "https://github.com/mirror/busybox/issues/91",
		Tried: "1.35.0, 1.37.0 and 1.38.0 with headers 6.12 (gcc 14.2, glibc 2.41): tc.c doesn't compile; " +
			"1.35.0 without it there and with headers 7.2 (gcc 16.2, glibc 2.43): all of it does",
	},
	{
		Name: "stime", Program: "busybox", Before: "1.32",
		Breaks: []Condition{{Libc, "2.31"}}, Everywhere: true,
		Patch: true, Shows: "[`‘']stime['’]",
		Why: "the applets date and rdate call stime(), which glibc 2.31 took out",
		See: "https://github.com/ivandavidov/minimal/issues/205",
		Tried: "1.25.1, 1.30.1 and 1.31.1 with glibc 2.36 (gcc 12.2): they don't link, and 1.30.1 mended does and sets a guest's clock; 1.30.1 " +
			"with glibc 2.43 (gcc 16.2): it doesn't compile; mended, defconfig does. 1.33.2 needs nothing",
	},
	{
		Name: "hwclock", Program: "busybox", From: "1.19", Before: "1.33",
		Breaks: []Condition{{Libc, "2.31"}}, Everywhere: true,
		Patch: true,
		Why:   "hwclock -s and -t set time and time zone in one call, which fails since glibc 2.31: Invalid argument",
		See:   "https://github.com/openbmc/openbmc/issues/3684",
		Tried: "1.30.1 with glibc 2.36, in a guest: hwclock -t says Invalid argument; mended, it sets the time zone",
	},
	{
		Name: "inetd-rpc", Program: "busybox", Before: "1.25",
		Breaks: []Condition{{Libc, "2.26"}}, Everywhere: true,
		Config: []Setting{{"FEATURE_INETD_RPC", "n"}}, Shows: `inetd\.c:.*rpc/rpc\.h`,
		Why:   "inetd includes rpc/rpc.h, which glibc no longer has since 2.26; BusyBox 1.25 has it off by itself",
		See:   "https://github.com/mirror/busybox/commit/0269789537c0c16de948e100ea331fdba54008e4",
		Tried: "1.20.2 and 1.24.2 with glibc 2.36 (gcc 12.2): inetd.c doesn't compile; mended, defconfig does",
	},
	{
		Name: "resource-h", Program: "busybox", Before: "1.21",
		Breaks: []Condition{{Libc, "2.16"}}, Everywhere: true,
		Patch: true, Shows: `\bRLIM\w+[’'] undeclared|\brlim_t\b|\brlimit\w*[’']|\bPRIO_PROCESS\b|[‘']ru[’'] has incomplete type`,
		Why:   "limits and priorities of processes are used without their header sys/resource.h, which others of glibc brought along until 2.16",
		See:   "https://github.com/mirror/busybox/commit/c5fe9f7b723f949457263ef8e22ab807d5b549ce",
		Tried: "1.20.2 with glibc 2.36 (gcc 12.2): six files don't compile; with what else is mended in it, defconfig does and links",
	},
	{
		Name: "objtool-realloc", Program: "linux", From: "4.6", Before: "5.17", Mended: []string{"5.10.218"},
		Breaks: []Condition{{OwnCompiler, "12"}},
		Make:   []string{"WERROR=0"}, Shows: `subcmd-util\.h:.*use-after-free`,
		Why:   "a library of objtool uses a pointer after realloc(), of which gcc 12 warns, and takes warnings as errors",
		See:   "https://github.com/Frogging-Family/linux-tkg/issues/579",
		Tried: "5.10.13 with gcc 12.2 and 16.2: objtool doesn't compile; with it, it does. 5.10.218 and 6.1.4 have another realloc()",
	},
	{
		Name: "c23-bool", Program: "linux", Before: "6.14", Mended: []string{"5.10.251", "6.1.164", "6.12.38"},
		Breaks: []Condition{{Compiler, "15"}},
		Make:   []string{`CC='$(CROSS_COMPILE)gcc -std=gnu11'`}, Shows: "cannot use keyword [‘']false[’']|[‘']bool[’'] cannot be defined via",
		Why: "the code that boots a PC is compiled for whatever C the compiler takes by itself; since gcc 15 that is C23, where bool is a keyword",
		See: "https://github.com/betafive/meta-linux-mainline/issues/37",
		Tried: "5.10.13 and 6.1.4 with gcc 16.2: arch/x86/boot doesn't compile; 5.10.13 mended does, and boots. 5.10.262 compiles by itself, " +
			"and 5.10.251, 6.1.164 and 6.12.38 name the C that they want",
	},
	{
		Name: "menu-implicit-int", Program: "busybox", Before: "1.38",
		Breaks: []Condition{{OwnCompiler, "14"}},
		Make:   []string{`HOSTCC="gcc -Wno-implicit-int"`}, Menu: true,
		Why:   "its search for ncurses compiles main() without a type, which gcc 14 refuses, and then says that ncurses is missing",
		See:   "https://github.com/mirror/busybox/issues/90",
		Tried: "1.35.0 and 1.37.0 with gcc 14.2: the menu opens; 1.38.0 needs nothing",
	},
}
