// Package toolchain knows a C compiler by what its driver says about itself: for which machine it compiles, where it keeps
// the C library of that machine, and which files decide what comes out of it.
//
// Everything is asked of the driver (https://gcc.gnu.org/onlinedocs/gcc/Developer-Options.html), by the options that gcc and
// clang share; nothing is compiled. Paths are not guessed from the names of distributions, with one exception:
// Debian's cross compilers have their sysroot at /usr/TRIPLET and say "/" when asked.
//
// Identity lists those files with their digests: two toolchains with equal identities are the same for a cache key. A
// Digests remembers them, so that asking again costs some thousand stat calls and no process.
package toolchain
