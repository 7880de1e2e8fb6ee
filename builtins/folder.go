package builtins

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"mini/internal/rootfs"
	"mini/lang"

	"go.starlark.net/starlark"
)

// maxFolder is how many files a folder may have: each is an input of its own, looked at in every run. A source tree of
// others comes as an archive.
const maxFolder = 10000

func (s *Session) folder() *lang.Builtin {
	return &lang.Builtin{
		Name: "folder", Group: "Root filesystem", Returns: "a dict from relative paths to `file(…)`, sorted",
		Doc: "All files below a folder beside the script, executable where they are so there. Names that begin with a dot are left out. It is what `package(source = …)` and `run(inputs = …)` take; `rootfs` wants absolute paths.",
		Params: []lang.Param{
			{Name: "path", Type: lang.StringType, Doc: "The folder."},
			{Name: "below", Type: lang.StringType, Default: starlark.String(""), Doc: "What is put before each path: `/srv/www` makes them paths of an image."},
		},
		Example: `package("game", source = folder("game"), steps = ["make", "make install"])
rootfs([bb, folder("www", below = "/srv/www")])`,
		Do: func(c *lang.Call) (starlark.Value, error) {
			top, err := c.Resolve(c.Str("path"))
			if err != nil {
				return nil, err
			}
			if info, err := os.Stat(top); err != nil || !info.IsDir() {
				return nil, lang.WithHint(c.ArgErrorf("path", "folder: %s is not a folder", c.Str("path")), fmt.Sprintf("a single file is file(%q)", c.Str("path")))
			}
			files := starlark.NewDict(0)
			err = filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
				switch {
				case err != nil:
					return err
				case p != top && strings.HasPrefix(d.Name(), "."):
					if d.IsDir() {
						return fs.SkipDir
					}
					return nil
				case d.IsDir():
					return nil
				case files.Len() == maxFolder:
					return lang.WithHint(fmt.Errorf("it has more than %d files", maxFolder), "pack it: source(\"x.tar\") takes an archive beside the script")
				}
				return addFile(c, files, top, p)
			})
			if err != nil {
				return nil, c.ArgErrorf("path", "folder: %s: %v", c.Str("path"), err)
			}
			if files.Len() == 0 {
				return nil, c.ArgErrorf("path", "folder: %s has no files", c.Str("path"))
			}
			return files, nil
		},
	}
}

func addFile(c *lang.Call, files *starlark.Dict, top, p string) error {
	rel, err := filepath.Rel(top, p)
	if err != nil {
		return err
	}
	rel = filepath.ToSlash(rel)
	host, err := c.Resolve(path.Join(c.Str("path"), rel)) // a link must not lead out of the script's directory
	if err != nil {
		return err
	}
	info, err := os.Stat(host)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is a %s, not a file", rel, info.Mode().Type())
	}
	d := rootfs.Directive{Kind: rootfs.FileKind, Mode: 0o644}
	if info.Mode()&0o111 != 0 {
		d.Mode = 0o755
	}
	e := &Entry{thing: thing{"file entry", fmt.Sprintf("file(%q)", rel)}, pos: c.Own().String(), directive: d, host: host}
	return files.SetKey(starlark.String(path.Join(c.Str("below"), rel)), e)
}
