// Package treemap draws sizes as areas, in an SVG: things of several kinds side by side, the largest first.
package treemap

// Rect is a part of the picture, in CSS pixels.
type Rect struct{ X, Y, W, H float64 }

// Squarify divides a rectangle into one for each size, in proportion, each as near to a square as may be (Bruls, Huizing and
// van Wijk, Squarified treemaps, 2000). Sizes come largest first; what is not above 0 gets nothing.
func Squarify(sizes []float64, in Rect) []Rect {
	out := make([]Rect, len(sizes))
	sum := 0.0
	for _, s := range sizes {
		sum += max(s, 0)
	}
	if sum <= 0 || in.W <= 0 || in.H <= 0 {
		return out
	}
	scale := in.W * in.H / sum
	for at := 0; at < len(sizes) && sizes[at] > 0; {
		side := min(in.W, in.H)
		n, area := 1, sizes[at]*scale
		// Another one goes into the row as long as that makes its rectangles squarer.
		for at+n < len(sizes) && sizes[at+n] > 0 {
			more := area + sizes[at+n]*scale
			if worst(sizes[at]*scale, sizes[at+n]*scale, more, side) > worst(sizes[at]*scale, sizes[at+n-1]*scale, area, side) {
				break
			}
			n, area = n+1, more
		}
		in = row(out[at:at+n], sizes[at:at+n], scale, area, in)
		at += n
	}
	return out
}

// worst is how far from a square is the worst of a row that has this area, whose largest and smallest are known: 1 for none.
func worst(largest, smallest, area, side float64) float64 {
	return max(side*side*largest/(area*area), area*area/(side*side*smallest))
}

// row lays a row along the shorter side, and returns what is left.
func row(out []Rect, sizes []float64, scale, area float64, in Rect) Rect {
	if in.W >= in.H {
		thick, y := area/in.H, in.Y
		for i, s := range sizes {
			h := s * scale / thick
			out[i] = Rect{in.X, y, thick, h}
			y += h
		}
		return Rect{in.X + thick, in.Y, max(in.W-thick, 0), in.H}
	}
	thick, x := area/in.W, in.X
	for i, s := range sizes {
		w := s * scale / thick
		out[i] = Rect{x, in.Y, w, thick}
		x += w
	}
	return Rect{in.X, in.Y + thick, in.W, max(in.H-thick, 0)}
}
