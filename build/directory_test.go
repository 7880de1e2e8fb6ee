package build

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/proto"
)

// The input root is encoded by hand. The API's own encoder makes the same bytes of it, in the API's order, and it holds
// what was laid out.
func TestAnInputRootIsTheAPIs(t *testing.T) {
	const seed = 1
	r := rand.New(rand.NewPCG(seed, 0))
	names := []string{"a", "a-b", "a.b", "ab", "b", "\u00e9", "zz"}
	for try := range 300 {
		var inputs []located
		want := map[string]Object{}
		for range r.IntN(12) {
			p := names[r.IntN(len(names))]
			for range r.IntN(4) {
				p += "/" + names[r.IntN(len(names))]
			}
			o := Object{Digest: digestBytes([]byte(p)), Exec: r.IntN(2) == 0}
			if r.IntN(3) == 0 {
				o = Object{Digest: Digest{o.Digest.Hash, 0}, IsTree: true}
			}
			// Nothing is laid below a file, or twice.
			clash := false
			for q := range want {
				clash = clash || within(p, q) || within(q, p)
			}
			if !clash {
				want[p] = o
				inputs = append(inputs, located{Input: Input{Path: p}, object: o})
			}
		}
		root, blobs, err := merkle(inputs)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]Object{}
		var walk func(at string, d Digest) error
		walk = func(at string, d Digest) error {
			b, made := blobs[d]
			if !made || digestBytes(b) != d {
				return fmt.Errorf("no message of %s at %q", d, at)
			}
			m := &rex.Directory{}
			if err := proto.Unmarshal(b, m); err != nil {
				return err
			}
			sortDirectory(m)
			if again, _ := digestMessage(m); again != d {
				return fmt.Errorf("%q is not in canonical form: %v", at, m)
			}
			for _, f := range m.Files {
				got[at+f.Name] = Object{Digest: fromMessage(f.Digest), Exec: f.IsExecutable}
			}
			for _, sub := range m.Directories {
				p := at + sub.Name
				if want[p].IsTree {
					got[p] = Object{Digest: fromMessage(sub.Digest), IsTree: true}
				} else if err := walk(p+"/", fromMessage(sub.Digest)); err != nil {
					return err
				}
			}
			return nil
		}
		if err := walk("", root); err != nil || !maps.Equal(got, want) {
			t.Fatalf("seed %d, try %d: %v\nlaid out  %v\nencoded   %v", seed, try, err, want, got)
		}
	}
}
