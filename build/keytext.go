package build

import (
	"encoding/json"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// KeyText is an action's key as a person reads it and as another tool can check it: every message that takes part, in
// the API's JSON form. Encoded again as protocol buffers, each has the digest that stands beside it; the one of the
// Action is the key.
type KeyText struct {
	Node        string        `json:"node"`
	Action      KeyMessage    `json:"action"`
	Command     KeyMessage    `json:"command"`
	Directories []*KeyMessage `json:"directories"` // of the input root, which comes first; trees of the store stand for themselves
}

// KeyMessage is one message and its digest, "hash/size".
type KeyMessage struct {
	Digest  string          `json:"digest"`
	Message json.RawMessage `json:"message"`
}

// Text writes the key out. id is the node's name in its graph.
func (a *Action) Text(id string) (*KeyText, error) {
	t := &KeyText{Node: id}
	var err error
	if t.Action, err = keyMessage(a.Digest, a.Message); err != nil {
		return nil, err
	}
	if t.Command, err = keyMessage(fromMessage(a.Message.CommandDigest), a.Command); err != nil {
		return nil, err
	}
	told := map[Digest]bool{}
	var tell func(Digest) error
	tell = func(d Digest) error {
		b, ours := a.blobs[d]
		if !ours || told[d] {
			return nil
		}
		told[d] = true
		dir := &rex.Directory{}
		if err := proto.Unmarshal(b, dir); err != nil {
			return err
		}
		m, err := keyMessage(d, dir)
		if err != nil {
			return err
		}
		t.Directories = append(t.Directories, &m)
		for _, sub := range dir.Directories {
			if err := tell(fromMessage(sub.Digest)); err != nil {
				return err
			}
		}
		return nil
	}
	return t, tell(fromMessage(a.Message.InputRootDigest))
}

func keyMessage(d Digest, m proto.Message) (KeyMessage, error) {
	b, err := protojson.Marshal(m)
	return KeyMessage{d.String(), b}, err
}
