package rootfs

import "fmt"

// A Conflict is a path that was given twice in ways that can't both be.
type Conflict struct {
	Path          string // where the two meet, after links between layers were followed
	First, Second Entry  // as they were given, in that order
}

// Error names the path, what differs and both places.
func (c *Conflict) Error() string {
	if below(c.Second.Path, c.First.Path) || below(c.First.Path, c.Second.Path) {
		upper, lower := c.First, c.Second
		if below(upper.Path, lower.Path) {
			upper, lower = lower, upper
		}
		return fmt.Sprintf("%s is a %s, so nothing can lie below it: by %s, but %s by %s",
			word(upper.Path), upper.Type, place(upper), word(lower.Path), place(lower))
	}
	return fmt.Sprintf("%s is given twice with different %s: by %s and by %s",
		word(c.Path), difference(c.First, c.Second), c.name(c.First), c.name(c.Second))
}

// name is the place of an entry, with its path where a link led from there to here.
func (c *Conflict) name(e Entry) string {
	if e.Path == c.Path {
		return place(e)
	}
	return fmt.Sprintf("%s (as %s)", place(e), word(e.Path))
}

func place(e Entry) string {
	if e.Origin == "" {
		return "an unnamed place"
	}
	return e.Origin
}

// difference says in words what tells two entries apart.
func difference(a, b Entry) string {
	switch {
	case a.Type != b.Type:
		return fmt.Sprintf("types (%s and %s)", a.Type, b.Type)
	case a.SHA256 != b.SHA256 || a.Size != b.Size:
		return "content"
	case a.Target != b.Target:
		return fmt.Sprintf("targets (%s and %s)", word(a.Target), word(b.Target))
	case a.Major != b.Major || a.Minor != b.Minor:
		return fmt.Sprintf("device numbers (%d:%d and %d:%d)", a.Major, a.Minor, b.Major, b.Minor)
	case a.Mode != b.Mode:
		return fmt.Sprintf("modes (%04o and %04o)", a.Mode, b.Mode)
	}
	return fmt.Sprintf("owners (%d:%d and %d:%d)", a.UID, a.GID, b.UID, b.GID)
}

// below tells whether p lies in the directory dir or deeper.
func below(p, dir string) bool {
	return len(p) > len(dir) && p[:len(dir)] == dir && p[len(dir)] == '/'
}
