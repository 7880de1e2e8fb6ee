package builtins

import "mini/internal/arch"

// unixTools are the programs that the makefiles of Linux and BusyBox call without asking. A build sees these and no
// others, so that a program that happens to be on one machine can't change what comes out.
var unixTools = []string{
	"awk", "basename", "bzip2", "cat", "chmod", "cmp", "cp", "cut", "date", "dd", "diff", "dirname", "echo", "env", "expr", "false",
	"find", "getconf", "grep", "egrep", "fgrep", "gzip", "head", "hostname", "id", "install", "ln", "ls", "make", "md5sum", "mkdir", "mktemp", "mv",
	"nproc", "od", "printf", "pwd", "readlink", "realpath", "rm", "rmdir", "sed", "seq", "sha1sum", "sha256sum", "sleep", "sort", "split", "stat",
	"sync", "tail", "tar", "tee", "test", "touch", "tr", "true", "truncate", "uname", "uniq", "wc", "which", "whoami", "xargs", "yes",
}

// coreTools are further programs that POSIX or autoconf take for granted, for the steps of scripts.
var coreTools = []string{
	"[", "base64", "cksum", "comm", "csplit", "expand", "fmt", "fold", "join", "link", "mkfifo", "nl", "paste", "pr", "printenv",
	"sha512sum", "shuf", "sum", "tac", "tsort", "unexpand", "unlink",
}

// binutils are the programs of a compiler, after its prefix.
var binutils = []string{"ar", "as", "gcc", "ld", "nm", "objcopy", "objdump", "ranlib", "readelf", "strip"}

// compilersFor are the compiler drivers that building for a takes: its own, and the host's for the programs that a
// build makes for itself.
func (s *Session) compilersFor(a *arch.Arch) []string {
	if cross := a.Cross(s.opts.Host); cross != "" {
		return []string{"gcc", cross + "gcc"}
	}
	return []string{"gcc"}
}

// buildTools are all programs that building C code for a takes.
func (s *Session) buildTools(a *arch.Arch, more ...string) []string {
	tools := append(append([]string{}, unixTools...), more...)
	for _, prefix := range []string{"", a.Cross(s.opts.Host)} {
		for _, b := range binutils {
			tools = append(tools, prefix+b)
		}
		if a.Cross(s.opts.Host) == "" {
			break
		}
	}
	return tools
}
