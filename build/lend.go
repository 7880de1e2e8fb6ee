package build

import (
	"slices"
	"time"
)

// lend spreads the free slots over makes, as evenly as it goes, beginning with the longest path.
func (s *schedule) lend(makes []*jobserver) {
	for i := 0; s.free > 0 && len(makes) > 0; i++ {
		if !makes[i%len(makes)].lend() {
			return
		}
		s.free--
	}
}

// recall takes back up to n tokens that no make has taken yet, from the shortest path first.
func (s *schedule) recall(n int) {
	for _, m := range slices.Backward(s.makes()) {
		got := m.recall(n)
		s.free += got
		n -= got
	}
}

// level takes tokens from makes that leave them lying (they link, or read their makefiles) to makes that have none left.
// Which of them wants more can't be seen, so a token may go to and fro until somebody takes it.
func (s *schedule) level() {
	if hungry := s.hungry(); len(hungry) > 0 && len(hungry) < len(s.makes()) {
		s.recall(s.slots)
		s.lend(hungry)
	}
}

// hungry are the makes that have no token left to take.
func (s *schedule) hungry() []*jobserver {
	return slices.DeleteFunc(s.makes(), func(j *jobserver) bool { return j.lying() > 0 })
}

// makes are the jobservers of the nodes that run, the longest path first.
func (s *schedule) makes() []*jobserver {
	var list []*jobserver
	for _, slot := range s.running {
		if slot.tokens != nil {
			list = append(list, slot.tokens)
		}
	}
	return list
}

// spare counts the slots that nobody uses at this moment.
func (s *schedule) spare() int {
	spare := s.free
	for _, m := range s.makes() {
		spare += m.lying()
	}
	return spare
}

// tick looks again and again as long as there is something that no event will tell: a make that leaves its tokens lying
// while another or a held node could use them, or memory that others give back.
func (s *schedule) tick() {
	if s.ticking || !s.watched() {
		return
	}
	s.ticking = true
	s.unused, s.looked = 0, time.Time{}
	go func() {
		t := time.NewTicker(tickEvery)
		defer t.Stop()
		for range t.C {
			s.mu.Lock()
			if s.ticking = s.watched(); !s.ticking {
				s.mu.Unlock()
				return
			}
			s.look()
			s.mu.Unlock()
		}
	}()
}

const tickEvery = 20 * time.Millisecond

func (s *schedule) watched() bool { return len(s.waiting) > 0 || len(s.makes()) > 1 }

func (s *schedule) look() {
	switch now := time.Now(); {
	case s.spare() == 0:
		s.unused, s.looked = max(s.unused-tickEvery/3, 0), time.Time{}
	case s.looked.IsZero():
		s.looked = now
	default:
		s.unused, s.looked = min(s.unused+now.Sub(s.looked), s.patience), now
	}
	if len(s.waiting) > 0 {
		s.deal()
	}
	s.level()
}
