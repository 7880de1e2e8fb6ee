package graphdraw

// Sizes of the picture, in CSS pixels.
const (
	charWidth = 6.6 // of the font that style.css names, at 12 px; a little generous
	minWidth  = 96
	maxWidth  = 210
	lineStep  = 15
	padding   = 8
	columnGap = 44 // between layers
	rowGap    = 14
	bendSize  = 6
	margin    = 12
)

// place gives every point its place: columns from left to right, and in a column each as near to its neighbours' middle
// as the others allow.
func (l *layout) place() (width, height float64) {
	x := float64(margin)
	for _, layer := range l.layers {
		widest := 0.0
		for _, p := range layer {
			widest = max(widest, p.width)
		}
		y := 0.0
		for _, p := range layer {
			p.x = x + (widest-p.width)/2
			if p.node < 0 {
				p.x, p.width = x, widest // a bend is a straight piece through its column
			}
			p.y = y + p.height/2
			y += p.height + rowGap
		}
		x += widest + columnGap
	}
	for range sweeps / 2 {
		for _, layer := range l.layers {
			settle(layer, func(p *point) []*point { return p.left })
		}
		for i := len(l.layers) - 1; i >= 0; i-- {
			settle(l.layers[i], func(p *point) []*point { return p.right })
		}
	}
	top, bottom := 0.0, 0.0
	for i, p := range l.all() {
		if i == 0 {
			top, bottom = p.y-p.height/2, p.y+p.height/2
		}
		top, bottom = min(top, p.y-p.height/2), max(bottom, p.y+p.height/2)
	}
	for _, p := range l.all() {
		p.y += margin - top
	}
	return x - columnGap + margin, bottom - top + 2*margin
}

func (l *layout) all() []*point {
	var all []*point
	for _, layer := range l.layers {
		all = append(all, layer...)
	}
	return all
}

// block is neighbours of a column that touch, and move as one.
type block struct {
	first, last int
	wish        float64 // for the middle of the first one, by all of them
	weight      float64
}

// settle moves the points of a column to the middle of their neighbours, in the least squares' sense, without changing
// their order: where two would overlap they become one block, which goes to the mean of their wishes (pool adjacent
// violators, as in isotonic regression).
func settle(layer []*point, neighbours func(*point) []*point) {
	offset := make([]float64, len(layer)) // from the first one's middle, if all touch
	var blocks []block
	for i, p := range layer {
		if i > 0 {
			offset[i] = offset[i-1] + layer[i-1].height/2 + rowGap + p.height/2
		}
		wish, weight := p.y, 0.01
		if near := neighbours(p); len(near) > 0 {
			wish, weight = 0, float64(len(near))
			for _, q := range near {
				wish += q.y / float64(len(near))
			}
			if p.node < 0 {
				weight *= 2 // long edges straight
			}
		}
		b := block{i, i, wish - offset[i], weight}
		for len(blocks) > 0 && blocks[len(blocks)-1].wish > b.wish {
			a := blocks[len(blocks)-1]
			blocks = blocks[:len(blocks)-1]
			sum := a.weight + b.weight
			b = block{a.first, b.last, (a.wish*a.weight + b.wish*b.weight) / sum, sum}
		}
		blocks = append(blocks, b)
	}
	for _, b := range blocks {
		for i := b.first; i <= b.last; i++ {
			layer[i].y = b.wish + offset[i]
		}
	}
}
