package graphdraw

// mostReduced is how large a graph may be whose edges are reduced: it takes a bit for each pair of nodes.
const mostReduced = 20000

// reduced leaves out the edges that say nothing new: a way over others leads from the one end to the other. What only waits
// makes no way.
func reduced(nodes int, edges []Edge) []Edge {
	if nodes > mostReduced {
		return edges
	}
	needs := make([][]Edge, nodes)
	for _, e := range edges {
		needs[e.To] = append(needs[e.To], e)
	}
	words := (nodes + 63) / 64
	reach := make([][]uint64, nodes) // what a node reads, or what it reads reads, and so on
	var kept []Edge
	for i := range needs {
		far := make([]uint64, words) // reached over another
		for _, e := range needs[i] {
			if !e.Weak {
				for w, bits := range reach[e.From] {
					far[w] |= bits
				}
			}
		}
		all := append([]uint64{}, far...)
		for _, e := range needs[i] {
			if !e.Weak {
				all[e.From/64] |= 1 << (e.From % 64)
			}
			if far[e.From/64]&(1<<(e.From%64)) == 0 {
				kept = append(kept, e)
			}
		}
		reach[i] = all
	}
	return kept
}
