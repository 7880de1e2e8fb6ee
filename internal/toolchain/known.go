package toolchain

import (
	"path"
	"strings"
)

// What belongs to a C library, to the kernel and to the compiler, by name. Everything else that lies in the directories
// that compilers and linkers search is of other packages: who needs it says so (Library), and from the others it is
// hidden. A name that is missing here makes a build fail for want of it; one too many makes a build depend on
// something that it may not use. Nothing here can make a wrong result pass for a right one.

// knownHeaders are the headers of glibc, musl and libxcrypt, and those that Linux exports, by their directory below an include
// directory. A name with a slash at its end is a directory of which everything belongs to them; directories that they
// share with others have a line of their own. Names may be patterns of path.Match.
var knownHeaders = parseKnown(map[string]string{
	"": `_G_config.h a.out.h aio.h aliases.h alloca.h ar.h argp.h argz.h assert.h byteswap.h complex.h cpio.h crypt.h ctype.h
		dirent.h dlfcn.h elf.h endian.h envz.h err.h errno.h error.h execinfo.h fcntl.h features-time64.h features.h fenv.h
		float.h fmtmsg.h fnmatch.h fpregdef.h fpu_control.h fstab.h fts.h ftw.h gconv.h getopt.h glob.h gnu-versions.h grp.h
		gshadow.h iconv.h ieee754.h ifaddrs.h inttypes.h iso646.h langinfo.h lastlog.h libgen.h libintl.h libio.h limits.h
		link.h locale.h malloc.h math.h mcheck.h memory.h mntent.h monetary.h mqueue.h netdb.h nl_types.h nss.h obstack.h
		paths.h poll.h printf.h proc_service.h pthread.h pty.h pwd.h re_comp.h regdef.h regex.h regexp.h resolv.h sched.h
		search.h semaphore.h setjmp.h sgtty.h shadow.h signal.h spawn.h stab.h stdalign.h stdarg.h stdbit.h stdbool.h
		stdc-predef.h stdckdint.h stddef.h stdint.h stdio.h stdio_ext.h stdlib.h stdnoreturn.h string.h strings.h stropts.h
		syscall.h sysexits.h syslog.h tar.h termio.h termios.h tgmath.h thread_db.h threads.h time.h ttyent.h uchar.h
		ucontext.h ulimit.h unistd.h ustat.h utime.h utmp.h utmpx.h values.h wait.h wchar.h wctype.h wordexp.h xlocale.h
		arpa/ asm-generic/ asm/ bits/ cxl/ drm/ finclude/ fortify/ fwctl/ gnu/ linux/ misc/ net/ netash/ netatalk/ netax25/
		neteconet/ netinet/ netipx/ netiucv/ netpacket/ netrom/ netrose/ nfs/ protocols/ regulator/ sound/ video/`,
	"mtd":  "*-abi.h *-user.h",
	"rdma": "*-abi.h hfi/ ib_user_*.h *_user_ioctl*.h rdma_netlink.h rdma_user_*.h",
	"rpc":  "netdb.h",
	"scsi": "cxlflash_ioctl.h fc/ scsi.h scsi_bsg_*.h scsi_ioctl.h scsi_netlink*.h sg.h",
	"sys": `acct.h asm.h auxv.h bitypes.h cachectl.h cdefs.h debugreg.h dir.h elf.h epoll.h errno.h eventfd.h fanotify.h fcntl.h
		file.h fpregdef.h fsuid.h gmon.h gmon_out.h hwprobe.h ifunc.h inotify.h io.h ioctl.h ipc.h kd.h klog.h membarrier.h
		mman.h mount.h msg.h mtio.h param.h pci.h perm.h personality.h pidfd.h poll.h prctl.h procfs.h profil.h ptrace.h queue.h
		quota.h random.h raw.h reboot.h reg.h regdef.h resource.h rseq.h select.h sem.h sendfile.h shm.h signal.h signalfd.h
		single_threaded.h socket.h socketvar.h soundcard.h stat.h statfs.h statvfs.h stropts.h swap.h syscall.h sysctl.h
		sysinfo.h syslog.h sysmacros.h sysmips.h tas.h termios.h time.h timeb.h timerfd.h times.h timex.h tree.h ttychars.h
		ttydefaults.h types.h ucontext.h uio.h un.h unistd.h user.h ustat.h utsname.h vfs.h vlimit.h vm86.h vt.h vtimes.h
		wait.h xattr.h platform/`,
	"xen": "evtchn.h gntalloc.h gntdev.h privcmd.h",
})

// otherLanguages are what compilers of other languages than C bring into gcc's own include directory: Objective-C, D, Fortran.
var otherLanguages = names("objc d ISO_Fortran_binding.h")

// knownLibraries are the names between lib and .a or .so of the C library's and the compiler's own.
var knownLibraries = names(`BrokenLocale anl asan atomic backtrace c c_malloc_debug c_nonshared crypt dl g gcc gcc_eh gcc_s gcov gomp hwasan itm
	lsan lto_plugin m m-* mcheck mvec nsl nss_compat nss_hesiod pthread pthread_nonshared quadmath resolv rt ssp ssp_nonshared thread_db tsan ubsan util xnet`)

// knownObjects are start files and specs.
var knownObjects = names(`crt*.o gcrt1.o grcrt1.o Mcrt1.o Scrt1.o rcrt1.o lib*_preinit.o lib*.spec specs ld-*.so* ld.so.* ld64.so.*`)

// patterns is a set of names: plain ones are looked up, the others tried.
type patterns struct {
	plain map[string]bool
	globs []string
}

func names(text string) patterns {
	p := patterns{plain: map[string]bool{}}
	for _, n := range strings.Fields(text) {
		if strings.Contains(n, "*") {
			p.globs = append(p.globs, n)
		} else {
			p.plain[n] = true
		}
	}
	return p
}

func (p patterns) has(name string) bool {
	if p.plain[name] {
		return true
	}
	for _, g := range p.globs {
		if ok, _ := path.Match(g, name); ok {
			return true
		}
	}
	return false
}

func parseKnown(lists map[string]string) map[string]patterns {
	known := map[string]patterns{}
	for dir, list := range lists {
		known[dir] = names(list)
	}
	return known
}

// knowsHeader tells whether an entry of an include directory, by its path below it, is of the C library or the kernel.
// Of a directory, shared says that not all of it need be.
func knowsHeader(rel string, dir bool) (known, shared bool) {
	in, base := path.Split(rel)
	if !dir {
		return knownHeaders[strings.TrimSuffix(in, "/")].has(base), false
	}
	if _, shared := knownHeaders[rel]; shared {
		return true, true
	}
	return knownHeaders[strings.TrimSuffix(in, "/")].has(base + "/"), false
}

// What a file of a library directory is, by its name.
type role int

const (
	noneOfIt    role = iota // nothing that a linker takes without being told its whole name
	ownPart                 // of the C library or the compiler
	foreignPart             // a linker would take it for -lNAME
)

func roleOf(name string) role {
	if knownObjects.has(name) {
		return ownPart
	}
	stem, isLib := strings.CutPrefix(name, "lib")
	switch {
	case isLib && (strings.HasSuffix(stem, ".a") || strings.HasSuffix(stem, ".so")):
		if knownLibraries.has(stem[:strings.LastIndexByte(stem, '.')]) {
			return ownPart
		}
		return foreignPart
	case isLib && strings.Contains(stem, ".so."): // loaded by that name, and linked only as a part of another
		if stem, _, _ = strings.Cut(stem, ".so."); knownLibraries.has(stem) {
			return ownPart
		}
	case strings.HasSuffix(name, ".o"):
		return foreignPart
	}
	return noneOfIt
}
