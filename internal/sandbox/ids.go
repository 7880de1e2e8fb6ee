package sandbox

import (
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// idMaps says who the caller is inside: user and group userID, never 0.
//
// The real root maps every other id too, unchanged but for the one that userID pushes out. Otherwise the capabilities
// in the new namespace would not reach files of other users, and root could not run anything under a home directory
// of mode 0700. It gives the action nothing: it has no capability to become another user.
// (user_namespaces(7), "Defining user and group ID mappings"; capabilities in a user namespace apply to a file only
// if both its user and its group are mapped.)
func idMaps() (uids, gids []syscall.SysProcIDMap) {
	uid, gid := os.Geteuid(), os.Getegid()
	if !hasCaps(unix.CAP_SETUID, unix.CAP_SETGID, unix.CAP_SETFCAP) {
		return oneID(uid), oneID(gid)
	}
	return allIDs(uid, readIDMap("/proc/self/uid_map")), allIDs(gid, readIDMap("/proc/self/gid_map"))
}

func oneID(id int) []syscall.SysProcIDMap {
	return []syscall.SysProcIDMap{{ContainerID: userID, HostID: id, Size: 1}}
}

// An idRange is ids from first up to, not including, end.
type idRange struct{ first, end int }

// allIDs maps self to userID, userID (if it is another) to self, and all other ids of the ranges to themselves.
func allIDs(self int, have []idRange) []syscall.SysProcIDMap {
	maps := oneID(self)
	swapped := false
	for _, r := range have {
		for _, cut := range []int{min(self, userID), max(self, userID)} {
			if cut < r.first || cut >= r.end {
				continue
			}
			maps = append(maps, sameIDs(r.first, cut)...)
			r.first = cut + 1
			swapped = swapped || cut == userID
		}
		maps = append(maps, sameIDs(r.first, r.end)...)
	}
	if swapped && self != userID {
		maps = append(maps, syscall.SysProcIDMap{ContainerID: self, HostID: userID, Size: 1})
	}
	return maps
}

func sameIDs(first, end int) []syscall.SysProcIDMap {
	if first >= end {
		return nil
	}
	return []syscall.SysProcIDMap{{ContainerID: first, HostID: first, Size: end - first}}
}

// readIDMap returns the ids that exist in our own user namespace; none if it cannot be read.
func readIDMap(path string) []idRange {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return parseIDMap(string(text))
}

// parseIDMap reads lines of: first id inside, first id outside, count.
func parseIDMap(text string) []idRange {
	var list []idRange
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) != 3 {
			continue
		}
		first, err1 := strconv.Atoi(f[0])
		count, err2 := strconv.Atoi(f[2])
		if err1 == nil && err2 == nil {
			list = append(list, idRange{first, first + count})
		}
	}
	return list
}

// hasCaps reports whether this process has all of the capabilities in effect.
func hasCaps(caps ...uint) bool {
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if unix.Capget(&hdr, &data[0]) != nil {
		return false
	}
	for _, c := range caps {
		if data[c/32].Effective&(1<<(c%32)) == 0 {
			return false
		}
	}
	return true
}
