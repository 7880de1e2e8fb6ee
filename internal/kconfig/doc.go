// Package kconfig knows the text that the configuration systems of Linux and BusyBox read and write.
//
// A .config is a list of lines, one a symbol: "CONFIG_PCI=y", "# CONFIG_SMP is not set", `CONFIG_CMDLINE="quiet"`.
// The comment form is not a comment: it is how a bool or tristate that is off is written down. The rules here follow
// what scripts/kconfig/confdata.c of both projects accepts and writes, and where the two differ (BusyBox carries a
// much older copy) what is written is what both read alike. See
// https://www.kernel.org/doc/html/latest/kbuild/kconfig.html.
//
//	value.go     what stands after the '='
//	symbol.go    what stands before it
//	line.go      one line, read and written
//	request.go   what was asked for, by a script or a fragment
//	fragment.go  the text of a request
//	config.go    a final .config, and how two of them differ
//	override.go  a request written into an existing .config
//	check.go     what of a request did not stick, and near.go which names were perhaps meant
//
// Nothing here runs make, and nothing here knows which symbols a source has: callers pass that in.
package kconfig
