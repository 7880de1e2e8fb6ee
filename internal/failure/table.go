package failure

import (
	"fmt"
	"regexp"
	"strings"
)

// A record is a known cause: how a line tells of it, and what that means on a host. says returns "" where, on that host, it
// is something else after all.
type record struct {
	name    string
	pattern *regexp.Regexp
	// everywhere, if it is not empty, is a part of such lines that is looked for in all of the output, not only where the
	// error is: a program that got no memory, or no network, may end with words about something else.
	everywhere string
	says       func(m []string, h Host, r Report) string
}

// records are all known causes. Each has a log of a real failure in testdata.
var records = []record{
	{
		name:    "header",
		pattern: regexp.MustCompile(`(?:fatal error: |error: )'?([\w./+-]+\.h)'?(?:: No such file or directory| file not found)`),
		says:    missingHeader,
	},
	{
		name:    "library",
		pattern: regexp.MustCompile(`(?:cannot find|unable to find library) -l([\w.+-]+)`),
		says:    missingLibrary,
	},
	{
		name:    "compiler's program",
		pattern: regexp.MustCompile(`cannot execute [‘'](\S+?)[’']: execvp|collect2: fatal error: cannot find [‘'](ld)[’']`),
		says: func(m []string, h Host, _ Report) string {
			name := m[1] + m[2]
			return fmt.Sprintf("a compiler calls %s, and a step sees only the programs that it names: tools = [%q]", name, name)
		},
	},
	{
		name:    "not a program",
		pattern: regexp.MustCompile(`: ([\w.+-]*/[\w./+-]+): (?:not found|cannot execute: required file not found|bad interpreter: No such file or directory)$`),
		says: func(m []string, _ Host, _ Report) string {
			return m[1] + " is not there, or it is and what its first line names (#!) or what loads it is not"
		},
	},
	{
		name:    "program",
		pattern: regexp.MustCompile(`(?:: ([\w.+-]+): (?:command )?not found$|^(?:\S*/)?env: [‘']([\w.+-]+)[’']: No such file or directory|^\S*make(?:\[\d+\])?: ([\w.+-]+): No such file or directory$|: Can't exec "([\w.+-]+)": No such file)`),
		says:    missingProgram,
	},
	{
		name: "too old", pattern: regexp.MustCompile(`^\*\*\* (.*) is too old\.$`),
		says: tooOld,
	},
	{
		name:    "requires newer",
		pattern: regexp.MustCompile(`(?i)requires at least (version )?\d+\.\d|version \d+\.\d[\w.]* or (later|newer|higher) is required`),
		says: func([]string, Host, Report) string {
			return "a program of this machine is older than the source needs: install a newer one, or take an older version of the source"
		},
	},
	{
		name: "disk", everywhere: "o space left on device", pattern: regexp.MustCompile("No space left on device"),
		says: func([]string, Host, Report) string { return "" }, // who knows which disk it is says it
	},
	{
		name: "memory", everywhere: "emory", pattern: regexp.MustCompile(`virtual memory exhausted|Cannot allocate memory|[Oo]ut of memory`),
		says: func([]string, Host, Report) string { return "memory ran out: " + outOfMemory },
	},
	{
		name: "killed", everywhere: "Killed", pattern: regexp.MustCompile(`Killed signal terminated program (\w+)|(?:^|[:\]] )Killed$`),
		says: func(m []string, _ Host, _ Report) string {
			what := m[1]
			if what == "" {
				what = "a program"
			}
			return what + " was killed from outside. Mostly that is the kernel, because memory ran out: " + outOfMemory
		},
	},
	{
		name: "network", everywhere: "resol", pattern: regexp.MustCompile(`Could not resolve (?:host|proxy)|unable to resolve host address|Temporary failure in name resolution|Could not resolve hostname|[Nn]etwork is unreachable`),
		says: func([]string, Host, Report) string {
			return "steps have no network, so that what they make depends on nothing but their inputs. What they want to fetch is named as a source, " +
				`which mini fetches, checks and pins: source("https://…")`
		},
	},
	{
		name: "clock", everywhere: " in the future", pattern: regexp.MustCompile(`has modification time .* in the future`),
		says: func([]string, Host, Report) string {
			return "make goes by the times of files, and this machine's clock is behind that of the file: set it right (date)"
		},
	},
	{
		name: "read-only", everywhere: "Read-only file system", pattern: regexp.MustCompile(`Read-only file system`),
		says: func([]string, Host, Report) string {
			return "a step writes to its own directory and to /tmp; all else is read-only. What it makes goes below $DESTDIR in a package(), and below $OUT in a run()"
		},
	},
	{
		name: "patch", pattern: regexp.MustCompile(`Hunk #\d+ FAILED|can't find file to patch|malformed patch`),
		says: func([]string, Host, Report) string {
			return "the patch is for another version of this file. Named as patches = [\"…\"], mini applies it, and says which line is different"
		},
	},
	{
		name: "foreign program", pattern: regexp.MustCompile(`Exec format error|cannot run C compiled programs`),
		says: func([]string, Host, Report) string {
			return "the build runs a program that it has made for another machine: what runs here is compiled by $CC_FOR_BUILD, and a configure script " +
				"is told by --host=$CHOST --build=$CBUILD"
		},
	},
	{
		name: "certificates", pattern: regexp.MustCompile(`No rule to make target '(debian/\S+\.pem|certs/\S+\.pem)'`),
		says: func(m []string, _ Host, _ Report) string {
			return fmt.Sprintf(`the configuration comes from a distribution and wants its certificate %s: config = {"SYSTEM_TRUSTED_KEYS": "", "SYSTEM_REVOCATION_KEYS": ""}`, m[1])
		},
	},
	{
		name: "common", pattern: regexp.MustCompile("multiple definition of [`‘']"),
		says: func([]string, Host, Report) string {
			return "if it is a variable of a header: compilers since GCC 10 take that as an error. The option -fcommon allows it: env = {\"CFLAGS\": \"-O2 -fcommon\"}"
		},
	},
	{
		name: "strict", pattern: regexp.MustCompile(`error: .*\[-W(?:error=)?(implicit-function-declaration|implicit-int|int-conversion|incompatible-pointer-types|return-mismatch)\]`),
		says: func(m []string, _ Host, _ Report) string {
			return fmt.Sprintf("older compilers only warned of this: a newer version of the source may be right, and the option -Wno-error=%s lets it pass", m[1])
		},
	},
	{
		name: "warning", pattern: regexp.MustCompile(`error: .*\[-Werror(?:=([\w-]+))?\]`),
		says: func([]string, Host, Report) string {
			return "the source takes warnings as errors, and this compiler warns of more than its author's: leave -Werror out, or add -Wno-error to CFLAGS"
		},
	},
	{
		name: "pkg-config", pattern: regexp.MustCompile(`^Package '?([\w.+-]+)'?(?:, required by .*)?,? (?:was )?not found`),
		says: func(m []string, _ Host, _ Report) string {
			return fmt.Sprintf("pkg-config sees what deps = […] brought, and nothing of this machine: %s is built by a package() of its own", m[1])
		},
	},
	{
		name: "python module", pattern: regexp.MustCompile(`^ModuleNotFoundError: No module named '([\w.]+)'`),
		says: func(m []string, h Host, _ Report) string {
			return fmt.Sprintf("this machine's Python has no module %s: install the package that brings it", m[1])
		},
	},
	{
		name: "perl module", pattern: regexp.MustCompile(`^Can't locate (\S+)\.pm in @INC`),
		says: func(m []string, _ Host, _ Report) string {
			return fmt.Sprintf("this machine's Perl has no module %s: install the package that brings it", strings.ReplaceAll(m[1], "/", "::"))
		},
	},
	{
		name: "configure", pattern: regexp.MustCompile(`configure: error: (?:in .*|C compiler cannot create executables)|error: C compiler cannot create executables`),
		says: func([]string, Host, Report) string {
			return "what the compiler said stands in config.log, in the step's directory"
		},
	},
}

const outOfMemory = "fewer jobs side by side take less of it (-j 1)"
