// Package qemu knows how to start a machine under QEMU and how to talk to a
// guest that knows nothing of its host: the command line, the serial console,
// the shell prompt, the lines by which a Linux kernel says that it dies, and
// the terminal of a person.
//
// The guest is a stranger. It is whatever /init its author wrote, most often a
// BusyBox shell on the first serial port. So nothing is installed in it and
// nothing is expected of it but a prompt, and nothing but a token that the
// guest itself printed counts as a success: QEMU exits with status 0 after a
// power-off, a reboot, a kernel panic and a triple fault alike.
//
// The files, in the order in which bytes travel:
//
//	machine.go, script.go   the command line, the same as a shell script
//	process.go, tail.go     one QEMU, which never outlives us
//	keyboard.go, console.go bytes in, bytes out, and the time limits
//	screen.go               which line is visible now, and is it a prompt
//	clues.go, trace.go      lines of the kernel
//	verdict.go, causes.go   what they mean, and what that mostly comes of
//	quote.go, marker.go     text for the shell, answers from it
//	shell.go, command.go    running one command
//	feed.go                 typing prepared lines
//	connect.go, forwards.go TCP connections to a guest, and which port leads there
//	attach.go, keys.go      a person at the keyboard
//	kvm.go                  does KVM really run a guest here
package qemu
