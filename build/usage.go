package build

import (
	"math"
	"time"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Usage is what an action took. It is zero where nobody could count it: for steps that mini does in its own process.
type Usage struct {
	User time.Duration `json:"user_ns,omitempty"` // processor time of all its processes
	Sys  time.Duration `json:"sys_ns,omitempty"`  // the same, spent in the kernel
	Peak int64         `json:"peak,omitempty"`    // memory of the largest of its processes, in bytes
}

// CPU is all processor time.
func (u Usage) CPU() time.Duration { return u.User + u.Sys }

// auxiliary puts a Usage where the API has room for what it has no field for: a Struct of plain numbers, in seconds and
// bytes, which every tool can read.
func (u Usage) auxiliary() ([]*anypb.Any, error) {
	s, err := structpb.NewStruct(map[string]any{
		"user_seconds": u.User.Seconds(), "system_seconds": u.Sys.Seconds(), "peak_bytes": float64(u.Peak),
	})
	if err != nil {
		return nil, err
	}
	a, err := anypb.New(s)
	return []*anypb.Any{a}, err
}

// usageOf reads it back; zero if there is none.
func usageOf(m *rex.ExecutedActionMetadata) Usage {
	for _, a := range m.GetAuxiliaryMetadata() {
		s := &structpb.Struct{}
		if a.UnmarshalTo(s) != nil {
			continue
		}
		seconds := func(name string) time.Duration {
			return time.Duration(math.Round(s.Fields[name].GetNumberValue() * float64(time.Second)))
		}
		return Usage{seconds("user_seconds"), seconds("system_seconds"), int64(s.Fields["peak_bytes"].GetNumberValue())}
	}
	return Usage{}
}

// now is the present moment as the API writes it.
func now() *timestamppb.Timestamp { return timestamppb.Now() }
