package lang

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxScript is the size in bytes above which a file is not a script but a mistake (an image named in its stead).
const maxScript = 4 << 20

// ReadText reads a script: all of it, or one byte more than a script may have, which [Parse] and [Run] then refuse. It
// goes by what comes, not by the file's size, so that a pipe or a device is bounded too.
func ReadText(f io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(f, maxScript+1)) }

// text checks that src is text, and returns it without a byte order mark, together with its lines.
func text(name string, src []byte) ([]byte, []string, error) {
	if len(src) > maxScript {
		return nil, nil, &Error{Pos: Position{File: name}, Msg: "over 4 MB: too large for a script"}
	}
	if bytes.HasPrefix(src, []byte{0xff, 0xfe}) || bytes.HasPrefix(src, []byte{0xfe, 0xff}) {
		return nil, nil, &Error{Pos: Position{File: name}, Msg: "this is UTF-16 text", Hint: "save it as UTF-8"}
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	if at := firstBadByte(src); at >= 0 {
		return nil, nil, badByte(name, src, at)
	}
	return src, splitLines(string(src)), nil
}

// firstBadByte returns the offset of the first byte that text does not have, -1 if there is none.
func firstBadByte(src []byte) int {
	for i := 0; i < len(src); {
		if src[i] == 0 {
			return i
		}
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

func badByte(name string, src []byte, at int) error {
	before := splitLines(string(src[:at]))
	last := before[len(before)-1]
	pos := Position{File: name, Line: len(before), Col: utf8.RuneCountInString(last) + 1}
	if src[at] == 0 {
		return &Error{Pos: pos, Msg: "there is a NUL byte here: this is not a script"}
	}
	return &Error{Pos: pos, Msg: fmt.Sprintf("the byte 0x%02x is not UTF-8 text", src[at]), Hint: "save the script as UTF-8"}
}

// splitLines cuts where Starlark's scanner counts a new line: at \n, \r\n and a lone \r. One more empty line
// follows a final line end, which is where errors at the end of the file stand.
func splitLines(s string) []string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(s, "\r", "\n"), "\n")
}
