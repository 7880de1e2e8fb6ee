package treemap

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

const seed = 20261125

// Areas are in proportion, fill the whole, and lie on nothing else.
func TestSquarifyDividesTheWhole(t *testing.T) {
	r := rand.New(rand.NewPCG(seed, 0))
	for range 500 {
		in := Rect{r.Float64() * 9, r.Float64() * 9, 1 + 999*r.Float64(), 1 + 999*r.Float64()}
		sizes := make([]float64, r.IntN(30))
		sum := 0.0
		for i := range sizes {
			sizes[i] = math.Floor(math.Pow(10, 6*r.Float64())) - 1
			sum += sizes[i]
		}
		slices.Sort(sizes)
		slices.Reverse(sizes)
		rects := Squarify(sizes, in)
		const near = 1e-6
		for i, a := range rects {
			if sum > 0 && math.Abs(a.W*a.H/(in.W*in.H)-sizes[i]/sum) > near {
				t.Fatalf("seed %d: %v of %v got %+v", seed, sizes[i], sum, a)
			}
			if a.W*a.H > 0 && (a.X < in.X-near || a.Y < in.Y-near || a.X+a.W > in.X+in.W+near || a.Y+a.H > in.Y+in.H+near) {
				t.Fatalf("seed %d: %+v is outside of %+v", seed, a, in)
			}
			for _, b := range rects[:i] {
				if min(a.X+a.W, b.X+b.W)-max(a.X, b.X) > near && min(a.Y+a.H, b.Y+b.H)-max(a.Y, b.Y) > near {
					t.Fatalf("seed %d: %+v lies on %+v", seed, a, b)
				}
			}
		}
	}
}

// The example of the paper: 6, 6, 4, 3, 2, 2, 1 in a rectangle of 6 by 4.
func TestSquarifyIsSquare(t *testing.T) {
	rects := Squarify([]float64{6, 6, 4, 3, 2, 2, 1}, Rect{0, 0, 6, 4})
	want := []Rect{{0, 0, 3, 2}, {0, 2, 3, 2}, {3, 0, 12.0 / 7, 7.0 / 3}, {3 + 12.0/7, 0, 9.0 / 7, 7.0 / 3}}
	for i, w := range want {
		g := rects[i]
		if math.Abs(g.X-w.X)+math.Abs(g.Y-w.Y)+math.Abs(g.W-w.W)+math.Abs(g.H-w.H) > 1e-9 {
			t.Errorf("%d: %+v, want %+v", i, g, w)
		}
	}
}

func TestSVGIsWellFormed(t *testing.T) {
	groups := []Group{
		{"kernel <&>", []Item{{"a/", 10, "10 B"}, {"</svg><script>", 1000, "1.0 KiB"}, {"none", 0, "0 B"}, {"less", -5, "-5 B"}}},
		{"root", []Item{{"/a\"b'\xff", 500, "500 B"}, {"/usr/lib/a/very/long/path/of/a/file", 800, "800 B"}}},
		{"empty", nil},
	}
	var b strings.Builder
	if err := SVG(&b, "what is <big>", groups, 640, 400); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader(b.String()))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		if start, ok := token.(xml.StartElement); ok && !slices.Contains([]string{"svg", "g", "rect", "text", "title"}, start.Name.Local) {
			t.Errorf("an element %s", start.Name.Local)
		}
	}
	if n := strings.Count(b.String(), "<title>"); n != 4 {
		t.Errorf("%d areas, want 4", n)
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		s     string
		chars int
		want  string
	}{{"abc", 3, "abc"}, {"abcdef", 5, "abcd…"}, {"/usr/lib/x", 6, "x"}, {"/usr/lib/libresolv.so", 8, "libreso…"}, {"abcdef", 3, ""}, {"", 0, ""}} {
		if got := fit(c.s, (float64(c.chars)+0.5)*charWidth); got != c.want {
			t.Errorf("%q in %d: %q, want %q", c.s, c.chars, got, c.want)
		}
	}
}
