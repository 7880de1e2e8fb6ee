package source

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"strings"
)

// maxParagraph bounds one package's entry in an index; the largest of Debian is
// a few hundred kilobytes.
const maxParagraph = 16 << 20

// scanIndex reads a Packages or Sources index and calls found with the fields of
// each entry whose package name match accepts. It streams: an index is tens of
// megabytes, the entries asked for a few kilobytes.
func scanIndex(r io.Reader, match func(pkg string) bool, found func(fields map[string]string)) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 1<<20), maxParagraph)
	s.Split(splitParagraphs)
	for s.Scan() {
		if match(packageName(s.Bytes())) {
			found(parseFields(s.Text()))
		}
	}
	return s.Err()
}

// splitParagraphs is a bufio.SplitFunc for blocks separated by an empty line.
func splitParagraphs(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.Index(data, []byte("\n\n")); i >= 0 {
		return i + 2, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// packageName finds the Package field without taking the entry apart.
func packageName(entry []byte) string {
	const field = "Package: "
	entry = bytes.TrimLeft(entry, "\n")
	if !bytes.HasPrefix(entry, []byte(field)) {
		_, after, ok := bytes.Cut(entry, []byte("\n"+field))
		if !ok {
			return ""
		}
		entry = append([]byte(field), after...)
	}
	line, _, _ := bytes.Cut(entry[len(field):], []byte("\n"))
	return string(bytes.TrimSpace(line))
}

// parseFields takes an entry apart: "Key: value", and further lines that begin
// with a blank, which are kept with their newline (see deb822(5)).
func parseFields(entry string) map[string]string {
	fields := map[string]string{}
	last := ""
	for line := range strings.Lines(entry) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			if last != "" {
				fields[last] += "\n" + line
			}
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			last = ""
			continue
		}
		last = key
		fields[key] = strings.TrimSpace(value)
	}
	return fields
}

// checkedFile is one line of Checksums-Sha256.
type checkedFile struct {
	sha256 string
	size   int64
	name   string
}

func checksums(value string) []checkedFile {
	var all []checkedFile
	for line := range strings.Lines(value) {
		f := strings.Fields(line)
		if len(f) != 3 {
			continue
		}
		size, err := strconv.ParseInt(f[1], 10, 64)
		if err == nil && len(f[0]) == 64 {
			all = append(all, checkedFile{strings.ToLower(f[0]), size, f[2]})
		}
	}
	return all
}
