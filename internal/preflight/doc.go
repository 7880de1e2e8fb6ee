// Package preflight tells before a kernel is compiled what would keep a machine from booting: from its root filesystem, the
// kernel's final configuration, and the kernel's command line.
//
// Check is a pure function: plain data in, findings out. Each rule is a function of its own, and rules lists them; a rule that
// needs what isn't known (a configuration that nobody has computed, an archive that nobody could look into) says nothing.
// A false alarm is as bad as a miss, so what can't be told for sure is a warning at most.
//
//	boot.go       what is known of a machine
//	finding.go    what a rule says
//	config.go     asking the kernel's configuration
//	cmdline.go    the words of the kernel's command line
//	init.go       what does the kernel start?
//	start.go      can it start that?
//	programs.go   the libraries of programs, the CPU that they are for, and what kernels need to run them
//	unpack.go     can the kernel unpack the initramfs?
//	console.go    will anybody hear it?
//	script.go     what a shell script does for sure
//	boots.go      which scripts init runs
//	mounts.go     can the kernel mount what they mount?
//	filesystems.go which symbol is which file system
//	commands.go   are the commands that they call there?
//	rootdev.go    the disk that root= names
//	devices.go    drivers for what QEMU is given
//	memory.go     does it all fit?
//	image.go      a kernel that something else made
package preflight
