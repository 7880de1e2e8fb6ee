package build

import (
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Notes of a plan are encoded as texts, each with its length before it: first how many results there are and the results, then the
// same of places. They are read as parts of one string, since to make four texts a node anew would take as long as planning it.

func (t *planNotes) encode() []byte {
	var w textWriter
	w.count(len(t.results))
	for _, sum := range slices.Sorted(maps.Keys(t.results)) {
		n := t.results[sum]
		w.text(sum)
		w.digest(n.action)
		w.text(n.stamp)
		w.count(len(n.outputs))
		for _, path := range slices.Sorted(maps.Keys(n.outputs)) {
			w.text(path)
			w.object(n.outputs[path])
		}
	}
	w.count(len(t.places))
	for _, at := range slices.SortedFunc(maps.Keys(t.places), func(a, b place) int {
		return strings.Compare(a.listing+a.sub, b.listing+b.sub)
	}) {
		p := t.places[at]
		w.text(at.listing)
		w.text(at.sub)
		w.text(p.sub)
		w.object(p.object)
	}
	return w.b
}

func decodeNotes(body string) (t *planNotes, ok bool) {
	r := textReader{rest: body}
	t = newPlanNotes()
	for range r.count() {
		sum := r.text()
		n := &noted{action: r.digest(), stamp: r.text(), outputs: map[string]Object{}}
		for range r.count() {
			path := r.text()
			n.outputs[path] = r.object()
		}
		t.results[sum] = n
	}
	for range r.count() {
		at := place{r.text(), r.text()}
		p := &placed{sub: r.text()}
		p.object = r.object()
		t.places[at] = p
	}
	return t, !r.bad && r.rest == ""
}

type textWriter struct{ b []byte }

func (w *textWriter) text(s string) { w.b = append(binary.AppendUvarint(w.b, uint64(len(s))), s...) }
func (w *textWriter) count(n int)   { w.text(strconv.Itoa(n)) }

func (w *textWriter) digest(d Digest) {
	w.text(d.Hash)
	w.text(strconv.FormatInt(d.Size, 10))
}

func (w *textWriter) object(o Object) {
	kind := "file"
	switch {
	case o.IsTree:
		kind = "tree"
	case o.Exec:
		kind = "program"
	}
	w.text(kind)
	w.digest(o.Digest)
	if o.IsTree {
		w.digest(o.Tree)
	}
}

// textReader reads what textWriter wrote. Once something was bad, all that follows is empty.
type textReader struct {
	rest string
	bad  bool
}

func (r *textReader) text() string {
	// A length has ten bytes at most. (binary.Uvarint takes no string.)
	n, size := binary.Uvarint([]byte(r.rest[:min(len(r.rest), binary.MaxVarintLen64)]))
	if size <= 0 || n > uint64(len(r.rest)-size) {
		r.bad, r.rest = true, ""
		return ""
	}
	s := r.rest[size : size+int(n)]
	r.rest = r.rest[size+int(n):]
	return s
}

func (r *textReader) number() int64 {
	n, err := strconv.ParseInt(r.text(), 10, 64)
	r.bad = r.bad || err != nil || n < 0
	return n
}

func (r *textReader) count() int {
	n := r.number()
	if n > int64(len(r.rest)) { // each has a byte at least
		r.bad = true
	}
	if r.bad {
		return 0
	}
	return int(n)
}

func (r *textReader) digest() Digest { return Digest{r.text(), r.number()} }

func (r *textReader) object() Object {
	kind := r.text()
	o := Object{Digest: r.digest(), Exec: kind == "program", IsTree: kind == "tree"}
	if o.IsTree {
		o.Tree = r.digest()
	}
	return o
}
