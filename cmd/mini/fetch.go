package main

import (
	"context"
	"fmt"
	"path/filepath"

	"mini/build"
	"mini/internal/fetch"
	"mini/internal/source"

	"github.com/spf13/pflag"
)

// fetchStep brings one file, for a transcript: from the places on its command line, or from wherever it is known.
func (a *app) fetchStep(ctx context.Context, args []string) error {
	flags := pflag.NewFlagSet("fetch", pflag.ContinueOnError)
	c := a.commonFlags(flags)
	sum := flags.String("sha256", "", "what the bytes must be")
	name := flags.String("name", "", "what it is the source of")
	version := flags.String("version", "", "its version")
	from := flags.String("from", source.FromUpstream, "where it was found, as mini.lock says it")
	if err := flags.Parse(args); err != nil {
		return usagef("step fetch: %v", err)
	}
	if flags.NArg() == 0 || *sum == "" {
		return usagef("step fetch: want --sha256 DIGEST FILE [URL …]")
	}
	file, urls := flags.Arg(0), flags.Args()[1:]
	cache, err := a.cacheDir(&c.loading)
	if err != nil {
		return err
	}
	dst, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	places := a.sources(c, cache, "")
	if len(urls) > 0 {
		err = fetchURLs(ctx, places, &build.Fetch{File: filepath.Base(file), SHA256: *sum, URLs: urls}, dst, nil)
	} else {
		err = places.Fetch(ctx, source.Pin{
			Name: *name, Want: *version, Version: *version, File: filepath.Base(file), SHA256: *sum,
			From: *from, Verified: source.VerifiedGiven,
		}, dst, nil)
	}
	if err != nil {
		return fmt.Errorf("mini: %w", err)
	}
	return fetch.Verify(dst, fetch.Want{SHA256: *sum})
}
