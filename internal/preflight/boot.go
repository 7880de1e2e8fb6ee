package preflight

import "iter"

// Boot is what is known of a machine before it is switched on. What isn't known is nil or zero.
type Boot struct {
	Arch    Arch
	Kernel  Kernel
	Archive []Archive // what the kernel unpacks, in that order: what it carries, then what QEMU hands it
	Files   Files     // what is there when all of them are unpacked; nil if that isn't known
	Dropped []string  // what is in them and is not unpacked, for want of its directory

	Cmdline string
	Memory  int64 // bytes
	CPUs    int
	Machine string // QEMU's -machine
	Network bool   // a virtio network card, behind PCI
	Ports   bool   // with ports of the host that lead to it
	Args    []string
}

// unpacks reports whether the machine starts from an initramfs whose files are known.
func (b *Boot) unpacks() bool { return b.Files != nil && len(b.Archive) > 0 }

// Arch is the machine's CPU.
type Arch struct {
	Name    string // "x86_64", as programs for it are called
	Bits    int    // 32 or 64
	Console string // the kernel's name of the serial port that mini listens to: "ttyS0"
}

// Kernel is a kernel that is to be compiled, or an image.
type Kernel struct {
	// Config is the final configuration: "y", "m", numbers and texts by symbol, without CONFIG_. What is off is not in it,
	// or "n".
	Config map[string]string
	Head   []byte // the first KiB of an image that something else made; nil if there is none yet
}

// Archive is an initramfs.
type Archive struct {
	Embedded bool     // in the kernel's image
	Formats  []string // of its parts, one after the other: "gzip", "xz", …; "" for one that isn't packed
	Size     int64    // bytes; 0 if it isn't known
	Files    int64    // bytes of its files, at least; for archives that nobody knows all of
	Trouble  string   // why the kernel can't unpack it
}

// Type says what is at a path, by the letters of find's %y.
type Type byte

// The types of files.
const (
	Regular Type = 'f'
	Dir     Type = 'd'
	Link    Type = 'l'
	Char    Type = 'c'
)

// File is one path of the root filesystem.
type File struct {
	Path         string
	Type         Type
	Mode         uint32
	Major, Minor uint32 // of a device
	Target       string // of a symbolic link
	Size         int64  // of a regular file, in bytes
	Digest       string // tells contents apart
}

// Files is a root filesystem.
type Files interface {
	// Lookup returns what is at exactly this path; Resolve what a program reaches by it, through links.
	Lookup(path string) (File, bool)
	Resolve(path string) (File, bool)
	// All lists every path.
	All() iter.Seq[File]
	// Program says what the kernel and the loader read of a regular file.
	Program(File) (Program, error)
	// Read returns the content of a regular file.
	Read(File) ([]byte, error)
}

// Program is the beginning of a file, and what it says of itself if it is an ELF file.
type Program struct {
	Head []byte // HeadSize bytes of it, or all
	ELF  *ELF
}

// HeadSize is how much of a file the kernel looks at to find out what it is (BINPRM_BUF_SIZE,
// include/uapi/linux/binfmts.h, since Linux 5.1; it was 128 before).
const HeadSize = 256

// ELF is a program or library in the only binary format of Linux.
type ELF struct {
	Machine string // "x86_64", "i386", …
	Bits    int    // 32 or 64
	Fixed   bool   // a program, for it is no library: it has an address of its own
	Interp  string // the loader's path; "" for what needs none
	// Missing are the libraries that the loader won't find, its own and those of other libraries. The loader itself is not
	// among them.
	Missing []Missing
}

// Missing is a library that a program won't find.
type Missing struct {
	Name     string   // as the file that needs it has it
	NeededBy string   // that file's path
	Skipped  []string // files of that name that the loader passes over, with the reason
}
