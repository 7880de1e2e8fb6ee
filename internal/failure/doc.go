// Package failure reads what a command printed that failed. A Finder picks the lines that say first what is wrong, out of
// any amount of output and however the jobs of a parallel make are mixed in it; a table of known causes tells what such
// lines mean on the machine at hand, and what to do about it.
//
// It looks and explains; what programs, packages and steps there are, its caller tells it.
package failure
