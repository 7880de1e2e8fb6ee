package quirks

import (
	"bufio"
	"bytes"
	"embed"
	"strings"
)

// A patch has as little context as it takes: the lines that it changes are the same in all the versions that it is for, and what
// stands around them is not.
//
//go:embed patches
var patches embed.FS

// PatchText is the change of the source that mends a quirk, nil if it is mended otherwise.
func (q Quirk) PatchText() []byte {
	if !q.Patch {
		return nil
	}
	text, err := patches.ReadFile("patches/" + q.Name + ".patch")
	if err != nil {
		panic(err) // a test reads all that the table has
	}
	return text
}

// patched names the files that the patch changes.
func (q Quirk) patched() (files []string) {
	for lines := bufio.NewScanner(bytes.NewReader(q.PatchText())); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "+++ b/"); ok {
			files = append(files, name)
		}
	}
	return files
}
