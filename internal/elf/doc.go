// Package elf knows what an ELF file needs before it can start: its program interpreter (the loader) and its shared
// libraries, all of them, found where a compiler keeps those of the target. Files are read, never run, so a program of
// any architecture will do and a hostile one does no harm.
//
// Read and Open look at one file. Closure starts from the programs of an image and follows what each needs, as the
// loader in the guest will: where it would look there, what it would skip, and under which names. Shebang is for the
// programs that are text.
//
// What is read is what the kernel and the loader read: program headers and the dynamic section that they lead to.
// Section headers are for linkers and debuggers; a stripped program may have none and runs all the same.
//
// Where a library goes in the image. A small system has no ld.so.cache, so a library must lie in a directory that the
// loader searches by itself. Those are written in the loader's own file and read from there (see loader.go).
//   - The interpreter goes to its PT_INTERP path, to the letter: the kernel opens just that.
//   - A library keeps the directory it has in the compiler's sysroot where the loader searches it, and the shorter of
//     /lib/… and /usr/lib/… where it searches both: on a host with merged /usr they are one directory.
//   - Any other library goes to /lib where the loader searches that, else to the first directory that it searches.
//   - A symbolic link stays a link while it leads to a name in its own directory (libz.so.1 -> libz.so.1.2.13). From there
//     on the file itself takes its place: what is elsewhere on the host has no place in the image.
//
// The rules are those of the System V ABI (https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html), ld.so(8),
// and Linux's fs/binfmt_elf.c.
package elf
