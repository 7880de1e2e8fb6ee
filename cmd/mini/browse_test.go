package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/rogpeppe/go-internal/testscript"
)

// looks is what the browser is asked about a page; each function returns a list of complaints.
//
//go:embed testdata/looks.js
var looks string

// browse is a command of test scripts: `browse page.html` reads a page in Chromium, on a phone and on a desk, light and dark, and on
// paper, as a person does: by looking and by the keyboard. `! browse page.html kind…` wants complaints of exactly these kinds.
func browse(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 || !neg && len(args) > 1 {
		ts.Fatalf("usage: [!] browse page.html [kind …]")
	}
	complaints, err := readPage(ts.MkAbs(args[0]))
	if err != nil {
		ts.Fatalf("%v", err)
	}
	if !neg {
		if len(complaints) > 0 {
			ts.Fatalf("%d complaints:\n%s", len(complaints), strings.Join(complaints, "\n"))
		}
		return
	}
	var kinds []string
	for _, c := range complaints {
		kind, _, _ := strings.Cut(c, ": ")
		_, kind, _ = strings.Cut(kind, ", ")
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	want := slices.Sorted(slices.Values(args[1:]))
	if kinds = slices.Compact(kinds); !slices.Equal(kinds, want) {
		ts.Fatalf("complaints of %v, want %v:\n%s", kinds, want, strings.Join(complaints, "\n"))
	}
}

func readPage(file string) ([]string, error) {
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		return nil, fmt.Errorf("there is no browser to read the page in: apt-get install --no-install-recommends chromium fonts-dejavu-core")
	}
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)
	defer stop()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true))
	ctx, stop = chromedp.NewExecAllocator(ctx, options...)
	defer stop()
	ctx, stop = chromedp.NewContext(ctx)
	defer stop()
	if err := chromedp.Do(ctx); err != nil { // opens the tab, which ends with the context that it was opened by
		return nil, err
	}
	var all []string
	for _, width := range []int64{360, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			found, err := look(ctx, file, width, scheme)
			if err != nil {
				return nil, fmt.Errorf("%d pixels, %s: %w", width, scheme, err)
			}
			for _, f := range found {
				all = append(all, fmt.Sprintf("%d %s, %s", width, scheme, f))
			}
		}
	}
	found, err := lookPrinted(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("printed: %w", err)
	}
	for _, f := range found {
		all = append(all, "paper, "+f)
	}
	return all, nil
}

// paperWidth is what A4 leaves between margins of 14 mm, in pixels of CSS.
const paperWidth = 688

// lookPrinted reads the page as it is printed.
func lookPrinted(ctx context.Context, file string) ([]string, error) {
	paper := chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		return err
	})
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(paperWidth, 1000), paper, chromedp.Navigate("file://"+file)); err != nil {
		return nil, err
	}
	return chromedp.Run(ctx, chromedp.Evaluate[[]string](looks+";printed()"))
}

// look reads the page once.
func look(ctx context.Context, file string, width int64, scheme string) ([]string, error) {
	url := "file://" + file
	var mu sync.Mutex
	var found []string
	complain := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		found = append(found, fmt.Sprintf(format, args...))
	}
	listening, stop := context.WithCancel(ctx)
	defer stop()
	err := chromedp.Listen(listening, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			complain("console: %s", e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			complain("console: %s was called", e.Type)
		case *log.EventEntryAdded:
			complain("console: %s", e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if u, _, _ := strings.Cut(e.Request.URL, "#"); u != url && !strings.HasPrefix(u, "data:") {
				complain("network: it asks for %s", e.Request.URL)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	media := chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		return err
	})
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 800), media, chromedp.Navigate(url)); err != nil {
		return nil, err
	}
	ask := func(expression string) error {
		list, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](expression))
		for _, c := range list {
			complain("%s", c)
		}
		return err
	}
	if err := ask(looks + ";structure().concat(overflow())"); err != nil {
		return nil, err
	}
	if err := picture(ctx, file, width, scheme); err != nil {
		return nil, err
	}
	if err := tabThrough(ctx, complain); err != nil {
		return nil, err
	}
	if err := ask("unfold().concat(overflow(), contrast())"); err != nil {
		return nil, err
	}
	mu.Lock()
	defer mu.Unlock()
	return slices.Compact(found), nil
}

// focused is what has the focus.
type focused struct {
	Index   int    `json:"index"` // among those that should get it; -1 for another
	Name    string `json:"name"`
	Visible bool   `json:"visible"`
}

// tabThrough goes through the page by the tabulator key.
func tabThrough(ctx context.Context, complain func(string, ...any)) error {
	n, err := chromedp.Run(ctx, chromedp.Evaluate[int]("focusable().length"))
	if err != nil {
		return err
	}
	for i := range n {
		if err := chromedp.Do(ctx, chromedp.KeyEvent("\t")); err != nil {
			return err
		}
		f, err := chromedp.Run(ctx, chromedp.Evaluate[focused]("focused()"))
		if err != nil {
			return err
		}
		if f.Index != i {
			complain("focus: the key leads to %s (%d) where element %d is next", f.Name, f.Index, i)
			return nil
		}
		if !f.Visible {
			complain("focus: %s doesn't show that it has the focus", f.Name)
		}
	}
	return nil
}

// picture keeps a screenshot in $MINI_SCREENSHOTS, for a person to look at.
func picture(ctx context.Context, file string, width int64, scheme string) error {
	dir := os.Getenv("MINI_SCREENSHOTS")
	if dir == "" {
		return nil
	}
	image, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s-%d-%s.png", strings.TrimSuffix(filepath.Base(file), ".html"), width, scheme)
	return os.WriteFile(filepath.Join(dir, name), image, 0o644)
}

// The complaints of looks.js are what they say: a page that has each fault is told so.
func TestBrowserComplains(t *testing.T) {
	if os.Getenv("MINI_REAL") == "" {
		t.Skip("real tier: it starts a browser; run with MINI_REAL=1")
	}
	testscript.Run(t, testscript.Params{Files: []string{filepath.Join("testdata", "faulty.txtar")}, Cmds: map[string]func(*testscript.TestScript, bool, []string){"browse": browse}})
}
