package builtins

import (
	"path"
	"slices"

	"mini/build"
	"mini/internal/kconfig"
)

// hostLibrary says which configurations make a build compile programs with a library of the host.
type hostLibrary struct {
	library build.Library
	symbols []string // patterns of path.Match; whoever asks for one may need the library
	bases   []string // and whoever starts from one of these: "any", or "file" for a .config of the user's
}

// kernelHostLibraries are those of Linux: objtool reads ELF files; resolve_btfids has libbpf, which unpacks them; certificates are
// handled by programs that are linked with OpenSSL (tools/bpf/resolve_btfids, certs/Makefile, scripts/Makefile).
var kernelHostLibraries = []hostLibrary{
	{library: build.Library{Name: "elf", Headers: []string{"libelf.h", "gelf.h"}}, bases: []string{"any"}},
	{library: build.Library{Name: "z", Headers: []string{"zlib.h", "zconf.h"}}, symbols: []string{"DEBUG_INFO_BTF"}},
	{
		library: build.Library{Name: "crypto", Headers: []string{"openssl/opensslv.h"}, Optional: true},
		symbols: []string{"CFG80211", "IMA*", "KEXEC*SIG*", "MODULE_SIG*", "SECONDARY_TRUSTED*", "SYSTEM_*", "WLAN"},
		bases:   []string{"defconfig", "file"},
	},
}

// busyboxHostLibraries are those of BusyBox. They are the target's, so only a build for this machine finds them.
var busyboxHostLibraries = []hostLibrary{
	{library: build.Library{Name: "pam", Headers: []string{"security/pam_appl.h"}, Optional: true}, symbols: []string{"PAM"}, bases: []string{"file"}},
	{library: build.Library{Name: "pam_misc", Optional: true}, symbols: []string{"PAM"}, bases: []string{"file"}},
	{library: build.Library{Name: "selinux", Headers: []string{"selinux/selinux.h"}, Optional: true}, symbols: []string{"SELINUX"}, bases: []string{"file"}},
	{library: build.Library{Name: "sepol", Headers: []string{"sepol/sepol.h"}, Optional: true}, symbols: []string{"SELINUX"}, bases: []string{"file"}},
}

// librariesFor lists what a configuration may need. A base that is none of the known names is a file.
func librariesFor(table []hostLibrary, base string, asked kconfig.Request) []build.Library {
	var list []build.Library
	for _, h := range table {
		if h.wanted(base, asked) {
			list = append(list, h.library)
		}
	}
	return list
}

func (h hostLibrary) wanted(base string, asked kconfig.Request) bool {
	switch base {
	case "mini", "allnoconfig", "tinyconfig", "defconfig":
	default:
		base = "file"
	}
	return slices.Contains(h.bases, "any") || slices.Contains(h.bases, base) || slices.ContainsFunc(asked, h.asks)
}

func (h hostLibrary) asks(s kconfig.Setting) bool {
	return s.Value != kconfig.Bool(false) && slices.ContainsFunc(h.symbols, func(pattern string) bool {
		ok, _ := path.Match(pattern, s.Symbol)
		return ok
	})
}
