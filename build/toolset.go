package build

import (
	"crypto/sha256"
	"encoding/hex"
	"sort"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/encoding/protowire"
)

// toolset is what a key says of the host. Of a node that compiles it is more than a hundred properties, and of a graph's nodes
// thousands have the same: it is encoded once for them.
type toolset struct {
	message *rex.Platform
	encoded []byte
	sum     [sha256.Size]byte // of encoded
}

// platform puts properties into the API's canonical order, by name and value.
func platform(props []Property) *toolset {
	p := &rex.Platform{}
	for _, prop := range props {
		p.Properties = append(p.Properties, &rex.Platform_Property{Name: prop.Name, Value: prop.Value})
	}
	sort.SliceStable(p.Properties, func(i, j int) bool {
		a, b := p.Properties[i], p.Properties[j]
		return a.Name < b.Name || a.Name == b.Name && a.Value < b.Value
	})
	_, b := digestMessage(p)
	return &toolset{p, b, sha256.Sum256(b)}
}

// The fields of an Action that a key has, in the order in which they are encoded (remote_execution.proto).
const (
	actionCommand  protowire.Number = 1
	actionRoot     protowire.Number = 2
	actionSalt     protowire.Number = 9
	actionPlatform protowire.Number = 10
)

// digestAction is the digest of m in its canonical form, put together of the parts that are encoded already. tools are m's platform.
func digestAction(m *rex.Action, tools *toolset) Digest {
	b := encodeAction(m)
	b = protowire.AppendTag(b, actionPlatform, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(len(tools.encoded)))
	h := sha256.New()
	h.Write(b)
	h.Write(tools.encoded)
	return Digest{hex.EncodeToString(h.Sum(nil)), int64(len(b) + len(tools.encoded))}
}

// sumAction sums up the same, the tools by their sum: of a node that compiles they are ten thousand bytes.
func sumAction(m *rex.Action, tools *toolset) string {
	sum := sha256.Sum256(append(encodeAction(m), tools.sum[:]...))
	return string(sum[:])
}

// encodeAction encodes m but for its platform.
func encodeAction(m *rex.Action) []byte {
	b := make([]byte, 0, 256)
	b = appendDigest(b, actionCommand, fromMessage(m.CommandDigest))
	b = appendDigest(b, actionRoot, fromMessage(m.InputRootDigest))
	if len(m.Salt) > 0 {
		b = protowire.AppendTag(b, actionSalt, protowire.BytesType)
		b = protowire.AppendBytes(b, m.Salt)
	}
	return b
}

// appendDigest encodes a field that is a Digest, which has a hash (1) and a size (2). What is empty or zero is left out.
func appendDigest(b []byte, field protowire.Number, d Digest) []byte {
	size := 0
	if d.Hash != "" {
		size += protowire.SizeTag(1) + protowire.SizeBytes(len(d.Hash))
	}
	if d.Size != 0 {
		size += protowire.SizeTag(2) + protowire.SizeVarint(uint64(d.Size))
	}
	b = protowire.AppendTag(b, field, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(size))
	if d.Hash != "" {
		b = protowire.AppendTag(b, 1, protowire.BytesType)
		b = protowire.AppendString(b, d.Hash)
	}
	if d.Size != 0 {
		b = protowire.AppendTag(b, 2, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(d.Size))
	}
	return b
}
