package term

import (
	"fmt"
	"strconv"
	"time"
)

// took says how long something lasted: 3.1s, 3m41s, 1h02m. At most six columns up to four days.
func took(d time.Duration) string {
	// Round first: 59.96 s is 1m00s and not 60.0s.
	if d = d.Round(100 * time.Millisecond); d < time.Minute {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return running(d.Round(time.Second))
}

// running is took for what still goes on: whole seconds, since a tenth that flickers tells nobody anything.
func running(d time.Duration) string {
	s := int(max(d, 0) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	}
	return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
}

// size says how much of how much, in the unit of the bigger one: 12.3/40.1 MiB. total is 0 when it isn't known.
func size(done, total int64) string {
	unit, name := 1<<20, "MiB"
	if max(done, total) < 1<<20 {
		unit, name = 1<<10, "KiB"
	}
	amount := func(n int64) string { return short(float64(n) / float64(unit)) }
	if total <= 0 {
		return amount(done) + " " + name
	}
	return amount(done) + "/" + amount(total) + " " + name
}

// rate says bytes a second, in MiB unless that would be 0.0.
func rate(perSecond float64) string {
	if perSecond < 1<<20/10 {
		return short(perSecond/(1<<10)) + " KiB/s"
	}
	return short(perSecond/(1<<20)) + " MiB/s"
}

func short(f float64) string {
	if f < 99.95 {
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'f', 0, 64)
}

// count writes a number with its thousands apart: 78,579.
func count(n int64) string {
	digits := strconv.FormatInt(max(n, 0), 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
