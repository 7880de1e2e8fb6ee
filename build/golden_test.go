package build

import (
	"fmt"
	"testing"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
)

// What a key is made of may be put together in another way, but not come out in another way: everybody's cache is kept
// under these digests.
func TestKeysStayWhatTheyAre(t *testing.T) {
	key := func(n *Node, inputs []located, tools []Property) string {
		return keyOf(t, n, inputs, tools).String()
	}
	n, inputs, tools := sample()
	for i := range 130 {
		tools = append(tools, Property{fmt.Sprintf("tool:t%d", i%128), digestBytes([]byte{byte(i)}).Hash})
	}
	check := func(what, got, want string) {
		if got != want {
			t.Errorf("%s: the key is %s, not %s", what, got, want)
		}
	}
	check("many tools", key(n, inputs, tools), "8e8518f540177abfee735082f2de3031aff95ed995632444444891f43479d42c/10329")
	n.Recipe = 7
	check("a recipe number", key(n, inputs, tools), "4eba9c8c1bd5d6e52b820890c9a9d20071c065c88f585a501e0f999b21c731a7/10339")
	check("no tools", key(n, inputs, nil), "2c458627e6a114201929212d54a890d4c29b7ee8cb609c7482371b25f871a30c/154")
	check("no inputs", key(n, nil, tools[:2]), "9716abb3c3b150127f429eec8fea726736b13b8532401ee54f687c7bc7681b1d/179")
	bare := &Node{Name: "x", Title: "x"}
	check("nothing at all", key(bare, nil, nil), "774ec895f067ba41b6b12ac34e771005cec92a07a4a95fc31b73680bc8fa6087/140")
	deep := []located{
		{Input: Input{Path: "a/b/c"}, object: Object{Digest: digestBytes(nil), Exec: true}},
		{Input: Input{Path: "a-b"}, object: Object{Digest: digestBytes([]byte("1"))}},
		{Input: Input{Path: "a/d"}, object: Object{Digest: digestBytes([]byte("2"))}},
		{Input: Input{Path: "a/B/t"}, object: Object{Digest: digestBytes([]byte("3")), IsTree: true}},
	}
	check("many directories", key(n, deep, tools), "5bf2e3386119306e2e0948a039c392036b40356670cc9035cb4fb9cac60db9c0/10339")
}

// The digest of an Action is put together of parts; this is the same by the API's own encoder.
func TestAKeyIsTheDigestOfItsAction(t *testing.T) {
	n, inputs, tools := sample()
	for _, props := range [][]Property{nil, tools[:1], tools, {{"", ""}}, {{"a", ""}, {"a", "\u00e9"}}} {
		for _, recipe := range []int{0, 1, 1 << 30} {
			n.Recipe = recipe
			a, err := newAction(n, inputs, platform(props))
			if err != nil {
				t.Fatal(err)
			}
			if want, _ := digestMessage(a.Message); a.Digest != want {
				t.Errorf("%d properties, recipe %d: the key is %v, the Action's digest %v", len(props), recipe, a.Digest, want)
			}
		}
	}
	for _, d := range []Digest{{}, {"a", 0}, {"", 1}, {"ab", 1 << 40}} {
		m := &rex.Action{CommandDigest: d.message(), InputRootDigest: d.message(), Platform: platform(nil).message}
		want, _ := digestMessage(m)
		if got := digestAction(m, platform(nil)); got != want {
			t.Errorf("an Action of %v has the digest %v, not %v", d, want, got)
		}
	}
}
