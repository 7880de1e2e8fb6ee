package qemu

import "time"

// times is l with all of its limits multiplied.
func (l Limits) times(n time.Duration) Limits {
	return Limits{Boot: l.Boot * n, Silence: l.Silence * n, Total: l.Total * n}
}

// patiently is for guests that have short limits because a limit is what is tested. On a busy machine such a limit can be over
// before the guest has begun to speak, and then the verdict is right and says nothing of what is tested. So try is told by what
// to multiply its limits, and reports whether the guest came to where the limit counts; if not, it is tried again with more
// time. The verdict on a guest that came there stands: no later try can mend it.
func patiently(try func(scale time.Duration, last bool) (reached bool)) {
	for _, scale := range []time.Duration{1, 4, 16} {
		if try(scale, scale == 16) {
			return
		}
	}
}
