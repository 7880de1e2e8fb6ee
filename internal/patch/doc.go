// Package patch applies unified diffs, as git and diff -u write them, to a directory.
//
// A hunk fits where all its lines, context included, are found as they are; it may have moved by some lines, as it may
// for patch(1), but nothing of it is guessed (no fuzz). What does not fit is an error that names the hunk, and tells the
// first line that is not what the patch expects. Nothing outside of the directory is touched, not even through links.
package patch
