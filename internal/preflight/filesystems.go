package preflight

import "slices"

// filesystems are the symbols that mount -t takes, one of each list being enough: the names are those that the kernel's file
// systems register (struct file_system_type).
var filesystems = map[string][]string{
	"proc": {"PROC_FS"}, "sysfs": {"SYSFS"}, "devtmpfs": {"DEVTMPFS"}, "tmpfs": {"TMPFS"}, "devpts": {"UNIX98_PTYS"},
	"mqueue": {"POSIX_MQUEUE"}, "cgroup": {"CGROUPS"}, "cgroup2": {"CGROUPS"}, "debugfs": {"DEBUG_FS"}, "tracefs": {"TRACING"},
	"securityfs": {"SECURITYFS"}, "configfs": {"CONFIGFS_FS"}, "hugetlbfs": {"HUGETLBFS"}, "binfmt_misc": {"BINFMT_MISC"},
	"efivarfs": {"EFIVAR_FS"}, "bpf": {"BPF_SYSCALL"}, "pstore": {"PSTORE"},
	"ext2": {"EXT2_FS", "EXT4_USE_FOR_EXT2"}, "ext3": {"EXT4_FS"}, "ext4": {"EXT4_FS"}, "btrfs": {"BTRFS_FS"}, "xfs": {"XFS_FS"},
	"f2fs": {"F2FS_FS"}, "vfat": {"VFAT_FS"}, "msdos": {"MSDOS_FS"}, "exfat": {"EXFAT_FS"}, "ntfs3": {"NTFS3_FS"}, "minix": {"MINIX_FS"},
	"squashfs": {"SQUASHFS"}, "erofs": {"EROFS_FS"}, "cramfs": {"CRAMFS"}, "romfs": {"ROMFS_FS"}, "iso9660": {"ISO9660_FS"}, "udf": {"UDF_FS"},
	"jffs2": {"JFFS2_FS"}, "ubifs": {"UBIFS_FS"}, "overlay": {"OVERLAY_FS"}, "fuse": {"FUSE_FS"},
	"9p": {"9P_FS"}, "virtiofs": {"VIRTIO_FS"}, "nfs": {"NFS_FS"}, "nfs4": {"NFS_V4"}, "cifs": {"CIFS"},
}

// onDisks are those that lie on disks: with root= and no rootfstype=, the kernel tries one after the other.
var onDisks = []string{"ext4", "ext2", "squashfs", "erofs", "btrfs", "xfs", "f2fs", "vfat", "minix", "cramfs", "romfs", "iso9660", "udf"}

// mounts reports whether the kernel mounts a file system, and if not which symbol would let it. A module counts only if whoever mounts
// loads modules. What isn't known here is taken for granted.
func (k Kernel) mounts(kind string, modules bool) (symbol string, ok bool) {
	symbols := filesystems[kind]
	if len(symbols) == 0 || slices.ContainsFunc(symbols, func(s string) bool { return k.on(s) || modules && k.module(s) }) {
		return "", true
	}
	if kind == "tmpfs" && !k.on("SHMEM") {
		return "", true // then it is another name of ramfs (the end of mm/shmem.c)
	}
	return symbols[0], false
}
