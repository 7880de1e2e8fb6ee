package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// remembered builds the roots and remembers them as the target t of the script /s.
func remembered(t *testing.T, e *Engine, roots ...*Node) {
	t.Helper()
	run := e.NewRun(NewGraph(roots))
	if _, err := run.Build(context.Background(), roots); err != nil {
		t.Fatal(err)
	}
	if err := run.Remember(context.Background(), "/s", "t", nil, roots); err != nil {
		t.Fatal(err)
	}
}

// why says in one line per node what differs from the last build.
func why(t *testing.T, e *Engine, roots ...*Node) string {
	t.Helper()
	g := NewGraph(roots)
	plan, err := e.Plan(context.Background(), g, roots)
	if err != nil {
		t.Fatal(err)
	}
	last, err := e.Store.LastBuild("/s", "t", nil)
	if err != nil || last == nil {
		t.Fatal("nothing is remembered", err)
	}
	reasons, err := e.Why(context.Background(), plan, last)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range reasons {
		if !r.Changed() {
			continue
		}
		fmt.Fprintf(&b, "%s %s", r.ID, r.Status)
		for _, d := range r.Differences {
			was, is := d.Was, d.Is
			if d.Kind == PartInput && !d.Text || d.Kind == PartSource {
				was, is = some(was), some(is)
			}
			fmt.Fprintf(&b, " [%s %s: %q → %q]", d.Kind, d.Name, was, is)
		}
		if len(r.Because) > 0 {
			fmt.Fprintf(&b, " because %s", strings.Join(r.Because, ","))
		}
		for flag, on := range map[string]bool{"new": r.New, "gone": r.Gone, "forgotten": r.Forgotten} {
			if on {
				b.WriteString(" " + flag)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// some hides which digest it is.
func some(s string) string {
	if s == "" {
		return ""
	}
	return "…"
}

func TestWhy(t *testing.T) {
	host := t.TempDir() + "/file"
	if err := os.WriteFile(host, []byte("one"), 0o644); err != nil {
		t.Fatal(err)
	}
	graph := func() (tree, reader *Node) {
		tree, reader = chain("hi\n")
		tree.Inputs = append(tree.Inputs, Input{Path: "host/file", Host: host})
		tree.Steps = append(tree.Steps, "echo else > out/other")
		reader.Inputs = append(reader.Inputs, text("in/words", "a\nb\n"))
		return tree, reader
	}
	e, _ := newEngine(t, t.TempDir())
	_, reader := graph()
	remembered(t, e, reader)
	for _, c := range []struct {
		name   string
		change func(tree, reader *Node)
		want   string
	}{
		{"nothing", func(_, _ *Node) {}, ""},
		{"what is not in the key", func(tree, _ *Node) { tree.Pos, tree.Title = "x:1:1", "y" }, ""},
		{"a step", func(_, reader *Node) { reader.Steps[0] += " " },
			`reader build [steps : "cat in/x in/x > twice" → "cat in/x in/x > twice "]`},
		{"a setting", func(_, reader *Node) { reader.Env = []string{"A=1"} },
			`reader build [environment A: "" → "1"]`},
		{"the recipe's number", func(_, reader *Node) { reader.Recipe = 2 },
			`reader build [recipe : "" → "recipe 2"]`},
		{"an output", func(_, reader *Node) { reader.Steps[0] += "; touch y"; reader.Outputs = append(reader.Outputs, "y") },
			`reader build [steps : "cat in/x in/x > twice" → "cat in/x in/x > twice; touch y"] [output y: "" → "y"]`},
		{"a text", func(_, reader *Node) { reader.Inputs[1].Data = []byte("a\nc\n") },
			`reader build [input in/words: "a\nb\n" → "a\nc\n"]`},
		{"an input less", func(_, reader *Node) { reader.Inputs = reader.Inputs[:1] },
			`reader build [input in/words: "…" → ""]`},
		{"an input more", func(_, reader *Node) { reader.Inputs = append(reader.Inputs, text("more", "m")) },
			`reader build [input more: "" → "m"]`},
		{"a moved input", func(_, reader *Node) { reader.Inputs[1].Path = "in/others" },
			`reader build [moved input in/others: "in/words" → "in/others"]`},
		{"a permission", func(_, reader *Node) { reader.Inputs[1].Exec = true },
			`reader build [input in/words: "…" → "…"]`},
		{"the cause is further up", func(tree, _ *Node) { tree.Inputs[0].Data = []byte("ho\n") },
			"tree build [input a: \"hi\\n\" → \"ho\\n\"]\nreader pending because tree"},
		{"both", func(tree, reader *Node) { tree.Env = []string{"A=1"}; reader.Recipe = 1 },
			"tree build [environment A: \"\" → \"1\"]\nreader pending [recipe : \"\" → \"recipe 1\"] because tree"},
		{"another file of the same tree", func(_, reader *Node) { reader.Inputs[0].From.Sub = "other" },
			`reader build [input in/x: "…" → "…"]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree, reader := graph()
			c.change(tree, reader)
			if got := strings.TrimSpace(why(t, e, reader)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	t.Run("a tool", func(t *testing.T) {
		e, _ := newEngine(t, e.Store.Dir())
		e.Host = bareHost{"2"}
		got := why(t, e, reader)
		if !strings.Contains(got, `tree build [tool tool:cat: "1" → "2"]`) || !strings.Contains(got, "because tree") {
			t.Error(got)
		}
	})
	t.Run("a file of the user's", func(t *testing.T) {
		if err := os.WriteFile(host, []byte("two"), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := why(t, e, reader); !strings.HasPrefix(got, `tree build [input host/file: "…" → "…"]`) {
			t.Error(got)
		}
	})
}

// What was built in this form before is a hit, and still the reason for what reads it.
func TestWhyLooksThroughHits(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	other, _ := chain("ho\n")
	mustBuild(t, e, other)
	_, reader := chain("hi\n")
	remembered(t, e, reader)
	_, reader = chain("ho\n")
	want := "tree hit [input a: \"hi\\n\" → \"ho\\n\"]\nreader build because tree\n"
	if got := why(t, e, reader); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestWhySaysWhatIsNewGoneOrForgotten(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	_, reader := chain("hi\n")
	remembered(t, e, reader)
	res := mustBuild(t, e, reader)[reader]
	if err := os.Remove(e.Store.BlobPath(res.Outputs["twice"].Digest)); err != nil {
		t.Fatal(err)
	}
	if got := why(t, e, reader); got != "reader build gone\n" {
		t.Errorf("with its content gone: %q", got)
	}
	if err := os.Remove(e.Store.BlobPath(res.Action.Digest)); err != nil {
		t.Fatal(err)
	}
	reader.Recipe = 1
	if got := why(t, e, reader); got != "reader build forgotten\n" {
		t.Errorf("with its key's text gone: %q", got)
	}
	more := shellNode("more", "touch x", []string{"x"}, text("y", "z"))
	reader.Recipe = 0
	if got := why(t, e, reader, more); !strings.Contains(got, "more build new\n") {
		t.Errorf("with a node more: %q", got)
	}
}

func TestWhySaysWhichSourceItWas(t *testing.T) {
	store, err := OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e := &Engine{Store: store, Cache: store, Host: bareHost{"1"}}
	source := func(sum, version string) *Node {
		return &Node{Name: "linux.fetch", Outputs: []string{"f"}, Fetch: &Fetch{File: "f", SHA256: sum, Size: 1, Name: "linux", Version: version}}
	}
	old := &Record{Nodes: []Recorded{{ID: "linux.fetch", Fetch: &RecordedFetch{File: "f", SHA256: strings.Repeat("0", 64), Name: "linux", Version: "6.1"}}}}
	for sum, want := range map[string]string{
		"":                      `"linux 6.1, f (sha256 000000000000…)" → ""`,
		strings.Repeat("1", 64): `"linux 6.1, f (sha256 000000000000…)" → "linux 6.2, f (sha256 111111111111…)"`,
	} {
		n := source(sum, "6.2")
		plan, err := e.Plan(context.Background(), NewGraph([]*Node{n}), []*Node{n})
		if err != nil {
			t.Fatal(err)
		}
		reasons, err := e.Why(context.Background(), plan, old)
		if err != nil {
			t.Fatal(err)
		}
		d := reasons[0].Differences
		if len(d) != 1 || fmt.Sprintf("%q → %q", d[0].Was, d[0].Is) != want {
			t.Errorf("%v, want %s", d, want)
		}
	}
}

// A record that says the same is not written again: a build with nothing to do writes nothing.
func TestRememberWritesOnlyWhatChanged(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	_, reader := chain("hi\n")
	remembered(t, e, reader)
	first, err := os.Stat(e.Store.recordPath("/s", "t"))
	if err != nil {
		t.Fatal(err)
	}
	remembered(t, e, reader)
	second, err := os.Stat(e.Store.recordPath("/s", "t"))
	if err != nil || !os.SameFile(first, second) {
		t.Error("the record was written again", err)
	}
	reader.Recipe++
	remembered(t, e, reader)
	if third, err := os.Stat(e.Store.recordPath("/s", "t")); err != nil || os.SameFile(first, third) {
		t.Error("the record was not written", err)
	}
}

// A node that only has to be done before another is looked at when that one is built. It is not forgotten when all is
// a hit.
func TestRememberKeepsWhatNobodyAskedFor(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	check := shellNode("check", "cat x > y", []string{"y"}, text("x", "1"))
	n := shellNode("n", "cat x > y", []string{"y"}, text("x", "2"))
	n.After = []*Node{check}
	remembered(t, e, n)
	remembered(t, e, n)
	last, err := e.Store.LastBuild("/s", "t", nil)
	if err != nil || last.node("check") == nil {
		t.Fatalf("%+v, %v", last, err)
	}
}

// The printed key is the key: each message, encoded again by nothing but the API's own definitions, has its digest.
func TestTheKeysTextCanBeChecked(t *testing.T) {
	n, inputs, tools := sample()
	n.Recipe = 3
	a, err := newAction(n, inputs, platform(tools))
	if err != nil {
		t.Fatal(err)
	}
	text, err := a.Text("x")
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.MarshalIndent(text, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	var read KeyText
	if err := json.Unmarshal(b, &read); err != nil {
		t.Fatal(err)
	}
	check := func(m KeyMessage, into proto.Message) {
		t.Helper()
		if err := protojson.Unmarshal(m.Message, into); err != nil {
			t.Fatal(err)
		}
		b, err := proto.MarshalOptions{Deterministic: true}.Marshal(into)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		if got := fmt.Sprintf("%s/%d", hex.EncodeToString(sum[:]), len(b)); got != m.Digest {
			t.Errorf("%T has digest %s, it says %s", into, got, m.Digest)
		}
	}
	action := &rex.Action{}
	check(read.Action, action)
	check(read.Command, &rex.Command{})
	for _, d := range read.Directories {
		check(*d, &rex.Directory{})
	}
	if len(read.Directories) != 2 || read.Action.Digest != a.Digest.String() || read.Directories[0].Digest != fromMessage(action.InputRootDigest).String() {
		t.Errorf("%+v", read)
	}
}

// A hit may come from somebody who kept nothing but the result: what its key is made of is kept by whoever remembers it.
func TestRememberKeepsTheKeysOfHits(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	n := shellNode("n", "cat x > y", []string{"y"}, text("x", "1\n"))
	action := mustBuild(t, e, n)[n].Action
	for d := range action.blobs {
		if d != digestBytes([]byte("1\n")) { // which is the output as well
			if err := os.Remove(e.Store.BlobPath(d)); err != nil {
				t.Fatal(err)
			}
		}
	}
	remembered(t, e, n)
	n = shellNode("n", "cat x > y", []string{"y"}, text("x", "2\n"))
	if got, want := why(t, e, n), "n build [input x: \"1\\n\" → \"2\\n\"]\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A tree is one input, also when its directories happen to be in the content table.
func TestWhyTakesATreeForOneInput(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	graph := func(what string) *Node {
		tree := shellNode("tree", "mkdir out; cp a out/a", []string{"out"}, text("a", what))
		return shellNode("reader", "cat in/a > b", []string{"b"}, from("in", tree, "out", ""))
	}
	n := graph("one")
	remembered(t, e, n)
	dir := &rex.Directory{Files: []*rex.FileNode{{Name: "a", Digest: digestBytes([]byte("one")).message()}}}
	d, b := digestMessage(dir)
	if err := e.Store.PutBytes(context.Background(), d, b); err != nil {
		t.Fatal(err)
	}
	want := "tree build [input a: \"one\" → \"two\"]\nreader pending because tree\n"
	if got := why(t, e, graph("two")); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
