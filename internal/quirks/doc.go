// Package quirks knows where a source breaks on a machine that is newer, or otherwise poorer, than the one that it was written
// for, and what mends it. Each such case is one record of the table in table.go: the source's versions, the machines on which
// it breaks, what mends it (settings, words for make, or a patch in patches/), how a build shows that fails of it, why in a
// sentence, and where it was tried.
//
// A record that was not tried on such a machine says so, or isn't there.
package quirks
