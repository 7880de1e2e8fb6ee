package term

import "time"

// meter measures bytes a second, smoothed: the network comes in gusts, and a number that jumps can't be read.
type meter struct {
	at        time.Time // of the last sample
	done      int64     // at it
	perSecond float64
}

// between is how much time lies between two samples.
const between = 500 * time.Millisecond

// begin takes the first sample where the node begins, which isn't 0 for a download that is resumed, and again when a
// download starts anew.
func (m *meter) begin(now time.Time, done int64) {
	if m.at.IsZero() || done < m.done {
		*m = meter{at: now, done: done}
	}
}

// read returns the rate now. It is called for every drawing, so that it falls when nothing comes any more.
func (m *meter) read(now time.Time, done int64) float64 {
	passed := now.Sub(m.at)
	if m.at.IsZero() || passed < between {
		return m.perSecond
	}
	sample := float64(done-m.done) / passed.Seconds()
	if m.perSecond == 0 {
		m.perSecond = sample
	} else {
		m.perSecond = 0.6*m.perSecond + 0.4*sample
	}
	m.at, m.done = now, done
	return m.perSecond
}
