package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"mini/build"
	"mini/internal/bloat"
)

// title is a table's first line.
func (t sizeTable) title() string {
	title := t.Name
	if t.What != t.Name {
		title += ", " + t.What
	}
	title += fmt.Sprintf(" by %s: %s", t.By, build.FormatSize(t.Size))
	if t.Packed > 0 {
		title += fmt.Sprintf(", packed %s (%s)", build.FormatSize(t.Packed), percent(t.Packed, t.Size))
	}
	return clean(title)
}

// percent is part of whole, as a person reads it.
func percent(part, whole int64) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(part)/float64(whole))
}

// amount is a number of bytes, which may be below 0 where the linker took something away.
func amount(n int64) string {
	if n < 0 {
		return "-" + build.FormatSize(-n)
	}
	return build.FormatSize(n)
}

// change is an amount with its sign, and in bytes where those are not what it says already.
func change(n int64) string {
	text := amount(n)
	if n > 0 {
		text = "+" + text
	}
	if n > -1024 && n < 1024 {
		return text
	}
	return fmt.Sprintf("%s (%+d bytes)", text, n)
}

func (m *measured) print(w io.Writer, top int) error {
	b := bufio.NewWriter(w)
	for i, t := range m.Tables {
		if i > 0 {
			fmt.Fprintln(b)
		}
		t.print(b, top)
	}
	return b.Flush()
}

// shown are the first rows of a table, and how many are left out. To leave out one alone spares no line.
func shown[R any](rows []R, top int) (first []R, more int) {
	if top == 0 || len(rows) <= top+1 {
		return rows, 0
	}
	return rows[:top], len(rows) - top
}

func (t sizeTable) print(w io.Writer, top int) {
	fmt.Fprintln(w, t.title())
	rows, more := shown(t.Rows, top)
	sizes := len(rows) > 0 && rows[0].Sizes != nil
	columns := []string{"SIZE", "SHARE"}
	if t.Packed > 0 {
		columns = append(columns, "PACKED")
	}
	if sizes {
		columns = append(columns, "TEXT", "DATA", "BSS")
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(cells []string, name string) {
		fmt.Fprintf(table, "%s\t  %s\n", strings.Join(cells, "\t"), clean(name))
	}
	line(columns, strings.ToUpper(t.By))
	for _, r := range rows {
		cells := []string{amount(r.Size), percent(r.Size, t.Size)}
		if t.Packed > 0 {
			cells = append(cells, build.FormatSize(r.Packed))
		}
		if sizes {
			cells = append(cells, amount(r.Text), amount(r.Data), amount(r.BSS))
		}
		line(cells, r.Name)
	}
	if more > 0 {
		rest := bloat.Total(t.Rows[len(rows):])
		cells := append([]string{amount(rest), percent(rest, t.Size)}, make([]string, len(columns)-2)...)
		line(cells, fmt.Sprintf("(%d more)", more))
	}
	_ = table.Flush() // the writer below keeps its error
}

// sizeChanges are what differs between two sides.
type sizeChanges struct {
	Old    string        `json:"old"`
	New    string        `json:"new"`
	Tables []changeTable `json:"tables"`
}

type changeTable struct {
	What string `json:"what"`
	By   string `json:"by"`
	Old  int64  `json:"old"`
	New  int64  `json:"new"`
	bloat.Changes
}

// changes compares tables of the same kind. What one side alone has, such as a kernel, is compared with nothing.
func (m *measured) changes(other *measured) *sizeChanges {
	c := &sizeChanges{Old: m.Target, New: other.Target, Tables: []changeTable{}}
	used := map[int]bool{}
	for _, t := range m.Tables {
		var two sizeTable
		for i, o := range other.Tables {
			if o.What == t.What && o.By == t.By && !used[i] {
				two, used[i] = o, true
				break
			}
		}
		if t.By == "package" {
			t.Rows, two.Rows = samePackages(t.Rows, two.Rows)
		}
		c.Tables = append(c.Tables, changeTable{t.What, t.By, t.Size, two.Size, bloat.Diff(t.Rows, two.Rows)})
	}
	for i, o := range other.Tables {
		if !used[i] {
			c.Tables = append(c.Tables, changeTable{o.What, o.By, 0, o.Size, bloat.Diff(nil, o.Rows)})
		}
	}
	return c
}

// samePackages gives the packages of two tables that differ in version and CPU alone one name: what another version adds is asked
// for, and not that one is gone and another is there. A table that has several of a name keeps theirs.
func samePackages(before, after []bloat.Row) (_, _ []bloat.Row) {
	program := func(r bloat.Row) string {
		name, rest, _ := strings.Cut(r.Name, " ")
		if r.Name == ofScript || rest == "" {
			return r.Name
		}
		return name
	}
	count := func(rows []bloat.Row) map[string]int {
		n := map[string]int{}
		for _, r := range rows {
			n[program(r)]++
		}
		return n
	}
	here, there := count(before), count(after)
	renamed := func(rows []bloat.Row) []bloat.Row {
		rows = slices.Clone(rows)
		for i, r := range rows {
			if name := program(r); here[name] == 1 && there[name] == 1 {
				rows[i].Name = name
			}
		}
		return rows
	}
	return renamed(before), renamed(after)
}

func (c *sizeChanges) print(w io.Writer, top int) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "from  %s\nto    %s\n", clean(c.Old), clean(c.New))
	for _, t := range c.Tables {
		fmt.Fprintf(b, "\n%s by %s: %s", t.What, t.By, build.FormatSize(t.Old))
		if len(t.Rows) == 0 {
			fmt.Fprintln(b, ", the same")
			continue
		}
		fmt.Fprintf(b, ", then %s: %s\n", build.FormatSize(t.New), change(t.New-t.Old))
		fmt.Fprintf(b, "%d added, %d removed, %d grown, %d shrunk: %+d %+d = %+d bytes\n", t.Added, t.Removed, t.Grown, t.Shrunk, t.Up, t.Down, t.Up+t.Down)
		rows, more := shown(t.Rows, top)
		table := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(table, "OLD\tNEW\tCHANGE\t  %s\n", strings.ToUpper(t.By))
		for _, r := range rows {
			fmt.Fprintf(table, "%d\t%d\t%+d\t  %s\n", r.Old, r.New, r.Delta(), clean(r.Name))
		}
		if more > 0 {
			rest := int64(0)
			for _, r := range t.Rows[len(rows):] {
				rest += r.Delta()
			}
			fmt.Fprintf(table, "\t\t%+d\t  (%d more)\n", rest, more)
		}
		_ = table.Flush() // the writer below keeps its error
	}
	return b.Flush()
}
