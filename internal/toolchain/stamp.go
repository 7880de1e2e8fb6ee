package toolchain

import (
	"time"

	"golang.org/x/sys/unix"
)

// stamp is what a stat call says of a file's content: while it stays, the content does. The change time can't be set by
// programs, so neither touch -r nor a copy with the old times hides a change.
type stamp struct {
	Size  int64  `json:"s"`
	MTime int64  `json:"m"` // ns since 1970
	CTime int64  `json:"c"` // ns since 1970
	Inode uint64 `json:"i"`
}

func stampStat(st *unix.Stat_t) stamp {
	return stamp{Size: st.Size, MTime: unix.TimespecToNsec(st.Mtim), CTime: unix.TimespecToNsec(st.Ctim), Inode: st.Ino}
}

// racyAge is how long a file must have been left alone for its stamp to be believed. The kernel takes file times from a clock
// that moves in steps, of 4 ms here and of 2 s on some file systems: a change within the step of the one before leaves the same
// stamp. git's index has the same problem and remedy (Documentation/technical/racy-git.txt).
const racyAge = 2 * time.Second

// settled tells whether a stamp can be believed at the moment now, at which the reading of the content began. Only the change
// time counts: it moves with each change, and a modification time in the future is no news.
func (s stamp) settled(now time.Time) bool {
	return s != stamp{} && now.Sub(time.Unix(0, s.CTime)) >= racyAge
}
