// Package hosttools knows which programs and C headers a build takes from the
// machine it runs on, which of them are not there, and which package of that
// machine's distribution brings each.
//
// A need is called as a build step calls it: a program by the name that is
// looked up in PATH ("flex", "i686-linux-gnu-gcc"), a header by the name that is
// included ("header:libelf.h"), a library by the name that the linker is given
// ("lib:crypt"). The package looks and explains; it never installs anything.
package hosttools
