package hosttools

// A row says which packages bring the needs, for each manager. Needs and packages are separated by blanks. A cell is
// "" where nobody has looked yet, and none where the distribution is known to have no such package; without then says
// what that means.
type row struct {
	needs   string
	apt     string
	dnf     string
	pacman  string
	zypper  string
	apk     string
	without string
}

const none = "-"

func (r row) packages(manager string) string {
	switch manager {
	case "apt":
		return r.apt
	case "dnf":
		return r.dnf
	case "pacman":
		return r.pacman
	case "zypper":
		return r.zypper
	case "apk":
		return r.apk
	}
	return ""
}

const noCross = "this distribution packages no such cross compiler with a C library: build for this machine's own architecture, " +
	"or on Debian or Ubuntu (in a container, say)"

// table is everything mini knows of packages.
//
// How sure it is: the apt column was held against Debian 12's lists on amd64 (a test does so again on such a machine),
// except the compiler for x86_64, which Debian has for other machines only. The other four columns were written from
// memory and NOBODY HAS INSTALLED FROM THEM: a wrong name there is a bug of this table.
//
// For i386, gcc-multilib would do too, but Debian's conflicts with its cross compilers; so it isn't offered.
var table = []row{
	// Compilers and what belongs to them. A compiler without the C library's headers compiles nothing.
	{needs: "gcc cc cpp", apt: "gcc libc6-dev", dnf: "gcc glibc-devel", pacman: "gcc", zypper: "gcc glibc-devel", apk: "gcc musl-dev"},
	{needs: "g++ c++", apt: "g++", dnf: "gcc-c++", pacman: "gcc", zypper: "gcc-c++", apk: "g++"},
	{needs: "as ld ld.bfd ar nm objcopy objdump ranlib readelf size strings strip addr2line", apt: "binutils", dnf: "binutils", pacman: "binutils", zypper: "binutils", apk: "binutils"},
	{needs: "make", apt: "make", dnf: "make", pacman: "make", zypper: "make", apk: "make"},
	{needs: "ccache", apt: "ccache", dnf: "ccache", pacman: "ccache", zypper: "ccache", apk: "ccache"},

	// Cross compilers are called by the GNU name of the system they compile for. Fedora's and openSUSE's build kernels
	// only: they come without a C library.
	{needs: "i686-linux-gnu-gcc i686-linux-gnu-cpp", apt: "gcc-i686-linux-gnu libc6-dev-i386-cross", dnf: none, pacman: none, zypper: none, apk: none, without: noCross},
	{
		needs: "i686-linux-gnu-as i686-linux-gnu-ld i686-linux-gnu-ar i686-linux-gnu-nm i686-linux-gnu-objcopy i686-linux-gnu-objdump " +
			"i686-linux-gnu-ranlib i686-linux-gnu-readelf i686-linux-gnu-strip",
		apt: "binutils-i686-linux-gnu", dnf: none, pacman: none, zypper: none, apk: none, without: noCross,
	},
	{needs: "x86_64-linux-gnu-gcc x86_64-linux-gnu-cpp", apt: "gcc-x86-64-linux-gnu libc6-dev-amd64-cross", dnf: none, pacman: none, zypper: none, apk: none, without: noCross},
	{
		needs: "x86_64-linux-gnu-as x86_64-linux-gnu-ld x86_64-linux-gnu-ar x86_64-linux-gnu-nm x86_64-linux-gnu-objcopy x86_64-linux-gnu-objdump " +
			"x86_64-linux-gnu-ranlib x86_64-linux-gnu-readelf x86_64-linux-gnu-strip",
		apt: "binutils-x86-64-linux-gnu", dnf: none, pacman: none, zypper: none, apk: none, without: noCross,
	},
	{needs: "aarch64-linux-gnu-gcc aarch64-linux-gnu-cpp", apt: "gcc-aarch64-linux-gnu libc6-dev-arm64-cross", dnf: none, pacman: "aarch64-linux-gnu-gcc aarch64-linux-gnu-glibc", zypper: none, apk: none, without: noCross},
	{
		needs: "aarch64-linux-gnu-as aarch64-linux-gnu-ld aarch64-linux-gnu-ar aarch64-linux-gnu-nm aarch64-linux-gnu-objcopy aarch64-linux-gnu-objdump " +
			"aarch64-linux-gnu-ranlib aarch64-linux-gnu-readelf aarch64-linux-gnu-strip",
		apt: "binutils-aarch64-linux-gnu", dnf: none, pacman: "aarch64-linux-gnu-binutils", zypper: none, apk: none, without: noCross,
	},

	// What the makefiles of Linux and BusyBox call.
	{needs: "flex lex", apt: "flex", dnf: "flex", pacman: "flex", zypper: "flex", apk: "flex"},
	{needs: "bison yacc", apt: "bison", dnf: "bison", pacman: "bison", zypper: "bison", apk: "bison"},
	{needs: "bc", apt: "bc", dnf: "bc", pacman: "bc", zypper: "bc", apk: "bc"},
	{needs: "perl", apt: "perl", dnf: "perl-interpreter", pacman: "perl", zypper: "perl", apk: "perl"},
	{needs: "python3", apt: "python3", dnf: "python3", pacman: "python", zypper: "python3", apk: "python3"},
	{needs: "pahole", apt: "pahole", dnf: "dwarves", pacman: "pahole", zypper: "dwarves", apk: "pahole"},
	{needs: "rsync", apt: "rsync", dnf: "rsync", pacman: "rsync", zypper: "rsync", apk: "rsync"},
	{needs: "depmod modprobe", apt: "kmod", dnf: "kmod", pacman: "kmod", zypper: "kmod", apk: "kmod"},
	{needs: "openssl", apt: "openssl", dnf: "openssl", pacman: "openssl", zypper: "openssl", apk: "openssl"},
	{needs: "mkimage", apt: "u-boot-tools", dnf: "uboot-tools", pacman: "uboot-tools", zypper: "u-boot-tools", apk: "u-boot-tools"},

	// What configure scripts and makefiles of other programs call.
	{needs: "autoconf autoreconf autoheader autom4te autoupdate", apt: "autoconf", dnf: "autoconf", pacman: "autoconf", zypper: "autoconf", apk: "autoconf"},
	{needs: "automake aclocal", apt: "automake", dnf: "automake", pacman: "automake", zypper: "automake", apk: "automake"},
	{needs: "libtool libtoolize", apt: "libtool libtool-bin", dnf: "libtool", pacman: "libtool", zypper: "libtool", apk: "libtool"},
	{needs: "m4", apt: "m4", dnf: "m4", pacman: "m4", zypper: "m4", apk: "m4"},
	{needs: "pkg-config pkgconf", apt: "pkg-config", dnf: "pkgconf-pkg-config", pacman: "pkgconf", zypper: "pkg-config", apk: "pkgconf"},
	{needs: "cmake", apt: "cmake", dnf: "cmake", pacman: "cmake", zypper: "cmake", apk: "cmake"},
	{needs: "ninja", apt: "ninja-build", dnf: "ninja-build", pacman: "ninja", zypper: "ninja", apk: "samurai"},
	{needs: "meson", apt: "meson", dnf: "meson", pacman: "meson", zypper: "meson", apk: "meson"},
	{needs: "msgfmt xgettext msgmerge", apt: "gettext", dnf: "gettext", pacman: "gettext", zypper: "gettext-tools", apk: "gettext"},
	{needs: "gperf", apt: "gperf", dnf: "gperf", pacman: "gperf", zypper: "gperf", apk: "gperf"},
	{needs: "help2man", apt: "help2man", dnf: "help2man", pacman: "help2man", zypper: "help2man", apk: "help2man"},
	{needs: "makeinfo", apt: "texinfo", dnf: "texinfo", pacman: "texinfo", zypper: "makeinfo", apk: "texinfo"},
	{needs: "xxd", apt: "xxd", dnf: "xxd", pacman: "xxd", zypper: "xxd", apk: "xxd"},
	{needs: "file", apt: "file", dnf: "file", pacman: "file", zypper: "file", apk: "file"},
	{needs: "ed", apt: "ed", dnf: "ed", pacman: "ed", zypper: "ed", apk: "ed"},

	// Archives and compression.
	{needs: "unzip", apt: "unzip", dnf: "unzip", pacman: "unzip", zypper: "unzip", apk: "unzip"},
	{needs: "tar", apt: "tar", dnf: "tar", pacman: "tar", zypper: "tar", apk: "tar"},
	{needs: "cpio", apt: "cpio", dnf: "cpio", pacman: "cpio", zypper: "cpio", apk: "cpio"},
	{needs: "patch", apt: "patch", dnf: "patch", pacman: "patch", zypper: "patch", apk: "patch"},
	{needs: "xz unxz xzcat lzma", apt: "xz-utils", dnf: "xz", pacman: "xz", zypper: "xz", apk: "xz"},
	{needs: "bzip2 bunzip2", apt: "bzip2", dnf: "bzip2", pacman: "bzip2", zypper: "bzip2", apk: "bzip2"},
	{needs: "gzip gunzip zcat", apt: "gzip", dnf: "gzip", pacman: "gzip", zypper: "gzip", apk: "gzip"},
	{needs: "zstd", apt: "zstd", dnf: "zstd", pacman: "zstd", zypper: "zstd", apk: "zstd"},
	{needs: "lz4", apt: "lz4", dnf: "lz4", pacman: "lz4", zypper: "lz4", apk: "lz4"},
	{needs: "lzop", apt: "lzop", dnf: "lzop", pacman: "lzop", zypper: "lzop", apk: "lzop"},

	// What every system has, until it is a container image. Debian's mawk is smaller than gawk and enough.
	{needs: "awk", apt: "mawk", dnf: "gawk", pacman: "gawk", zypper: "gawk", apk: "gawk"},
	{needs: "gawk", apt: "gawk", dnf: "gawk", pacman: "gawk", zypper: "gawk", apk: "gawk"},
	{needs: "sed", apt: "sed", dnf: "sed", pacman: "sed", zypper: "sed", apk: "sed"},
	{needs: "grep egrep fgrep", apt: "grep", dnf: "grep", pacman: "grep", zypper: "grep", apk: "grep"},
	{needs: "find xargs", apt: "findutils", dnf: "findutils", pacman: "findutils", zypper: "findutils", apk: "findutils"},
	{needs: "diff cmp", apt: "diffutils", dnf: "diffutils", pacman: "diffutils", zypper: "diffutils", apk: "diffutils"},
	{
		needs: "[ base64 basename cat chmod chown cksum comm cp csplit cut date dd dirname echo env expand expr false fmt fold head id install join link ln ls md5sum mkdir mkfifo " +
			"mknod mktemp mv nl nproc od paste pr printenv printf pwd readlink realpath rm rmdir seq sha1sum sha256sum sha512sum shuf sleep sort split stat stty sum sync " +
			"tac tail tee test touch tr true truncate tsort uname unexpand uniq unlink wc whoami yes",
		apt: "coreutils", dnf: "coreutils", pacman: "coreutils", zypper: "coreutils", apk: "coreutils",
	},
	{needs: "hostname", apt: "hostname", dnf: "hostname", pacman: "inetutils", zypper: "hostname", apk: "busybox"},
	{needs: "which", apt: "debianutils", dnf: "which", pacman: "which", zypper: "which", apk: "which"},
	{needs: "getconf", apt: "libc-bin", dnf: "glibc-common", pacman: "glibc", zypper: "glibc", apk: "musl-utils"},
	{needs: "sh", apt: "dash", dnf: "bash", pacman: "bash", zypper: "bash", apk: "busybox"},
	{needs: "bash", apt: "bash", dnf: "bash", pacman: "bash", zypper: "bash", apk: "bash"},
	{needs: "dpkg-source", apt: "dpkg-dev", dnf: "dpkg-dev", pacman: "dpkg", zypper: "dpkg", apk: "dpkg-dev"},
	{needs: "git", apt: "git", dnf: "git-core", pacman: "git", zypper: "git-core", apk: "git"},

	// The machine that boots what was built.
	{needs: "qemu-system-x86_64", apt: "qemu-system-x86", dnf: "qemu-system-x86-core", pacman: "qemu-system-x86", zypper: "qemu-x86", apk: "qemu-system-x86_64"},
	{needs: "qemu-system-i386", apt: "qemu-system-x86", dnf: "qemu-system-x86-core", pacman: "qemu-system-x86", zypper: "qemu-x86", apk: "qemu-system-i386"},
	{needs: "qemu-system-aarch64", apt: "qemu-system-arm", dnf: "qemu-system-aarch64-core", pacman: "qemu-system-aarch64", zypper: "qemu-arm", apk: "qemu-system-aarch64"},
	{needs: "qemu-img", apt: "qemu-utils", dnf: "qemu-img", pacman: "qemu-img", zypper: "qemu-tools", apk: "qemu-img"},

	// Headers and libraries of the machine itself, for the programs that a build makes for its own use.
	{needs: "header:stdio.h header:stdlib.h header:errno.h", apt: "libc6-dev", dnf: "glibc-devel", pacman: "glibc", zypper: "glibc-devel", apk: "musl-dev"},
	{needs: "header:linux/types.h header:linux/version.h", apt: "linux-libc-dev", dnf: "kernel-headers", pacman: "linux-api-headers", zypper: "linux-glibc-devel", apk: "linux-headers"},
	{needs: "header:libelf.h header:gelf.h lib:elf", apt: "libelf-dev", dnf: "elfutils-libelf-devel", pacman: "libelf", zypper: "libelf-devel", apk: "elfutils-dev"},
	{needs: "header:openssl/opensslv.h header:openssl/ssl.h header:openssl/bio.h lib:crypto lib:ssl", apt: "libssl-dev", dnf: "openssl-devel", pacman: "openssl", zypper: "libopenssl-devel", apk: "openssl-dev"},
	{needs: "header:ncurses.h header:curses.h lib:ncurses", apt: "libncurses-dev", dnf: "ncurses-devel", pacman: "ncurses", zypper: "ncurses-devel", apk: "ncurses-dev"},
	{needs: "header:zlib.h lib:z", apt: "zlib1g-dev", dnf: "zlib-devel", pacman: "zlib", zypper: "zlib-devel", apk: "zlib-dev"},
	{needs: "lib:c lib:m lib:dl lib:pthread lib:rt lib:resolv lib:util", apt: "libc6-dev", dnf: "glibc-devel glibc-static", pacman: "glibc", zypper: "glibc-devel glibc-devel-static", apk: "musl-dev"},
	{needs: "header:security/pam_appl.h lib:pam lib:pam_misc", apt: "libpam0g-dev", dnf: "pam-devel", pacman: "pam", zypper: "pam-devel", apk: "linux-pam-dev"},
	{needs: "header:selinux/selinux.h lib:selinux", apt: "libselinux1-dev", dnf: "libselinux-devel", pacman: none, zypper: "libselinux-devel", apk: "libselinux-dev", without: "this distribution has no SELinux: leave it out of the configuration"},
	{needs: "header:sepol/sepol.h lib:sepol", apt: "libsepol-dev", dnf: "libsepol-devel", pacman: none, zypper: "libsepol-devel", apk: "libsepol-dev", without: "this distribution has no SELinux: leave it out of the configuration"},
	{needs: "header:dwarf.h header:elfutils/libdw.h lib:dw", apt: "libdw-dev", dnf: "elfutils-devel", pacman: "libelf", zypper: "libdw-devel", apk: "elfutils-dev"},
	{needs: "header:gmp.h lib:gmp", apt: "libgmp-dev", dnf: "gmp-devel", pacman: "gmp", zypper: "gmp-devel", apk: "gmp-dev"},
	{needs: "header:mpc.h lib:mpc", apt: "libmpc-dev", dnf: "libmpc-devel", pacman: "libmpc", zypper: "mpc-devel", apk: "mpc1-dev"},
	{needs: "header:lzma.h lib:lzma", apt: "liblzma-dev", dnf: "xz-devel", pacman: "xz", zypper: "xz-devel", apk: "xz-dev"},
	{needs: "header:bzlib.h lib:bz2", apt: "libbz2-dev", dnf: "bzip2-devel", pacman: "bzip2", zypper: "libbz2-devel", apk: "bzip2-dev"},
	{needs: "header:readline/readline.h lib:readline", apt: "libreadline-dev", dnf: "readline-devel", pacman: "readline", zypper: "readline-devel", apk: "readline-dev"},
	{needs: "header:uuid/uuid.h lib:uuid", apt: "uuid-dev", dnf: "libuuid-devel", pacman: "util-linux-libs", zypper: "libuuid-devel", apk: "util-linux-dev"},
	{needs: "header:blkid/blkid.h lib:blkid", apt: "libblkid-dev", dnf: "libblkid-devel", pacman: "util-linux-libs", zypper: "libblkid-devel", apk: "util-linux-dev"},
	{needs: "header:sys/capability.h lib:cap", apt: "libcap-dev", dnf: "libcap-devel", pacman: "libcap", zypper: "libcap-devel", apk: "libcap-dev"},
	{needs: "header:expat.h lib:expat", apt: "libexpat1-dev", dnf: "expat-devel", pacman: "expat", zypper: "libexpat-devel", apk: "expat-dev"},
	{needs: "header:crypt.h lib:crypt", apt: "libcrypt-dev", dnf: "libxcrypt-devel", pacman: "libxcrypt", zypper: "libxcrypt-devel", apk: "musl-dev"},
}
