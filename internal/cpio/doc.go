// Package cpio reads and writes newc archives the way the Linux kernel unpacks
// them into its first root filesystem. It knows the format
// (https://docs.kernel.org/driver-api/early-userspace/buffer-format.html) and,
// above all, what the kernel does in silence: init/initramfs.c skips an entry
// whose name is too long or whose parent is missing, and says nothing.
// Whatever would end that way is an error here, when writing and when reading.
// Only a Loose takes what there is, to tell what the kernel makes of it.
//
// Headers and padding are the work of github.com/cavaliergopher/cpio. This
// package stands in front of it and refuses, or mends, what it gets wrong:
// device numbers, symbolic links, sizes of 4 GiB and more, cut archives and
// headers that are not hexadecimal.
package cpio
