package compress

import (
	"bytes"
	"fmt"
	"strings"
)

// formats lists what Detect tells apart. The magic numbers are those of RFC 1952,
// the bzip2 and xz format descriptions, RFC 8878, and lz4's frame format.
func formats() []format {
	return []format{
		{"gzip", ".gz", "\x1f\x8b"},
		{"bzip2", ".bz2", "BZh"},
		{"xz", ".xz", "\xfd7zXZ\x00"},
		{"zstd", ".zst", "\x28\xb5\x2f\xfd"},
		// The legacy frame: the kernel does not read the newer one.
		{"lz4", ".lz4", "\x02\x21\x4c\x18"},
	}
}

type format struct{ name, suffix, magic string }

const magicSize = 6 // of the longest magic number

// Detect returns the format that data with this beginning is in: "gzip",
// "bzip2", "xz", "zstd" or "lz4", and "" for everything else. Six bytes are enough.
func Detect(head []byte) string {
	for _, f := range formats() {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return f.name
		}
	}
	return ""
}

// Suffix returns the usual ending of a file in this format, such as ".gz" for
// "gzip"; it is empty for no format and for one that is not known.
func Suffix(format string) string {
	for _, f := range formats() {
		if f.name == format {
			return f.suffix
		}
	}
	return ""
}

func unknown(format string, known ...string) error {
	return fmt.Errorf("unknown compression %q; use one of %s", format, strings.Join(known, ", "))
}
