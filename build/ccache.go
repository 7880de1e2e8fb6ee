package build

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"mini/internal/sandbox"

	"golang.org/x/sys/unix"
)

const (
	ccacheSize = "1G"      // some fifty kernels
	ccacheRoom = 256 << 20 // bytes that must be free, or ccache is left out
)

// ccacheScript stands before ccache, which knows a file by its preprocessed text. Some objects hold more than that text
// shows: the column in which something stands, which a second blank changes, or a comment before it. Debuggers and
// sanitizers are told columns, link-time optimization and plugins see them, and a C++ program may ask for its own. And
// where warnings are errors, a comment can be what silences one or calls it up. Such compilations pass ccache by. (It can
// be told to look at comments, but preprocessing with them takes longer than many a compilation: gcc -E -C is slow.)
const ccacheScript = `#!/bin/sh
name=${0##*/}
case "$name $* " in
*" -g"[!0]* | *" -fsanitize"* | *" -flto"* | *" -fplugin"* | *" -fprofile"* | *" -ftest-coverage "* | *" --coverage "* | *" @"* | \
*++* | *".cc "* | *".cpp "* | *".cxx "* | *".C "* | *" -Werror "* | \
*" -Werror=extra "* | *" -Werror=implicit-fallthrough"*)
	exec ` + sandbox.FrontTools + `/"$name" "$@" ;;
esac
exec %s "$name" "$@"
`

// front puts ccache before an action's compilers. It is no part of the key, as it must not change a result: an object
// file comes out of it only for the same preprocessed text, paths included, the same options, and the same
// compiler as the key means it, with its assembler and libraries. Its direct mode, which trusts a list of the
// headers that were read last time, is off: it doesn't notice a new header that comes before one of those.
//
// Whatever makes it unusable, a full disk for one, makes the build slower and nothing else.
func (l *Local) front(job Job) *sandbox.Front {
	identity := compilerIdentity(job)
	if l.CCache == "" || identity == "" || job.bare {
		return nil
	}
	dir := filepath.Join(l.Store.dir, "ccache")
	if _, err := os.Stat(l.CCache); err != nil || !canKeep(dir) {
		return nil
	}
	return &sandbox.Front{
		Program: l.CCache, Script: fmt.Sprintf(ccacheScript, l.CCache), Names: job.Node.Compilers, Store: dir,
		Env: []string{
			"CCACHE_DIR=" + sandbox.FrontStore, "CCACHE_PATH=" + sandbox.FrontTools, "CCACHE_CONFIGPATH=/dev/null",
			"CCACHE_TEMPDIR=/tmp", "CCACHE_COMPILERCHECK=string:" + identity, "CCACHE_MAXSIZE=" + ccacheSize,
			"CCACHE_NODIRECT=1", "CCACHE_UMASK=022",
		},
	}
}

// ccacheBroke reports whether an action failed because ccache could not go on, which ends a compilation as an error in
// the source does. Then its directory is removed: it holds nothing that can't be made again.
func (l *Local) ccacheBroke(err error, job Job) bool {
	if failed := (*ActionError)(nil); l.CCache == "" || !errors.As(err, &failed) || compilerIdentity(job) == "" {
		return false
	}
	log, err := os.ReadFile(job.Log)
	if err != nil || !bytes.Contains(log, []byte("ccache: error:")) {
		return false
	}
	_ = sandbox.RemoveAll(filepath.Join(l.Store.dir, "ccache"))
	return true
}

// compilerIdentity sums up what the action's key says of its compilers; it is "" when there are none.
func compilerIdentity(job Job) string {
	h, found := sha256.New(), false
	for _, p := range job.Action.Message.GetPlatform().GetProperties() {
		if strings.HasPrefix(p.Name, "compiler:") {
			fmt.Fprintf(h, "%q %q\n", p.Name, p.Value)
			found = true
		}
	}
	if !found || len(job.Node.Compilers) == 0 {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

// canKeep reports whether dir, made if need be, takes new files and has room.
func canKeep(dir string) bool {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return false
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < ccacheRoom {
		return false
	}
	f, err := os.CreateTemp(dir, "try-")
	if err != nil {
		return false
	}
	return f.Close() == nil && os.Remove(f.Name()) == nil
}
