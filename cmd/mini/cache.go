package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"mini/build"

	"github.com/spf13/pflag"
)

const cacheHelp = `Shows where the cache lies, how much it holds of which kind, and how long ago that was used.

mini cache verify reads all of it, compares each content, tree and result with its digest, and sets aside what is
damaged; the next build that needs it makes it again. It ends with 1 if something was damaged. Without it, what a build
uses is checked by size and times, and what leaves the cache by its bytes.`

// cacheFlag is the one flag of commands that look at the cache alone.
func (a *app) cacheFlag(f *pflag.FlagSet) *common {
	c := &common{}
	c.cacheFlags(f)
	return c
}

func (a *app) cacheCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := a.cacheFlag(f)
	return func(ctx context.Context, args []string) error {
		switch {
		case len(args) == 0:
			return a.showCache(ctx, c)
		case len(args) == 1 && args[0] == "verify":
			return a.verifyCache(ctx, c)
		}
		return usagef("cache takes no arguments, or verify; not %q", strings.Join(args, " "))
	}
}

// inspect opens the cache if there is one, and else says so.
func (a *app) inspect(c *common) (*build.Store, error) {
	dir, err := a.cacheDir(&c.loading)
	if err != nil {
		return nil, err
	}
	store, err := build.InspectStore(dir)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(a.stdout, "there is no cache at %s yet; the first build makes it\n", dir)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("mini: %w", err)
	}
	return store, nil
}

// ages are the columns of `mini cache`: how long ago something was used.
var ages = []struct {
	name  string
	under time.Duration
}{
	{"a day", 24 * time.Hour}, {"a week", 7 * 24 * time.Hour}, {"30 days", 30 * 24 * time.Hour}, {"longer ago", 1<<63 - 1},
}

func (a *app) showCache(ctx context.Context, c *common) error {
	store, err := a.inspect(c)
	if store == nil || err != nil {
		return err
	}
	things, err := store.Things(ctx)
	if err != nil {
		return fmt.Errorf("mini: %w", err)
	}
	type row struct {
		all   build.Space
		byAge [4]int64
	}
	rows := map[build.Kind]*row{}
	sum := &row{}
	for _, t := range things {
		if rows[t.Kind] == nil {
			rows[t.Kind] = &row{}
		}
		age := 0
		for time.Since(t.Used) >= ages[age].under {
			age++
		}
		for _, r := range []*row{rows[t.Kind], sum} {
			r.all.Things++
			r.all.Bytes += t.Bytes
			r.byAge[age] += t.Bytes
		}
	}
	fmt.Fprintf(a.stdout, "%s: %s; its disk has %s left\n\n", store.Dir(), build.FormatSize(sum.all.Bytes), build.FormatSize(store.Free()))
	const wide = 22 // the longest kind
	fmt.Fprintf(a.stdout, "%-*s  things        size", wide, "used within")
	for _, age := range ages {
		fmt.Fprintf(a.stdout, "  %10s", age.name)
	}
	fmt.Fprintln(a.stdout)
	line := func(name string, r *row) {
		fmt.Fprintf(a.stdout, "%-*s  %6d  %10s", wide, name, r.all.Things, build.FormatSize(r.all.Bytes))
		for _, bytes := range r.byAge {
			size := "-"
			if bytes > 0 {
				size = build.FormatSize(bytes)
			}
			fmt.Fprintf(a.stdout, "  %10s", size)
		}
		fmt.Fprintln(a.stdout)
	}
	for _, kind := range build.Kinds() {
		if r := rows[kind]; r != nil {
			line(string(kind), r)
		}
	}
	line("all", sum)
	return nil
}

func (a *app) verifyCache(ctx context.Context, c *common) error {
	if store, err := a.inspect(c); store == nil || err != nil {
		return err
	}
	dir, err := a.cacheDir(&c.loading)
	if err != nil {
		return err
	}
	store, err := build.OpenStore(dir)
	if err != nil {
		return fmt.Errorf("mini: %w", err)
	}
	defer store.Close()
	store.Note = func(text string) { fmt.Fprintln(a.stdout, clean(text)) }
	start := time.Now()
	v, err := store.Verify(ctx, nil)
	if err != nil {
		return fmt.Errorf("mini: %w", err)
	}
	fmt.Fprintf(a.stdout, "%d contents, %d trees and %d results, %s, read in %s: ",
		v.Contents, v.Trees, v.Results, build.FormatSize(v.Bytes), round(time.Since(start)))
	if len(v.Damaged) == 0 {
		fmt.Fprintln(a.stdout, "all are whole")
		return nil
	}
	fmt.Fprintf(a.stdout, "%d damaged\n", len(v.Damaged))
	return exitStatus(exitFailed)
}
