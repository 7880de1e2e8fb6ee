package build

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// leafAt is a file, or a tree of the store, at a path below a directory.
type leafAt struct {
	path   string
	object Object
}

// The fields of the messages that an input root is made of (remote_execution.proto). The name is the first and the digest
// the second of a file's as of a directory's.
const (
	directoryFiles   protowire.Number = 1
	directoryDirs    protowire.Number = 2
	nodeName         protowire.Number = 1
	nodeDigest       protowire.Number = 2
	nodeIsExecutable protowire.Number = 4
)

// encodeDirectory encodes the Directory message of leaves in the API's canonical form. The leaves are sorted by path, of which
// the directory's own are the first bytes. It adds the message and those of the directories below it to blobs. A plan does
// this for each node, and the API's own encoder takes three times as long.
func encodeDirectory(leaves []leafAt, own int, blobs map[Digest][]byte) Digest {
	b, buf := make([]byte, 0, 256), make([]byte, 0, 128)
	type sub struct {
		name   string
		digest Digest
	}
	var subs []sub
	for len(leaves) > 0 {
		first := leaves[0]
		name, _, deeper := strings.Cut(first.path[own:], "/")
		n := 1
		switch {
		case deeper:
			next := own + len(name) + 1
			for n < len(leaves) && strings.HasPrefix(leaves[n].path, first.path[:next]) {
				n++
			}
			subs = append(subs, sub{name, encodeDirectory(leaves[:n], next, blobs)})
		case first.object.IsTree:
			subs = append(subs, sub{name, first.object.Digest})
		default:
			buf = appendNode(buf[:0], name, first.object.Digest)
			if first.object.Exec {
				buf = protowire.AppendVarint(protowire.AppendTag(buf, nodeIsExecutable, protowire.VarintType), 1)
			}
			b = protowire.AppendBytes(protowire.AppendTag(b, directoryFiles, protowire.BytesType), buf)
		}
		leaves = leaves[n:]
	}
	// As paths they were sorted with what follows the name.
	slices.SortStableFunc(subs, func(a, b sub) int { return strings.Compare(a.name, b.name) })
	for _, s := range subs {
		buf = appendNode(buf[:0], s.name, s.digest)
		b = protowire.AppendBytes(protowire.AppendTag(b, directoryDirs, protowire.BytesType), buf)
	}
	d := digestBytes(b)
	blobs[d] = b
	return d
}

func appendNode(b []byte, name string, d Digest) []byte {
	if name != "" {
		b = protowire.AppendString(protowire.AppendTag(b, nodeName, protowire.BytesType), name)
	}
	return appendDigest(b, nodeDigest, d)
}
