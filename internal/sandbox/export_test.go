package sandbox

import "context"

// RunFenced is what Run does in mode Auto on a host without namespaces.
func RunFenced(ctx context.Context, s Spec) (Result, error) {
	o, err := s.plan()
	if err != nil {
		return Result{}, err
	}
	o.Landlock = true
	return launch(ctx, &s, o)
}
