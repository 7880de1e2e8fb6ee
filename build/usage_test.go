package build

import (
	"testing"
	"time"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
)

func TestUsageComesBackAsItWas(t *testing.T) {
	for ns := time.Duration(1); ns < 100*time.Hour; ns = ns*7 + 3 {
		want := Usage{User: ns, Sys: ns / 3, Peak: int64(ns)}
		aux, err := want.auxiliary()
		if err != nil {
			t.Fatal(err)
		}
		if got := usageOf(&rex.ExecutedActionMetadata{AuxiliaryMetadata: aux}); got != want {
			t.Errorf("%+v came back as %+v", want, got)
		}
	}
}
