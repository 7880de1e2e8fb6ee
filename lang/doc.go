// Package lang runs a mini script: it parses and evaluates Starlark files, resolves their load statements and
// file names, gives them their params, and tells every problem with its place, its source line and a next step.
// It knows nothing of Linux or of building: the words of the vocabulary come in as a table of [Builtin] records,
// and the same table unpacks the arguments of a call, answers help() and prints the reference page.
//
// # The dialect
//
// The options are given to each file by itself; nothing here touches the process-wide flags of go.starlark.net.
//
//   - if and for are allowed at the top level, sets are on, while and recursion are off, so every script ends
//     unless a single step of it is endless (see below).
//   - A top-level name may be assigned again inside if and for, by an augmented assignment, or from its own old
//     value (x = x + [y]). A plain second assignment outside of if and for, which would silently throw the first
//     value away, is an error: in a script that describes a system it is a copied line that nobody renamed.
//   - json, math and struct are predeclared.
//   - The parameters and the result of a def may have types, as in Python: def f(x: str, y: list[int] = []) -> kernel | None.
//     They are checked when the function is called, and its defaults when it is defined.
//
// # What is contained, and what is not
//
// A script is stopped by its context and by a limit on interpreter steps. Neither can interrupt one operation
// that is itself huge. Those by which a short line takes all memory are refused (a range of over a million items, a
// long text times a large number, join and replace that make more than 256 MB, deeply nested JSON, an int out of a very
// long text). A script can still hold more and more, step by step: a context that ends when it does, with a cause that
// says so, ends the script. What is left (printing a list that holds itself twice, forty times over) only a child
// process with a memory limit and a wall clock contains.
package lang
