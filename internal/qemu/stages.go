package qemu

import (
	"regexp"
	"time"
)

// stages is when a boot got how far, from the start of QEMU. 0: it was not seen, as on a quiet console.
type stages struct {
	kernel time.Duration // the kernel's first line
	init   time.Duration // the kernel starts /init
	ran    bool          // and said so
}

// Texts of init/version.c (in all versions the first line) and init/main.c. Kernels before 5.6 say of /init only that they
// free what was needed until then.
var (
	kernelStage = regexp.MustCompile(stamp + `Linux version `)
	runStage    = regexp.MustCompile(stamp + `Run \S+ as init process`)
	freeStage   = regexp.MustCompile(stamp + `Freeing unused kernel `)
)

func (s *stages) line(line string, at time.Duration) {
	switch {
	case s.kernel == 0 && kernelStage.MatchString(line):
		s.kernel = at
	case s.ran:
	case runStage.MatchString(line):
		s.init, s.ran = at, true
	case freeStage.MatchString(line):
		s.init = at
	}
}
