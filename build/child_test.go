package build

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mini/build/step"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
)

// childEnv makes the test binary a program of its own, which tests start many times, side by side, and kill.
const childEnv = "MINI_TEST_CHILD"

var errKill = errors.New("killed")

// child is what such a program is to do; it prints a line "name digest" for each output.
type child struct {
	What   string // real, small, rounds or full
	Cache  string
	Source string // the real build's tarball
	Log    string // takes a line for each thing that was built or removed
	Seed   uint64
	Rounds int
	Grain  time.Duration

	KillAt   int    // the operation of the store at which it ends itself; 0 for none
	KillOnly string // which operations count
	CountOps bool   // print how many there were
}

// start prepares the child process.
func (c child) command(t *testing.T) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	spec, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childEnv+"="+string(spec))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	return cmd, &out, &errs
}

// mustRun runs the child to its end and returns what it printed.
func (c child) mustRun(t *testing.T) string {
	t.Helper()
	cmd, out, errs := c.command(t)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	return out.String()
}

func childMain(spec string) int {
	var c child
	err := json.Unmarshal([]byte(spec), &c)
	if err == nil {
		os.Unsetenv(childEnv)
		err = c.main(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func (c child) main(ctx context.Context) error {
	switch c.What {
	case "rounds":
		return c.rounds(ctx)
	case "full":
		return c.full(ctx)
	}
	fault := &failAt{at: c.KillAt, err: errKill, only: c.KillOnly}
	store, err := openStore(c.Cache, &faulty{osDisk{}, fault.before}, useGrain)
	if err != nil {
		return err
	}
	e := childEngine(store)
	e.Fetcher = copyFetcher(c.Source)
	roots := []*Node{everyUse("first")}
	if c.What == "real" {
		if roots, err = realGraph(c.Source); err != nil {
			return err
		}
	}
	results, err := e.NewRun(NewGraph(roots)).Build(ctx, roots)
	if err != nil {
		return err
	}
	printOutputs(os.Stdout, results)
	if err := store.Close(); err != nil {
		return err
	}
	if c.CountOps {
		fmt.Println("operations", fault.count)
	}
	return nil
}

func childEngine(store *Store) *Engine {
	return &Engine{
		Store: store, Cache: store, Host: bareHost{"1"}, Jobs: 2,
		Executor: &Local{Store: store, Host: bareHost{"1"}, Sandbox: "auto", Apart: true, Steps: step.Env{ToolEnv: os.Environ()}},
	}
}

func printOutputs(w io.Writer, results map[*Node]*Result) {
	var lines []string
	for n, r := range results {
		for path, o := range r.Outputs {
			lines = append(lines, fmt.Sprintf("%s/%s %s\n", n.Name, path, o.Digest))
		}
	}
	fmt.Fprint(w, strings.Join(sorted(lines), ""))
}

// copyFetcher brings the file that it is, as a download would: into a part that stays when it is interrupted.
type copyFetcher string

func (f copyFetcher) Fetch(_ context.Context, _ *Fetch, dst string, _ func(done, total int64)) error {
	_ = os.Remove(dst)
	return copyFile(string(f), dst, 0o644, io.Discard)
}

// realGraph is a small build of the kind that mini is for: a tarball is fetched and unpacked, three C files are compiled
// and linked, and the program goes into a list and an archive. Every root of it is a step that a kill can come into.
func realGraph(source string) ([]*Node, error) {
	d, err := digestFile(source)
	if err != nil {
		return nil, err
	}
	fetch := &Node{Name: "fetch", Title: "fetch", Outputs: []string{"src.tar"}, Fetch: &Fetch{File: "src.tar", SHA256: d.Hash, Size: d.Size}}
	unpack := &Node{
		Name: "unpack", Title: "unpack", Inputs: []Input{from("src.tar", fetch, "src.tar", "")},
		Steps: []string{step.Line("unpack", "--strip", "1", "src.tar", "src")}, Outputs: []string{"src"},
	}
	link := &Node{Name: "link", Title: "link", Tools: []string{"gcc", "as", "ld"}, Compilers: []string{"gcc"}, Outputs: []string{"prog"}}
	var objects []string
	for _, unit := range []string{"main", "greet", "count"} {
		o := unit + ".o"
		compile := &Node{
			Name: "compile-" + unit, Title: "compile " + unit, Inputs: []Input{from("src", unpack, "src", "")},
			Steps: []string{"gcc -O2 -c src/" + unit + ".c -o " + o}, Outputs: []string{o},
			Tools: []string{"gcc", "as", "ld"}, Compilers: []string{"gcc"},
		}
		link.Inputs = append(link.Inputs, from(o, compile, o, ""))
		objects = append(objects, o)
	}
	link.Steps = []string{"gcc -static -Wl,--build-id=none -o prog " + strings.Join(objects, " ")}
	list := &Node{
		Name: "list", Title: "list", Outputs: []string{"root.list", "content"},
		Inputs: []Input{
			text("rootfs.spec", "dir / 755 0 0\nfile /init in/prog 755 0 0\ntree in/src /src\n"),
			from("in/prog", link, "prog", ""), from("in/src", unpack, "src", ""),
		},
		Steps: []string{step.Line("rootfs", "rootfs.spec", "root.list", "content")},
	}
	pack := &Node{
		Name: "pack", Title: "pack", Outputs: []string{"initramfs.cpio"},
		Inputs: []Input{from("root.list", list, "root.list", ""), from("content", list, "content", "")},
		Steps:  []string{step.Line("cpio", "--init", "/init", "root.list", "content", "initramfs.cpio")},
	}
	return []*Node{pack, list, link, unpack}, nil
}

// realSource writes the tarball of realGraph.
func realSource(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	files := map[string]string{
		"greet.c": "const char *greet(void) { return \"hi\"; }\n",
		"count.c": "int count(int n) { return n < 2 ? n : count(n - 1) + count(n - 2); }\n",
		"main.c":  "extern const char *greet(void); extern int count(int);\nint main(void) { return greet()[0] + count(5); }\n",
	}
	for i := range 40 {
		files[fmt.Sprintf("doc/%02d.txt", i)] = strings.Repeat(fmt.Sprintf("page %d\n", i), 200)
	}
	for _, name := range sortedNames(files) {
		h := &tar.Header{Name: "prog-1/" + name, Mode: 0o644, Size: int64(len(files[name])), ModTime: time.Unix(1e9, 0)}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "src.tar")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func sortedNames(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	return sorted(keys)
}

// recorded runs actions and appends a line to a log for each that ended well.
type recorded struct {
	Executor
	log string
}

func (r *recorded) Execute(ctx context.Context, job Job) (*rex.ActionResult, error) {
	res, err := r.Executor.Execute(ctx, job)
	if err == nil {
		err = appendLine(r.log, "built "+job.Action.Digest.Hash+" "+strings.Join(refsOf(res), " "))
	}
	return res, err
}

// refsOf are the contents and trees of a result.
func refsOf(res *rex.ActionResult) (refs []string) {
	for _, f := range res.OutputFiles {
		refs = append(refs, f.Digest.Hash)
	}
	for _, d := range res.OutputDirectories {
		refs = append(refs, d.TreeDigest.Hash, d.RootDirectoryDigest.Hash)
	}
	return refs
}

// appendLine adds a line to a file that many processes write: one write of O_APPEND is whole.
func appendLine(path, line string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Close())
}
