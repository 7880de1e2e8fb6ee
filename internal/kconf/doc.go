// Package kconf reads a source's own Kconfig files and computes configurations from them, the way the source's own
// scripts/kconfig/conf does: the Kconfig language of Linux and of BusyBox, and the rules by which a symbol gets its value.
//
//	Parse     files            -> Tree    what can be configured, each thing with its file and line
//	Evaluate  Tree + settings  -> State   every symbol's value, visibility, and what selects it
//	Explain   State + a wish   -> Reason  why a wish does not hold; Satisfy finds what to add so that it would
//
// The rules are those of Documentation/kbuild/kconfig-language.rst and kconfig-macro-language.rst; where those leave
// something open, what conf does decides, and the tests compare with it. The package runs nothing: what a $(shell,…)
// would have said is given by the caller, or stays open and is inferred from a finished .config (Load).
package kconf
