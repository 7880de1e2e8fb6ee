package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mini/build"

	"github.com/spf13/pflag"
)

const gcHelp = `Removes from the cache what was not used for long (30 days, if neither flag is given), or what was used longest ago until
the cache is small enough. Whatever is removed is made again when it is needed.

It never removes what a running mini may use, nor what the files that were exported with -o need, while their directory and
the script's mini.lock are there: the files themselves, their sources, and what says that there is nothing to do.`

func (a *app) gcCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := a.cacheFlag(f)
	age := f.String("older-than", "", "remove what was not used for this long, e.g. 30d, 2w, 12h")
	size := f.String("max-size", "", "remove what was used longest ago until the cache is no larger, e.g. 10GB, 500MiB")
	dry := f.BoolP("dry-run", "n", false, "only say what would be removed")
	return func(ctx context.Context, args []string) error {
		if len(args) > 0 {
			return usagef("gc takes no arguments, only flags; not %q", strings.Join(args, " "))
		}
		limits, err := parseLimits(*age, *size)
		if err != nil {
			return err
		}
		limits.DryRun = *dry
		store, err := a.inspect(c)
		if store == nil || err != nil {
			return err
		}
		done, err := store.Collect(ctx, limits)
		if done != nil {
			a.printCollected(done, limits)
		}
		if err != nil {
			return fmt.Errorf("mini: %w", err)
		}
		return nil
	}
}

// parseLimits reads the flags of gc.
func parseLimits(age, size string) (build.Limits, error) {
	limits := build.Limits{MaxSize: -1}
	var ok bool
	if age == "" && size == "" {
		age = "30d"
	}
	if age != "" {
		if limits.OlderThan, ok = parseAge(age); !ok {
			return limits, usagef("--older-than takes a time such as 30d, 2w or 12h, not %q", age)
		}
	}
	if size != "" {
		if limits.MaxSize, ok = parseSize(size); !ok {
			return limits, usagef("--max-size takes a size such as 10GB or 500MiB, not %q", size)
		}
	}
	return limits, nil
}

// parseAge reads a whole number of weeks, days, hours or minutes.
func parseAge(text string) (time.Duration, bool) {
	units := map[string]time.Duration{"w": 7 * 24 * time.Hour, "d": 24 * time.Hour, "h": time.Hour, "m": time.Minute}
	if text == "" {
		return 0, false
	}
	unit, known := units[text[len(text)-1:]]
	n, err := strconv.ParseInt(text[:len(text)-1], 10, 32)
	const longest = 100 * 365 * 24 * time.Hour // far from what overflows
	if !known || err != nil || n < 1 || n > int64(longest/unit) {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

// parseSize reads a number of bytes with a unit: kB, MB, GB and TB of 1000, KiB, MiB, GiB and TiB (or K, M, G, T) of 1024.
func parseSize(text string) (int64, bool) {
	digits := strings.TrimRight(text, "kKMGTiB")
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || n < 0 {
		return 0, false
	}
	factor := 1.0
	if unit := text[len(digits):]; unit != "" && unit != "B" {
		power := strings.IndexByte("KMGT", strings.ToUpper(unit)[0]) + 1
		base := 1024.0
		switch unit[1:] {
		case "B":
			base = 1000
		case "", "iB":
		default:
			return 0, false
		}
		if power == 0 {
			return 0, false
		}
		for range power {
			factor *= base
		}
	}
	if n *= factor; n > 1<<62 {
		return 0, false
	}
	return int64(n), true
}

func (a *app) printCollected(c *build.Collected, limits build.Limits) {
	verb := "removed"
	if limits.DryRun {
		verb = "would remove"
	}
	var parts []string
	var all int64
	for _, kind := range build.Kinds() {
		if u := c.Removed[kind]; u.Things > 0 {
			parts = append(parts, fmt.Sprintf("%s %s (%d)", kind, build.FormatSize(u.Bytes), u.Things))
			all += u.Bytes
		}
	}
	if len(parts) == 0 {
		fmt.Fprintf(a.stdout, "nothing to remove; the cache takes up %s\n", build.FormatSize(c.Left.Bytes))
	} else {
		fmt.Fprintf(a.stdout, "%s %s: %s; %s left\n", verb, build.FormatSize(all), strings.Join(parts, ", "), build.FormatSize(c.Left.Bytes))
	}
	if c.Needed.Things > 0 {
		fmt.Fprintf(a.stdout, "kept %s that exported files need: %s\n", build.FormatSize(c.Needed.Bytes), strings.Join(c.Outputs, ", "))
	}
	if c.InUse.Things > 0 {
		fmt.Fprintf(a.stdout, "kept %s that a running mini may use: %s\n", build.FormatSize(c.InUse.Bytes), strings.Join(c.Running, ", "))
	}
}
