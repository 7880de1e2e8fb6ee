// Package sandbox runs one command so that it can read what it was given, write where it was told to, and leave
// nothing behind. It knows Linux namespaces, mounts, capabilities and Landlock; it does not know what a build is.
//
// A run has up to three processes:
//
//	the caller (run.go)      validates a Spec, starts the init, passes output on, enforces limits
//	the init (init.go)       this same program again, pid 1 of new namespaces: makes the file system (root.go,
//	                         overlay.go), starts the action, reaps, brings outputs out (collect.go)
//	the action               no capabilities, no privileges to gain, Landlock on top (confine.go, landlock.go)
//
// Where the host forbids namespaces, or the caller says so, the init is a plain process instead that adopts every
// descendant of the action and kills them all at the end (open.go). Result.Off then says in words what is missing.
//
// What an action sees when it is contained:
//
//	/build            Spec.Dir, writable, with Spec.Mounts inside
//	/tools            one link for each of Spec.Tools; PATH is this directory alone
//	/usr /bin /lib …  the host's, read-only, without Spec.Hide; the few files of /etc that a compiler needs; Spec.HostDirs
//	/tmp /dev/shm     private, on disk beside Spec.Scratch, writable
//	/proc             its own processes only, read-only
//	/dev              null, zero, full, random, urandom
//
// There is no network but a loopback of its own, the host is called "mini", and the user is 1000: a build that
// finds itself to be root takes other ways (tar restores owners, install changes them), so it must not.
//
// The program that uses this package must call Main before anything else.
package sandbox
