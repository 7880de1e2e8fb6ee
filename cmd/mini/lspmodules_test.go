package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/mod/module"
)

// An editor goes into modules that are on this machine, and never asks the network for those that aren't.
func TestEditorKnowsModules(t *testing.T) {
	proxy := t.TempDir()
	recipe := filepath.Join(proxy, "recipe")
	if err := os.Mkdir(recipe, 0o755); err != nil {
		t.Fatal(err)
	}
	const text = "base = 1\n\ndef hello(name):\n    \"\"\"Says hello.\"\"\"\n    return {\"/etc/motd\": name + base}\n"
	if err := os.WriteFile(filepath.Join(recipe, "hello.star"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"example.org/here", "example.org/away"} {
		if err := publishModule(recipe, module.Version{Path: path, Version: "v1.0.0"}, proxy); err != nil {
			t.Fatal(err)
		}
	}
	var asked atomic.Int32
	files := http.FileServer(http.Dir(proxy))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		files.ServeHTTP(w, r)
	}))
	defer server.Close()
	t.Setenv("MINI_CACHE", t.TempDir())
	t.Setenv("GOPROXY", server.URL)
	t.Setenv("GONOSUMDB", "example.org")
	e := startEditor(t)
	e.initialize()
	for _, path := range []string{"example.org/here@v1.0.0", "example.org/away@v1.0.0"} {
		get := exec.Command("/proc/self/exe", "get", "-C", e.dir, path)
		get.Args[0] = "mini"
		if out, err := get.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	if err := os.RemoveAll(filepath.Join(os.Getenv("MINI_CACHE"), "modules", "example.org", "away@v1.0.0")); err != nil {
		t.Fatal(err)
	}
	before := asked.Load()
	e.open("main.star", "")

	var got *struct {
		URI   string
		Range span
	}
	e.ask("textDocument/definition", e.at("main.star", "load(\"example.org/here//hello.star\", h = \"hello\")\ny = h‸(1)\n"), &got)
	if got == nil || !strings.HasSuffix(got.URI, "/modules/example.org/here@v1.0.0/files/hello.star") || got.Range.String() != "2:4-2:9" {
		t.Errorf("definition: %+v", got)
	}
	for _, test := range []struct{ what, text, want string }{
		{"nothing", "load(\"example.org/here//hello.star\", \"base\")\nr = rootfs({\"/x\": str(base)})\n", ""},
		{"an error in the module", "load(\"example.org/here//hello.star\", \"hello\")\nr = hello(\"a\")\n",
			"1:4-1:9 1 example.org/here@v1.0.0//hello.star:5:31: string + int is not defined"},
		{"not required", "load(\"example.org/her//hello.star\", \"hello\")\nr = hello(\"a\")\n",
			"0:5-0:6 1 load: " + filepath.Join(e.dir, "mini.lock") + " doesn't require a module example.org/her"},
		{"not here", "load(\"example.org/away//hello.star\", \"hello\")\nr = hello(\"a\")\n",
			"0:5-0:6 1 load: editing asks no network: these modules are not on this machine:"},
	} {
		e.change("main.star", test.text)
		found := e.diagnostics("main.star")
		if first, _, _ := strings.Cut(found, "\n"); first != test.want {
			t.Errorf("%s: got:\n%s\nwant:\n%s", test.what, found, test.want)
		}
	}
	var items struct{ Items []struct{ Label string } }
	e.ask("textDocument/completion", e.at("main.star", "load(\"example.org/here//‸\""), &items)
	labels := ""
	for _, i := range items.Items {
		labels += " " + i.Label
	}
	if !strings.Contains(labels, " example.org/here//hello.star") || !strings.Contains(labels, "@mini//linux.star") {
		t.Errorf("completion:%s", labels)
	}
	if n := asked.Load() - before; n > 0 {
		t.Errorf("the proxy was asked %d times", n)
	}
}
