package main

import (
	"context"
	"fmt"
	"path/filepath"

	"mini/internal/fetch"
	"mini/internal/source"

	"github.com/spf13/pflag"
)

// fetchStep brings one file, for a transcript: from the places on its command line, or from wherever it is known.
func (a *app) fetchStep(ctx context.Context, args []string) error {
	flags := pflag.NewFlagSet("fetch", pflag.ContinueOnError)
	c := a.commonFlags(flags)
	sum := flags.String("sha256", "", "what the bytes must be")
	if err := flags.Parse(args); err != nil {
		return usagef("step fetch: %v", err)
	}
	if flags.NArg() == 0 || *sum == "" {
		return usagef("step fetch: want --sha256 DIGEST FILE [URL …]")
	}
	file, urls := flags.Arg(0), flags.Args()[1:]
	cache, err := a.cacheDir(c)
	if err != nil {
		return err
	}
	dst, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	places := a.sources(c, cache)
	quiet := func(done, total int64) {}
	pin := source.Pin{Name: file, File: file, SHA256: *sum}
	if len(urls) > 0 {
		err = places.FetchURLs(ctx, pin, urls, dst, quiet)
	} else {
		err = places.Fetch(ctx, pin, dst, quiet)
	}
	if err != nil {
		return fmt.Errorf("mini: %w", err)
	}
	return fetch.Verify(dst, fetch.Want{SHA256: *sum})
}
