package sandbox

import "context"

// RunFenced is what Run does in mode Auto on a host without namespaces.
func RunFenced(ctx context.Context, s Spec) (Result, error) { return runWith(ctx, s, false, true) }

// RunNamespaced is what Run does on a host without Landlock.
func RunNamespaced(ctx context.Context, s Spec) (Result, error) { return runWith(ctx, s, true, false) }

func runWith(ctx context.Context, s Spec, contained, landlock bool) (Result, error) {
	o, err := s.plan()
	if err != nil {
		return Result{}, err
	}
	o.Contained, o.Landlock = contained, landlock
	return launch(ctx, &s, o)
}
