package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
)

// Verify compares the file at path with want; fields of want that are not known
// are not looked at. It returns *SizeError, *HashError, or why the file could
// not be read. The file is left as it is.
func Verify(path string, want Want) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	if want.Size > 0 && info.Size() != want.Size {
		return &SizeError{URL: path, Want: want.Size, Got: info.Size()}
	}
	if want.SHA256 == "" {
		return nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != strings.ToLower(want.SHA256) {
		return &HashError{URL: path, Want: strings.ToLower(want.SHA256), Got: got}
	}
	return nil
}

// gotFile describes a file that was there already and has been verified.
func gotFile(path, sha string) (Got, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Got{}, err
	}
	return Got{SHA256: sha, Size: info.Size()}, nil
}
