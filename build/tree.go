package build

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"golang.org/x/sync/errgroup"
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
	tree := &rex.Tree{}
	if err := proto.Unmarshal(b, tree); err != nil {
		return Object{}, "", err
	}
	dirs := map[string]*rex.Directory{}
	for _, c := range tree.Children {
		d, _ := digestMessage(c)
		dirs[d.Hash] = c
	}
	w := &treeWalk{root: tree.Root, dirs: dirs}
	return w.find(sub)
}

type treeWalk struct {
	root  *rex.Directory
	dirs  map[string]*rex.Directory
	links int
}

// maxLinks is the kernel's own limit on symbolic links in one path (path_resolution(7)).
const maxLinks = 40

func (w *treeWalk) find(sub string) (Object, string, error) {
	sub = strings.TrimPrefix(path.Clean("/"+sub), "/")
	at := w.root
	names := strings.Split(sub, "/")
	for i, name := range names {
		rest := strings.Join(names[i+1:], "/")
		if link := symlinkIn(at, name); link != nil {
			if w.links++; w.links > maxLinks {
				return Object{}, "", fmt.Errorf("too many links on the way to /%s", sub)
			}
			target := link.Target
			if !path.IsAbs(target) {
				target = path.Join("/", path.Join(names[:i]...), target)
			}
			return w.find(path.Join(target, rest))
		}
		if f := fileIn(at, name); f != nil && rest == "" {
			return Object{Digest: fromMessage(f.Digest), Exec: f.IsExecutable}, sub, nil
		}
		d := directoryIn(at, name)
		if d == nil {
			return Object{}, "", fmt.Errorf("there is no /%s in it", sub)
		}
		if at = w.dirs[d.Digest.GetHash()]; at == nil {
			return Object{}, "", fmt.Errorf("its listing is damaged at /%s", sub)
		}
	}
	return Object{}, "", fmt.Errorf("/%s is a directory in it, not a file", sub)
}

func fileIn(d *rex.Directory, name string) *rex.FileNode {
	for _, f := range d.Files {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func symlinkIn(d *rex.Directory, name string) *rex.SymlinkNode {
	for _, l := range d.Symlinks {
		if l.Name == name {
			return l
		}
	}
	return nil
}

func directoryIn(d *rex.Directory, name string) *rex.DirectoryNode {
	for _, s := range d.Directories {
		if s.Name == name {
			return s
		}
	}
	return nil
}
