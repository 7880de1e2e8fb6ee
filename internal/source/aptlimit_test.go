package source

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAnAptThatHangsIsEnded(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "apt-get")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nexec sleep 600\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	a := newApt(AptConfig{StateDir: dir, Program: program}, nil)
	a.patience = 50 * time.Millisecond
	err := a.askForIndex(context.Background(), &index{dir: dir})
	if err == nil || !strings.Contains(err.Error(), "is the disk full") {
		t.Errorf("got %v", err)
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if err := a.askForIndex(stopped, &index{dir: dir}); err != context.Canceled {
		t.Errorf("after an interrupt: %v", err)
	}
}
