package bloat

import (
	"cmp"
	"slices"
)

// Row is one line of a table of sizes.
type Row struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	Packed int64  `json:"packed,omitempty"` // of it in an archive, about
	*Sizes        // where they are known
}

func bySize(a, b Row) int {
	return cmp.Or(cmp.Compare(b.Size, a.Size), cmp.Compare(a.Name, b.Name))
}

// Sort puts the largest first.
func Sort(rows []Row) { slices.SortFunc(rows, bySize) }

// Total adds rows up.
func Total(rows []Row) int64 {
	sum := int64(0)
	for _, r := range rows {
		sum += r.Size
	}
	return sum
}

// Share says how packed bytes divide among rows that were packed one by one: an archive is packed as a whole, so a row's part
// of it is an estimate, and the parts are the whole.
func Share(rows []Row, packed int64) {
	alone := int64(0)
	for _, r := range rows {
		alone += r.Packed
	}
	for i := range rows {
		if alone > 0 {
			rows[i].Packed = int64(float64(rows[i].Packed)/float64(alone)*float64(packed) + 0.5)
		}
	}
}

// Change is a row that is not as it was.
type Change struct {
	Name string `json:"name"`
	Old  int64  `json:"old"`
	New  int64  `json:"new"`
}

// Delta is by how much it grew.
func (c Change) Delta() int64 { return c.New - c.Old }

// Changes are what differs between two tables, the largest change first.
type Changes struct {
	Added   int      `json:"added"`
	Removed int      `json:"removed"`
	Grown   int      `json:"grown"`
	Shrunk  int      `json:"shrunk"`
	Up      int64    `json:"up"`   // bytes
	Down    int64    `json:"down"` // bytes, not above 0
	Rows    []Change `json:"rows"`
}

// Diff compares two tables, whose names are each there once.
func Diff(before, after []Row) Changes {
	was := map[string]int64{}
	for _, r := range before {
		was[r.Name] = r.Size
	}
	c := Changes{Rows: []Change{}}
	for _, r := range after {
		old, there := was[r.Name]
		delete(was, r.Name)
		switch {
		case r.Size == old && there:
			continue
		case !there:
			c.Added++
		case r.Size > old:
			c.Grown++
		default:
			c.Shrunk++
		}
		c.Rows = append(c.Rows, Change{r.Name, old, r.Size})
	}
	for name, old := range was {
		c.Removed++
		c.Rows = append(c.Rows, Change{name, old, 0})
	}
	for _, r := range c.Rows {
		if r.Delta() > 0 {
			c.Up += r.Delta()
		} else {
			c.Down += r.Delta()
		}
	}
	slices.SortFunc(c.Rows, func(a, b Change) int {
		return cmp.Or(cmp.Compare(abs(b.Delta()), abs(a.Delta())), cmp.Compare(a.Name, b.Name))
	})
	return c
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
