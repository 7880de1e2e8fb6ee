// Package kbuild reads what the Linux kernel's build system leaves behind, and writes the part of it that has to be done
// again when one input changes as a makefile of its own.
//
// Nothing here knows of a kernel version. A build directory is made once more with another input, and that run tells
// all: the .cmd file beside each target holds the command that made it (if_changed in scripts/Kbuild.include), make
// --trace says which newer files a target was made for, and a comparison with the directory as it was says which files
// came out different. A script of the kernel's (scripts/link-vmlinux.sh) hides what it calls; what it asks of the
// linker, and the environment in which it asks, is noted by a stand-in for the linker.
//
// What is read off a run may be incomplete. Whoever uses the makefile has to prove it against make's own bytes first.
package kbuild
