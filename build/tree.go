package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// digestTree reads the directory dir and returns it as an Object with the encoded Tree message. Only names, contents,
// the x bit of files and link targets count: owners, times and other permission bits are no part of a tree. Files that
// known vouches for are not read; it may be nil.
func digestTree(ctx context.Context, dir string, known *written) (Object, []byte, error) {
	h := &treeHasher{known: known, children: map[Digest]*rex.Directory{}}
	h.group, ctx = errgroup.WithContext(ctx)
	h.group.SetLimit(2 * runtime.GOMAXPROCS(0))
	top, err := h.scan(ctx, dir)
	if waitErr := h.group.Wait(); waitErr != nil {
		return Object{}, nil, waitErr
	}
	if err != nil {
		return Object{}, nil, err
	}
	root := h.seal(top)
	tree := &rex.Tree{Root: top.message}
	for _, d := range h.order {
		if d != root {
			tree.Children = append(tree.Children, h.children[d])
		}
	}
	treeDigest, b := digestMessage(tree)
	return Object{Digest: root, IsTree: true, Tree: treeDigest}, b, nil
}

// treeHasher walks directories in one goroutine and reads files in several.
type treeHasher struct {
	known    *written
	group    *errgroup.Group
	children map[Digest]*rex.Directory
	order    []Digest
}

// scanned is a directory whose files' digests may still be on their way.
type scanned struct {
	message *rex.Directory
	names   []string
	subs    []*scanned
}

func (h *treeHasher) scan(ctx context.Context, dir string) (*scanned, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return nil, err
	}
	s := &scanned{message: &rex.Directory{}}
	for _, e := range entries {
		p := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir():
			sub, err := h.scan(ctx, p)
			if err != nil {
				return nil, err
			}
			s.names, s.subs = append(s.names, e.Name()), append(s.subs, sub)
		case e.Type()&os.ModeSymlink != 0:
			target, err := os.Readlink(p)
			if err != nil {
				return nil, err
			}
			s.message.Symlinks = append(s.message.Symlinks, &rex.SymlinkNode{Name: e.Name(), Target: target})
		case e.Type().IsRegular():
			info, err := e.Info()
			if err != nil {
				return nil, err
			}
			node := &rex.FileNode{Name: e.Name(), IsExecutable: info.Mode()&0o111 != 0}
			s.message.Files = append(s.message.Files, node)
			if d, ok := h.known.digest(p, info); ok {
				node.Digest = d.message()
				continue
			}
			h.group.Go(func() error {
				d, err := digestFile(p)
				node.Digest = d.message()
				return err
			})
		default:
			return nil, fmt.Errorf("%s is a %s: an output may hold files, directories and links only", p, e.Type())
		}
	}
	return s, nil
}

// seal digests a directory after all below it. Equal directories are listed once.
func (h *treeHasher) seal(s *scanned) Digest {
	for i, sub := range s.subs {
		s.message.Directories = append(s.message.Directories,
			&rex.DirectoryNode{Name: s.names[i], Digest: h.seal(sub).message()})
	}
	d, _ := digestMessage(s.message)
	if h.children[d] == nil {
		h.children[d] = s.message
		h.order = append(h.order, d)
	}
	return d
}

// lookup finds the path sub in a tree whose listing is encoded in b, and returns what it is and where it really lies:
// links inside the tree are followed.
func lookup(b []byte, sub string) (Object, string, error) {
	w, err := walkTree(b)
	if err != nil {
		return Object{}, "", err
	}
	return w.find(sub)
}

// treeWalk goes through a tree's listing. A listing may be of some thousand directories, of which a walk passes a few, and
// a directory of some hundred files, of which it wants one: only that is decoded.
type treeWalk struct {
	root  []byte                       // encoded
	todo  map[int][][]byte             // by size: the other directories, encoded, whose digests nobody has needed yet
	dirs  map[[sha256.Size]byte][]byte // and those whose digests are known
	links int
}

// walkTree splits an encoded Tree message into the directories that it is made of: field 1 is the root, each field 2 one
// of the others. A directory's digest is that of its bytes, and the API wants them to be the same here as by themselves.
func walkTree(b []byte) (*treeWalk, error) {
	w := &treeWalk{todo: map[int][][]byte{}, dirs: map[[sha256.Size]byte][]byte{}}
	return w, eachField(b, func(field protowire.Number, message []byte) error {
		switch field {
		case 1:
			w.root = message
		case 2:
			w.todo[len(message)] = append(w.todo[len(message)], message)
		}
		return nil
	})
}

// eachField calls f for the fields of a message that are messages or texts themselves.
func eachField(b []byte, f func(protowire.Number, []byte) error) error {
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(field, kind, b); n < 0 {
				return protowire.ParseError(n)
			}
			b = b[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		if err := f(field, value); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// directory finds the one with that digest.
func (w *treeWalk) directory(d *rex.Digest) ([]byte, bool) {
	var sum [sha256.Size]byte
	if !isHash(d.GetHash()) {
		return nil, false
	}
	if _, err := hex.Decode(sum[:], []byte(d.GetHash())); err != nil {
		return nil, false
	}
	for _, dir := range w.todo[int(d.SizeBytes)] {
		w.dirs[sha256.Sum256(dir)] = dir
	}
	delete(w.todo, int(d.SizeBytes))
	b, ok := w.dirs[sum]
	return b, ok
}

// entry finds a name in an encoded Directory. One of the three is not nil if it is there: files are field 1,
// directories field 2, links field 3, and in each the name is field 1.
func entry(dir []byte, name string) (file *rex.FileNode, sub *rex.DirectoryNode, link *rex.SymlinkNode, err error) {
	err = eachField(dir, func(field protowire.Number, node []byte) error {
		if !hasName(node, name) {
			return nil
		}
		switch field {
		case 1:
			file = &rex.FileNode{}
			return proto.Unmarshal(node, file)
		case 2:
			sub = &rex.DirectoryNode{}
			return proto.Unmarshal(node, sub)
		case 3:
			link = &rex.SymlinkNode{}
			return proto.Unmarshal(node, link)
		}
		return nil
	})
	return file, sub, link, err
}

func hasName(node []byte, name string) bool {
	// The canonical form begins with the name.
	if field, kind, n := protowire.ConsumeTag(node); n > 0 && field == 1 && kind == protowire.BytesType {
		first, n := protowire.ConsumeBytes(node[n:])
		return n > 0 && string(first) == name
	}
	has := false
	err := eachField(node, func(field protowire.Number, value []byte) error {
		has = has || field == 1 && string(value) == name
		return nil
	})
	return has && err == nil
}

// maxLinks is the kernel's own limit on symbolic links in one path (path_resolution(7)).
const maxLinks = 40

func (w *treeWalk) find(sub string) (Object, string, error) {
	sub = strings.TrimPrefix(path.Clean("/"+sub), "/")
	at := w.root
	names := strings.Split(sub, "/")
	for i, name := range names {
		rest := strings.Join(names[i+1:], "/")
		file, dir, link, err := entry(at, name)
		switch {
		case err != nil:
			return Object{}, "", fmt.Errorf("its listing is damaged at /%s: %w", sub, err)
		case link != nil:
			if w.links++; w.links > maxLinks {
				return Object{}, "", fmt.Errorf("too many links on the way to /%s", sub)
			}
			target := link.Target
			if !path.IsAbs(target) {
				target = path.Join("/", path.Join(names[:i]...), target)
			}
			return w.find(path.Join(target, rest))
		case file != nil && rest == "":
			return Object{Digest: fromMessage(file.Digest), Exec: file.IsExecutable}, sub, nil
		case dir == nil:
			return Object{}, "", fmt.Errorf("there is no /%s in it", sub)
		}
		var ok bool
		if at, ok = w.directory(dir.Digest); !ok {
			return Object{}, "", fmt.Errorf("its listing is damaged at /%s", sub)
		}
	}
	return Object{}, "", fmt.Errorf("/%s is a directory in it, not a file", sub)
}
