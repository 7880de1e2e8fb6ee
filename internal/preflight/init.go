package preflight

import "fmt"

// checkInit looks at what the kernel starts first (kernel_init in init/main.c).
func checkInit(b *Boot) []Finding {
	if !b.unpacks() {
		return nil
	}
	asked, path := b.askedInit(), b.initPath()
	other, given := b.last("init")
	if !reaches(b.Files, asked) {
		if _, root := b.last("root"); root {
			return nil // then the initramfs is only something beside a root filesystem on a disk
		}
		return b.withoutInit(asked, path)
	}
	if _, bad := Start(b.Files, asked); bad != nil {
		return []Finding{b.blame(*bad, asked)}
	}
	if given {
		return []Finding{{
			Severity: Warning, Part: InMachine, What: fmt.Sprintf("init=%s has no effect: it is for root filesystems on disks", other),
			Boot: fmt.Sprintf("%s is started", asked), Fix: fmt.Sprintf("write rdinit=%s to start that in its place", other),
		}}
	}
	return nil
}

// blame turns a finding about a program that the command line names to the command line.
func (b *Boot) blame(f Finding, asked string) Finding {
	if asked != "/init" {
		f.Fix += fmt.Sprintf(", or let rdinit= name another program than %s", asked)
		f.Part, f.Path = InMachine, ""
	}
	return f
}

// withoutInit is for an initramfs that doesn't have what the kernel starts. A kernel with disks looks for another root
// filesystem; one that has no notion of disks goes on with this one.
func (b *Boot) withoutInit(asked, path string) []Finding {
	_, bad := Start(b.Files, asked)
	f := b.blame(*bad, asked)
	f.Boot = b.nothingFound()
	other, given := b.last("init")
	if path != asked {
		_, bad := Start(b.Files, path)
		switch {
		case bad == nil && given:
			return nil // that is what was meant
		case given:
			f = *bad
			f.Part, f.Path, f.Boot = InMachine, "", fmt.Sprintf("the kernel panics: %q", "Requested init "+other+" failed")
		default:
			f.Boot = fmt.Sprintf("the kernel starts %s in its place", path)
			if b.isConfigured(path) {
				f.Severity = Warning
			}
		}
		return []Finding{f}
	}
	if given && asked == "/init" {
		f.Part, f.Path, f.Fix = InMachine, "", fmt.Sprintf("write cmdline = %q", "rdinit="+other)
		f.What += fmt.Sprintf(", and init=%s doesn't name one: it is for root filesystems on disks", other)
	}
	return []Finding{f}
}

// isConfigured reports whether an init that wasn't asked for knows what to do.
func (b *Boot) isConfigured(path string) bool {
	f, ok := b.Files.Resolve(path)
	return ok && (!isBusyBox(b.Files, f) || reaches(b.Files, "/etc/inittab") || reaches(b.Files, "/etc/init.d/rcS"))
}

// askedInit is the program that the kernel looks for in an initramfs.
func (b *Boot) askedInit() string {
	if name, given := b.last("rdinit"); given && name != "" {
		return name
	}
	return "/init"
}

// fallbacks are what the kernel starts if nothing that it was told of can be started.
var fallbacks = []string{"/sbin/init", "/etc/init", "/bin/init", "/bin/sh"}

// initPath is the program that the kernel comes to in an initramfs. One that knows disks looks no further there if what it
// was told isn't there (prepare_namespace and mount_root in init/do_mounts.c).
func (b *Boot) initPath() string {
	asked := b.askedInit()
	if reaches(b.Files, asked) || b.knowsDisks() {
		return asked
	}
	if other, given := b.last("init"); given && other != "" {
		return other
	}
	for _, other := range fallbacks {
		if _, bad := Start(b.Files, other); bad == nil {
			return other
		}
	}
	return asked
}

func (b *Boot) knowsDisks() bool { return !b.Kernel.known() || b.Kernel.on("BLOCK") }

// nothingFound is what becomes of a kernel that has no init, and no disk with one.
func (b *Boot) nothingFound() string {
	if b.knowsDisks() {
		return `the kernel looks for a root filesystem on a disk and panics: "VFS: Unable to mount root fs"`
	}
	return `the kernel panics: "No working init found"`
}

// failedInit says what becomes of a kernel that can't start a program of its initramfs: if it is there it is tried, and then
// others are; if not, the kernel looks elsewhere.
func failedInit(files Files, name string, errno int) string {
	if !reaches(files, name) {
		return (&Boot{}).nothingFound()
	}
	said := fmt.Sprintf("the kernel says %q", fmt.Sprintf("Failed to execute %s (error %d)", name, errno))
	for _, other := range fallbacks {
		if e, ok := files.Resolve(other); ok && e.Type == Regular && e.Mode&0o111 != 0 && other != name {
			return said + fmt.Sprintf(", and tries %s in its place", other)
		}
	}
	return said + ` and panics: "No working init found"`
}
