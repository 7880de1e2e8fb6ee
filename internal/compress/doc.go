// Package compress knows the compression formats that the Linux kernel unpacks
// an initramfs from, and those that source archives come in. What it writes
// depends on the data alone: no names, no times, no number of processors. What
// it reads it reads to the end: cut data, garbage behind it and wrong checksums
// are errors, which the libraries below do not all promise.
package compress
