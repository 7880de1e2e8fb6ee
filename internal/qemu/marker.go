package qemu

import "bytes"

// until passes a stream on to emit up to the first occurrence of mark, which
// it swallows. Bytes that may be the beginning of a mark are held back until
// the next read shows what they are.
type until struct {
	mark []byte
	emit func(p []byte) error
	held []byte
}

// write takes the next part of the stream. Once the mark was seen it returns
// true and what came behind it.
func (u *until) write(p []byte) (rest []byte, found bool, err error) {
	u.held = append(u.held, p...)
	if i := bytes.Index(u.held, u.mark); i >= 0 {
		err = u.emit(u.held[:i])
		rest, u.held = u.held[i+len(u.mark):], nil
		return rest, true, err
	}
	keep := overlap(u.held, u.mark)
	if n := len(u.held) - keep; n > 0 {
		err = u.emit(u.held[:n])
		u.held = append([]byte(nil), u.held[n:]...)
	}
	return nil, false, err
}

// overlap is the length of the longest end of p that begins mark.
func overlap(p, mark []byte) int {
	for n := min(len(p), len(mark)-1); n > 0; n-- {
		if bytes.HasPrefix(mark, p[len(p)-n:]) {
			return n
		}
	}
	return 0
}

// unCR undoes what the guest's terminal does to the output of a program: it
// puts a carriage return before every newline (ONLCR). Taking away exactly one
// before each newline gives the program's own bytes back, also where it wrote
// carriage returns itself.
type unCR struct {
	emit func(p []byte) error
	held bool // a carriage return came last
}

func (u *unCR) write(p []byte) error {
	out := make([]byte, 0, len(p)+1)
	for _, c := range p {
		if u.held && c != '\n' {
			out = append(out, '\r')
		}
		if u.held = c == '\r'; !u.held {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return u.emit(out)
}

// flush ends the stream.
func (u *unCR) flush() error {
	if !u.held {
		return nil
	}
	u.held = false
	return u.emit([]byte{'\r'})
}
