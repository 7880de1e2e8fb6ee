package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"mini/internal/sandbox"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	if sandbox.Main() { // this process is the inside of a sandbox of a test
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "probe" {
		probe()
		return
	}
	testscript.Main(m, map[string]func(){"mini": main, "bymake": bymake, "publish": publish})
}

// TestScripts are pages that a user could have typed; they need neither a network nor a compiler.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("..", "..", "testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("MINI_CACHE", filepath.Join(e.WorkDir, "cache"))
			return copyExamples(e.WorkDir)
		},
		Condition:     conditions,
		UpdateScripts: os.Getenv("MINI_UPDATE") != "",
	})
}

// TestReal builds real BusyBoxes and kernels and boots them. All scripts share one cache, as a user's do.
func TestReal(t *testing.T) {
	if os.Getenv("MINI_REAL") == "" {
		t.Skip("real tier: run with MINI_REAL=1")
	}
	runReal(t, "real")
}

// TestSoak is the same for what takes too long for every day.
func TestSoak(t *testing.T) {
	if os.Getenv("MINI_SOAK") == "" {
		t.Skip("soak: run with MINI_SOAK=1")
	}
	runReal(t, "soak")
}

func runReal(t *testing.T, dir string) {
	cache := os.Getenv("MINI_TEST_CACHE")
	if cache == "" {
		cache = t.TempDir()
	}
	testscript.Run(t, testscript.Params{
		Dir:       filepath.Join("..", "..", "testdata", dir),
		Condition: conditions,
		Cmds:      map[string]func(*testscript.TestScript, bool, []string){"browse": browse},
		Setup: func(e *testscript.Env) error {
			e.Setenv("MINI_CACHE", cache)
			e.Setenv("HOME", e.WorkDir)
			return copyExamples(e.WorkDir)
		},
	})
}

// conditions are those that testscript doesn't know.
func conditions(cond string) (bool, error) {
	if cond == "root" {
		return os.Geteuid() == 0, nil
	}
	return false, fmt.Errorf("unknown condition %s", cond)
}

// copyExamples puts the examples where a script can run them, and write their mini.lock, without touching ours.
func copyExamples(dir string) error {
	return os.CopyFS(filepath.Join(dir, "examples"), os.DirFS(filepath.Join("..", "..", "examples")))
}
