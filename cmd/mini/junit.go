package main

import (
	"encoding/xml"
	"os"
	"strings"
)

// The elements of JUnit's XML that CI systems read (github.com/testmoapp/junitxml writes them down). What the guest did wrong
// is a failure, what kept the test from running an error.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     float64      `xml:"time,attr"` // seconds
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Time     float64     `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Time    float64       `xml:"time,attr"`
		Failure *junitProblem `xml:"failure,omitempty"`
		Error   *junitProblem `xml:"error,omitempty"`
		Output  string        `xml:"system-out,omitempty"`
	}
	junitProblem struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// junitConsole is how much of a failed test's console goes into the file, in bytes.
const junitConsole = 64 << 10

// writeJUnit writes one suite for each system.
func (r *report) writeJUnit(path string) error {
	all := junitSuites{Time: r.took.Seconds()}
	for _, t := range r.Tests {
		name := strings.TrimSpace(r.script + " " + t.System)
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != name {
			all.Suites = append(all.Suites, junitSuite{Name: name})
		}
		suite := &all.Suites[len(all.Suites)-1]
		c := t.junit(name)
		suite.Tests++
		suite.Time += c.Time
		all.Tests++
		if c.Failure != nil {
			suite.Failures++
			all.Failures++
		}
		if c.Error != nil {
			suite.Errors++
			all.Errors++
		}
		suite.Cases = append(suite.Cases, c)
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(xml.Header+string(text)+"\n"), 0o666)
}

func (t *testReport) junit(suite string) junitCase {
	c := junitCase{Name: t.Test, Class: suite, Time: t.Seconds}
	c.File, _, _ = strings.Cut(t.Position, ":")
	if t.Test == "" {
		c.Name = notBuilt
	}
	if t.OK {
		return c
	}
	first, _, _ := strings.Cut(t.Message, "\n")
	problem := &junitProblem{Type: t.Verdict, Message: clean(first), Text: clean(t.Message + "\nto see it alone: " + t.Command)}
	if t.Verdict == notBuilt || t.Verdict == "qemu" {
		c.Error = problem
	} else {
		c.Failure = problem
	}
	if console, err := os.ReadFile(t.Console); err == nil {
		c.Output = clean(string(console[max(0, len(console)-junitConsole):]))
	}
	return c
}
