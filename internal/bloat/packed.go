package bloat

import (
	"io"

	"github.com/klauspost/compress/zstd"
)

// Packed is how many bytes a content takes when it is packed alone, by zstd.
func Packed(r io.Reader) (int64, error) {
	var n counter
	w, err := zstd.NewWriter(&n, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(w, r); err != nil {
		return 0, err
	}
	err = w.Close()
	return int64(n), err
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
