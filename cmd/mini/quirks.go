package main

import (
	"context"
	"fmt"
	"path/filepath"

	"mini/build"
	"mini/internal/quirks"
	"mini/internal/toolchain"
)

// compiler tells what a compiler of this machine is. What it said before is remembered in the cache.
func (a *app) compiler(ctx context.Context, s *script, name string) (toolchain.Facts, bool) {
	path, err := lookTool(name)
	if err != nil {
		return toolchain.Facts{}, false
	}
	var digests *toolchain.Digests
	if cache, err := a.cacheDir(s.loading); err == nil {
		digests = toolchain.LoadDigests(filepath.Join(cache, "tools", "digests"))
	}
	facts, err := (&toolchain.Toolchain{CC: path, Env: a.toolEnv()}).Facts(ctx, digests)
	return facts, err == nil
}

func quirkLine(q build.Quirk) string {
	return fmt.Sprintf("quirk %s: %s, as %s", q.Name, q.Remedy, q.Why)
}

// printQuirks lists the known breakages of sources, whether they show on this machine, and which are worked around in what a
// script builds.
func (a *app) printQuirks(ctx context.Context, d *diagnosis) {
	var host quirks.Host
	if facts, ok := a.compiler(ctx, d.script, "gcc"); ok {
		host = quirks.Host{OwnCompiler: facts.Compiler, Compiler: facts.Compiler, Headers: facts.Headers, Libc: facts.Glibc}
	}
	applied := map[string]bool{}
	for _, n := range d.nodes {
		for _, q := range n.Quirks {
			applied[q.Name] = true
		}
	}
	fmt.Fprintln(a.stdout, "known breakages of sources (quirks):")
	for _, q := range quirks.Table {
		here := "does not show on this machine"
		if q.BreaksOn(host) {
			here = "shows on this machine"
		}
		if applied[q.Name] {
			here += "; worked around in what is built: " + q.Remedy()
		}
		fmt.Fprintf(a.stdout, "  %s: %s, with %s: %s\n    %s\n", q.Name, q.Versions(), q.Hosts(), here, q.Why)
	}
}
