package lang_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mini/lang"
)

// TestText gives Run bytes that are not quite a script.
func TestText(t *testing.T) {
	const name = "main.star"
	for _, test := range []struct{ what, src, want string }{
		{"empty", "", ""},
		{"no line end", "x = 1", ""},
		{"byte order mark", "\ufeffx = 1\n", ""},
		{"byte order mark, column", "\ufeffx = qqqq\n", "main.star:1:5: undefined: qqqq\n    x = qqqq\n        ^"},
		{"CRLF", "x = 1\r\nif x:\r\n    y = \"\"\"a\r\nb\"\"\"\r\n", ""},
		{"CRLF, source line", "x = 1\r\ny = qqqq\r\nz = 1\r\n", "main.star:2:5: undefined: qqqq\n    y = qqqq\n        ^"},
		{"lone CR, source line", "x = 1\ry = qqqq\r", "main.star:2:5: undefined: qqqq\n    y = qqqq\n        ^"},
		{"not UTF-8", "x = 1\ny = \"ü\xff\"\n", "main.star:2:7: the byte 0xff is not UTF-8 text\nsave the script as UTF-8"},
		{"not UTF-8 in a comment", "# caf\xe9\n", "main.star:1:6: the byte 0xe9 is not UTF-8 text\nsave the script as UTF-8"},
		{"UTF-16", "\xff\xfex\x00", "main.star: this is UTF-16 text\nsave it as UTF-8"},
		{"NUL", "x = 1\n\x00", "main.star:2:1: there is a NUL byte here: this is not a script"},
		{"ELF", "\x7fELF\x00", "main.star:1:5: there is a NUL byte here: this is not a script"},
		{"4 MB", "#" + strings.Repeat("x", 4<<20-1), ""},
		{"over 4 MB", "#" + strings.Repeat("x", 4<<20), "main.star: over 4 MB: too large for a script"},
		{"control characters", "x = 1 \x1b[31m\n", "main.star:1:7: unexpected input character '\\x1b'\n    x = 1 \ufffd[31m\n          ^"},
	} {
		t.Run(test.what, func(t *testing.T) {
			_, err := lang.Run(context.Background(), name, []byte(test.src), lang.Options{})
			if got := message(err); got != test.want {
				t.Errorf("got:  %q\nwant: %q", got, test.want)
			}
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestTooLargeOnDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "main.star")
	write(t, path, "")
	if err := os.Truncate(path, 1<<40); err != nil { // a hole; reading all of it would not end
		t.Skip("the file system has no sparse files: ", err)
	}
	_, err := lang.Run(context.Background(), path, nil, lang.Options{})
	if err == nil || !strings.Contains(err.Error(), "over 4 MB") {
		t.Errorf("got %v", err)
	}
}

// TestDeep nests what the parser bounds, and what it does not.
func TestDeep(t *testing.T) {
	const n = 100_000
	for what, src := range map[string]string{
		"minus":    "x = 1" + strings.Repeat("-1", n),
		"calls":    "x = f" + strings.Repeat("()", n),
		"dots":     "x = f" + strings.Repeat(".a", n),
		"indices":  "x = f" + strings.Repeat("[1]", n),
		"brackets": "x = " + strings.Repeat("[", n),
		"nots":     "x = " + strings.Repeat("not ", n/2) + "1",
	} {
		t.Run(what, func(t *testing.T) {
			_, err := lang.Run(context.Background(), "main.star", []byte(src), lang.Options{})
			var e *lang.Error
			if !errors.As(err, &e) || !strings.Contains(e.Msg, "nests too deep") {
				t.Errorf("got %.200v", err)
			}
		})
	}
}
