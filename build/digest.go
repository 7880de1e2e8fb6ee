package build

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/proto"
)

// Digest identifies bytes as the Remote Execution API does: SHA-256 in lower-case hex, and the size.
type Digest struct {
	Hash string
	Size int64
}

// IsZero reports whether d says nothing.
func (d Digest) IsZero() bool { return d.Hash == "" }

// String is hash/size, the API's own notation in resource names.
func (d Digest) String() string { return fmt.Sprintf("%s/%d", d.Hash, d.Size) }

// ParseDigest reads what String wrote.
func ParseDigest(s string) (Digest, error) {
	hash, size, ok := strings.Cut(s, "/")
	n, err := strconv.ParseInt(size, 10, 64)
	if !ok || err != nil || n < 0 || !isHash(hash) {
		return Digest{}, fmt.Errorf("%q is not a digest: want 64 hex digits, a slash and a size", s)
	}
	return Digest{hash, n}, nil
}

func isHash(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size && s == strings.ToLower(s)
}

func digestBytes(b []byte) Digest {
	sum := sha256.Sum256(b)
	return Digest{hex.EncodeToString(sum[:]), int64(len(b))}
}

func digestFile(path string) (Digest, error) {
	f, err := os.Open(path)
	if err != nil {
		return Digest{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return Digest{}, fmt.Errorf("%s: %w", path, err)
	}
	return Digest{hex.EncodeToString(h.Sum(nil)), n}, nil
}

// digestMessage encodes m in the API's canonical form and digests that.
func digestMessage(m proto.Message) (Digest, []byte) {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		panic(err) // only invalid UTF-8 can do this, and validText refuses that before
	}
	return digestBytes(b), b
}

func (d Digest) message() *rex.Digest { return &rex.Digest{Hash: d.Hash, SizeBytes: d.Size} }

func fromMessage(d *rex.Digest) Digest { return Digest{d.GetHash(), d.GetSizeBytes()} }
