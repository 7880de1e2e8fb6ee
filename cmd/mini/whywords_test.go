package main

import (
	"strings"
	"testing"

	"mini/build"
)

func explained(e *explanation) string {
	var b strings.Builder
	(&explainer{out: &b, told: map[*build.Node]bool{}}).explain(e)
	return b.String()
}

// One upgraded compiler is the reason of many steps, and told once.
func TestWhyTellsAnUpgradedCompilerOnce(t *testing.T) {
	tool := func(name, was, is string) build.Difference {
		return build.Difference{Kind: build.PartTool, Name: name, Was: was, Is: is}
	}
	gcc := []build.Difference{tool("compiler:gcc:cc1", "1", "2"), tool("compiler:gcc:driver", "1", "2"), tool("tool:gcc", "1", "2")}
	cross := []build.Difference{tool("compiler:gcc:as", "", "2"), tool("compiler:x-gcc:cc1", "", "2"), tool("compiler:x-gcc:driver", "", "2"), tool("tool:x-gcc", "", "2")}
	reason := func(id string, d ...build.Difference) *build.Reason {
		return &build.Reason{Node: &build.Node{}, ID: id, Title: id, Pos: "a.star:1:1", Status: build.StatusBuild, Differences: d}
	}
	config := build.Difference{
		Kind: build.PartInput, Name: "request.config", Text: true,
		Was: "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=1\n", Is: "CONFIG_B=y\nCONFIG_C=2\n",
	}
	got := explained(&explanation{
		Script: "a.star", Target: "t", Built: true, Again: 4, Steps: 5,
		Reasons: []*build.Reason{
			reason("one", gcc...), reason("two", gcc...), reason("three", append(cross, config)...),
			reason("sandboxed", tool("sandbox", "", "off")),
			{Node: &build.Node{}, ID: "last", Status: build.StatusPending, Because: []string{"one"}},
		},
	})
	want := `a.star:t: 4 steps would be made again

on this machine, for one, two
    gcc changed (its cc1, driver): it was upgraded, or another one comes first on PATH

on this machine, for sandboxed
    the sandbox is off and was on

on this machine, for three
    gcc has parts that it had not: as
    the compiler x-gcc is used now

three (three, a.star:1:1)
    the input request.config:
        CONFIG_A: not given, was y
        CONFIG_B: y, was not set
        CONFIG_C: 2, was 1

what follows from it: last, unless one comes out as before
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A hostile script can't do anything to a terminal by what it calls things.
func TestWhyCleansWhatItShows(t *testing.T) {
	got := explained(&explanation{
		Script: "a.star", Target: "t", Built: true, Again: 1, Steps: 1,
		Reasons: []*build.Reason{{
			Node: &build.Node{}, ID: "n", Title: "n\x1b[2J", Pos: "a.star:1:1", Status: build.StatusBuild,
			Differences: []build.Difference{
				{Kind: build.PartSteps, Text: true, Was: "a", Is: "b\x1b[2J"},
				{Kind: build.PartEnv, Name: "X", Is: "\x1b]0;title\x07"},
			},
		}},
	})
	if strings.ContainsAny(got, "\x1b\x07") {
		t.Errorf("%q", got)
	}
}
