package rootfs

import "strings"

// comparePaths orders paths name by name, each by its bytes: parents come before their children, and everything below
// a directory is in one piece. Comparing the whole strings would not do that: "/a.d" would fall between "/a" and "/a/b",
// as '.' is less than '/'.
func comparePaths(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] == b[i] {
			continue
		}
		if a[i] == '/' || b[i] != '/' && a[i] < b[i] {
			return -1
		}
		return 1
	}
	return len(a) - len(b)
}

// parent is the directory that p lies in; that of "/" is "/".
func parent(p string) string {
	if i := strings.LastIndexByte(p, '/'); i > 0 {
		return p[:i]
	}
	return "/"
}

// join puts a name below a directory.
func join(dir, name string) string {
	if dir == "/" {
		return "/" + name
	}
	return dir + "/" + name
}
