package elf

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// debian and fedora are what loaders of those have among their strings.
const (
	debian = "junk\x00\x02/lib/x86_64-linux-gnu/\x00/usr/lib/x86_64-linux-gnu/\x00/lib/\x00/usr/lib/\x00/etc/ld.so.cache\x00/var/tmp\x00"
	fedora = "/lib64/\x00/usr/lib64/\x00/var/tmp/\x00"
	musl   = "/etc/ld-musl-\x00/lib:/usr/local/lib:/usr/lib\x00"
)

// sysroot is a Finder over a folder: the first of dirs that has the name.
type sysroot struct {
	root  string
	dirs  []string
	calls *int
}

func (s sysroot) Find(_ context.Context, name string, _ *File) (Found, error) {
	if s.calls != nil {
		*s.calls++
	}
	for _, d := range s.dirs {
		host := filepath.Join(s.root, d, name)
		if _, err := os.Lstat(host); err == nil {
			return Found{host, path.Join(d, name)}, nil
		}
	}
	return Found{}, fmt.Errorf("%w in %s", ErrNotFound, strings.Join(s.dirs, ", "))
}

// show writes libraries in short, with host paths below root.
func show(root string, libs []Library) string {
	var b strings.Builder
	for _, l := range libs {
		fmt.Fprintf(&b, "%s = %s for %s", l.Path, strings.TrimPrefix(l.HostPath, root), strings.Join(l.NeededBy, " "))
		if l.Interp {
			b.WriteString(" (loader)")
		}
		b.WriteString("\n")
		for _, k := range l.Links {
			fmt.Fprintf(&b, "  %s -> %s\n", k.Path, k.Target)
		}
	}
	return b.String()
}

func TestClosure(t *testing.T) {
	const usr = "usr/lib/x86_64-linux-gnu/"
	glibc := map[string]any{
		usr + "ld-linux-x86-64.so.2": image{soname: "ld-linux-x86-64.so.2", tail: debian},
		usr + "libc.so.6":            image{soname: "libc.so.6", needed: []string{"ld-linux-x86-64.so.2"}},
		usr + "libresolv.so.2":       "-> libresolv-2.31.so",
		usr + "libresolv-2.31.so":    image{soname: "libresolv.so.2", needed: []string{"libc.so.6"}},
		usr + "libm.so.6":            "-> libm.so.6.0",
		usr + "libm.so.6.0":          "-> ../../../opt/libm-real.so",
		"opt/libm-real.so":           image{soname: "libm.so.6", needed: []string{"libc.so.6"}},
		usr + "liba.so.1":            image{soname: "liba.so.1", needed: []string{"libb.so.1", "libc.so.6"}},
		usr + "libb.so.1":            image{soname: "libb.so.1", needed: []string{"liba.so.1"}},
		"opt/far/libfar.so.1":        image{needed: []string{"libc.so.6"}},
		"usr/lib/libold.so.1":        image{},
	}
	prog := func(needed ...string) image {
		return image{interp: "/lib64/ld-linux-x86-64.so.2", needed: needed}
	}
	const (
		ldso = "/lib64/ld-linux-x86-64.so.2 = /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 for "
		libc = "/lib/x86_64-linux-gnu/libc.so.6 = /usr/lib/x86_64-linux-gnu/libc.so.6 for "
	)
	for _, c := range []struct {
		name  string
		host  map[string]any // besides glibc
		image map[string]any // programs and other files of the image
		want  string
	}{
		{
			"one program", nil, map[string]any{"/bin/a": prog("libc.so.6")},
			libc + "/bin/a\n" + ldso + "/bin/a /lib/x86_64-linux-gnu/libc.so.6 (loader)\n",
		},
		{
			"links stay links", nil, map[string]any{"/bin/a": prog("libresolv.so.2")},
			libc + "/lib/x86_64-linux-gnu/libresolv.so.2\n" +
				"/lib/x86_64-linux-gnu/libresolv-2.31.so = /usr/lib/x86_64-linux-gnu/libresolv-2.31.so for /bin/a\n" +
				"  /lib/x86_64-linux-gnu/libresolv.so.2 -> libresolv-2.31.so\n" +
				ldso + "/bin/a /lib/x86_64-linux-gnu/libc.so.6 (loader)\n",
		},
		{
			"a link out of the directory becomes the file", nil, map[string]any{"/bin/a": prog("libm.so.6")},
			libc + "/lib/x86_64-linux-gnu/libm.so.6\n" +
				"/lib/x86_64-linux-gnu/libm.so.6.0 = /opt/libm-real.so for /bin/a\n" +
				"  /lib/x86_64-linux-gnu/libm.so.6 -> libm.so.6.0\n" +
				ldso + "/bin/a /lib/x86_64-linux-gnu/libc.so.6 (loader)\n",
		},
		{
			"circle", nil, map[string]any{"/bin/a": prog("liba.so.1")},
			"/lib/x86_64-linux-gnu/liba.so.1 = /usr/lib/x86_64-linux-gnu/liba.so.1 for /bin/a /lib/x86_64-linux-gnu/libb.so.1\n" +
				"/lib/x86_64-linux-gnu/libb.so.1 = /usr/lib/x86_64-linux-gnu/libb.so.1 for /lib/x86_64-linux-gnu/liba.so.1\n" +
				libc + "/lib/x86_64-linux-gnu/liba.so.1\n" + ldso + "/bin/a /lib/x86_64-linux-gnu/libc.so.6 (loader)\n",
		},
		{
			"other directories", nil, map[string]any{"/bin/a": prog("libfar.so.1", "libold.so.1")},
			"/lib/libfar.so.1 = /opt/far/libfar.so.1 for /bin/a\n/lib/libold.so.1 = /usr/lib/libold.so.1 for /bin/a\n" +
				libc + "/lib/libfar.so.1\n" + ldso + "/bin/a /lib/x86_64-linux-gnu/libc.so.6 (loader)\n",
		},
		{
			"what needs nothing", nil, map[string]any{
				"/init": "#!/bin/sh\n", "/bin/static": image{static: true}, "/bin/pie": image{}, "/lib/m.ko": image{kind: elf.ET_REL},
				"/bin/vdso": image{needed: []string{"linux-vdso.so.1", "linux-gate.so.1"}},
			}, "",
		},
		{
			"a loader and nothing else", nil, map[string]any{"/bin/a": prog()}, ldso + "/bin/a (loader)\n",
		},
		{
			"the image's own library", nil, map[string]any{
				"/bin/a": prog("libmine.so"), "/opt/lib/libmine.so": image{needed: []string{"libnot.so"}}, "/lib/libnot.so": image{},
				"/usr/lib/libmine.so": image{},
			}, ldso + "/bin/a (loader)\n",
		},
		{
			"the image's own loader", nil, map[string]any{
				"/bin/a": prog("libmine.so"), "/lib64/ld-linux-x86-64.so.2": image{tail: fedora}, "/usr/lib64/libmine.so": image{},
			}, "",
		},
		{
			"RUNPATH with $ORIGIN", nil, map[string]any{
				"/opt/app/bin/a":          image{interp: "/lib64/ld-linux-x86-64.so.2", needed: []string{"libmine.so"}, runpath: "rel::$ORIGIN/../lib"},
				"/opt/app/lib/libmine.so": image{},
			}, ldso + "/opt/app/bin/a (loader)\n",
		},
		{
			"RPATH is inherited", nil, map[string]any{
				"/bin/a":              image{interp: "/lib64/ld-linux-x86-64.so.2", needed: []string{"libone.so"}, rpath: "${ORIGIN}/priv"},
				"/bin/priv/libone.so": image{needed: []string{"libtwo.so"}}, "/bin/priv/libtwo.so": image{},
			}, ldso + "/bin/a (loader)\n",
		},
		{
			"a library of another architecture is passed over", nil, map[string]any{
				"/bin/a":              image{interp: "/lib64/ld-linux-x86-64.so.2", needed: []string{"libc.so.6"}, runpath: "/opt/i386"},
				"/opt/i386/libc.so.6": image{class: elf.ELFCLASS32, machine: elf.EM_386},
			}, libc + "/bin/a\n" + ldso + "/bin/a /lib/x86_64-linux-gnu/libc.so.6 (loader)\n",
		},
		{
			"a name that is a path", nil, map[string]any{"/bin/a": prog("/srv/x/libfar.so.1")},
			libc + "/srv/x/libfar.so.1\n" + ldso + "/bin/a /lib/x86_64-linux-gnu/libc.so.6 (loader)\n" +
				"/srv/x/libfar.so.1 = /opt/far/libfar.so.1 for /bin/a\n",
		},
		{
			"a plugin is loaded by the loader of the others", nil, map[string]any{
				"/bin/z": prog("libc.so.6"), "/a/plugin.so": image{needed: []string{"libfar.so.1"}},
			},
			"/lib/libfar.so.1 = /opt/far/libfar.so.1 for /a/plugin.so\n" + libc + "/bin/z /lib/libfar.so.1\n" +
				ldso + "/bin/z /lib/x86_64-linux-gnu/libc.so.6 (loader)\n",
		},
		{
			"a plugin that brings its library", nil, map[string]any{
				"/a/libtwo.so": image{needed: []string{"libthree.so"}}, "/a/libthree.so": image{}, "/p/plugin.so": image{needed: []string{"libtwo.so"}, rpath: "/a"},
			}, "",
		},
		{
			"a plugin alone", nil, map[string]any{"/a/plugin.so": image{needed: []string{"libresolv.so.2"}}, "/lib/x86_64-linux-gnu/libc.so.6": image{}},
			"/lib/x86_64-linux-gnu/libresolv-2.31.so = /usr/lib/x86_64-linux-gnu/libresolv-2.31.so for /a/plugin.so\n" +
				"  /lib/x86_64-linux-gnu/libresolv.so.2 -> libresolv-2.31.so\n",
		},
		{
			"a versioned loader", map[string]any{
				"lib32/ld-linux.so.2": "-> ld-2.31.so", "lib32/ld-2.31.so": image{class: elf.ELFCLASS32, machine: elf.EM_386, tail: "/lib/\x00"},
			},
			map[string]any{"/bin/a": image{class: elf.ELFCLASS32, machine: elf.EM_386, interp: "/lib/ld-linux.so.2"}},
			"/lib/ld-2.31.so = /lib32/ld-2.31.so for /bin/a (loader)\n  /lib/ld-linux.so.2 -> ld-2.31.so\n",
		},
		{
			"Fedora's directories", map[string]any{"usr/lib64/ld-f.so": image{tail: fedora}, "usr/lib64/libf.so": image{}},
			map[string]any{"/bin/a": image{interp: "/lib64/ld-f.so", needed: []string{"libf.so", "libfar.so.1"}}},
			"/lib64/ld-f.so = /usr/lib64/ld-f.so for /bin/a (loader)\n/lib64/libc.so.6 = /usr/lib/x86_64-linux-gnu/libc.so.6 for /lib64/libfar.so.1\n" +
				"/lib64/ld-linux-x86-64.so.2 = /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 for /lib64/libc.so.6\n" +
				"/lib64/libf.so = /usr/lib64/libf.so for /bin/a\n/lib64/libfar.so.1 = /opt/far/libfar.so.1 for /bin/a\n",
		},
		{
			"musl is its own C library", map[string]any{
				"lib/ld-musl-x86_64.so.1": "-> /usr/lib/musl/libc.so", "usr/lib/musl/libc.so": image{soname: "libc.so", tail: musl},
				"usr/lib64/libz.so.1": image{needed: []string{"libc.musl-x86_64.so.1"}},
			},
			map[string]any{
				"/bin/a": image{interp: "/lib/ld-musl-x86_64.so.1", needed: []string{"libpthread.so.0", "libc.so", "libone.so"}, runpath: "/priv"},
				// musl lets RUNPATH be inherited, which glibc does not.
				"/priv/libone.so": image{needed: []string{"libtwo.so", "libz.so.1"}}, "/priv/libtwo.so": image{},
			},
			"/lib/ld-musl-x86_64.so.1 = /usr/lib/musl/libc.so for /bin/a /lib/libz.so.1 (loader)\n" +
				"/lib/libz.so.1 = /usr/lib64/libz.so.1 for /priv/libone.so\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			host, f, programs, own := world(t, glibc, c.host, c.image)
			if c.name == "the image's own library" {
				own["/lib/x86_64-linux-gnu/libmine.so"] = own["/opt/lib/libmine.so"]
			}
			if strings.HasPrefix(c.name, "musl") {
				if err := os.Remove(filepath.Join(host, "lib/ld-musl-x86_64.so.1")); err != nil {
					t.Fatal(err)
				}
				lay(t, host, map[string]any{"lib/ld-musl-x86_64.so.1": "-> ../usr/lib/musl/libc.so"})
			}
			libs, err := Closure(context.Background(), programs, own, f)
			if err != nil {
				t.Fatal(err)
			}
			if got := show(host, libs); sorted(got) != sorted(c.want) {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			if !slices.IsSortedFunc(libs, func(a, b Library) int { return strings.Compare(a.Path, b.Path) }) {
				t.Error("not sorted")
			}
			slices.Reverse(programs)
			again, err := Closure(context.Background(), programs, own, f)
			if err != nil || show(host, again) != show(host, libs) {
				t.Errorf("another order of programs, another result: %v\n%s", err, show(host, again))
			}
		})
	}
}

// world lays out a host and an image.
func world(t *testing.T, glibc, more, img map[string]any) (host string, f sysroot, programs []Program, own map[string]string) {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	host = filepath.Join(top, "host")
	lay(t, host, glibc)
	lay(t, host, more)
	lay(t, filepath.Join(top, "image"), img)
	own = map[string]string{}
	for p := range img {
		own[p] = filepath.Join(top, "image", p)
		programs = append(programs, Program{p, own[p]})
	}
	slices.SortFunc(programs, func(a, b Program) int { return strings.Compare(a.Path, b.Path) })
	return host, sysroot{root: host, dirs: []string{"/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/lib", "/lib32", "/opt/far"}}, programs, own
}

// sorted orders libraries but keeps the links below theirs.
func sorted(s string) string {
	parts := strings.Split(strings.ReplaceAll(s, "\n  ", "\x00"), "\n")
	slices.Sort(parts)
	return strings.Join(parts, "\n")
}

func TestClosureFails(t *testing.T) {
	const dir = "usr/lib/x86_64-linux-gnu/"
	host := map[string]any{
		dir + "ld.so":     image{tail: debian},
		dir + "lib32.so":  image{class: elf.ELFCLASS32, machine: elf.EM_386},
		dir + "libtxt.so": "GROUP ( libc.so.6 )\n",
		dir + "libexe.so": image{kind: elf.ET_EXEC},
		dir + "libbad.so": "\x7fELFbad",
		dir + "libdup.so": image{},
		"usr/lib/ld2.so":  image{tail: "/lib/\x00"},
	}
	prog := func(needed ...string) image { return image{interp: "/lib/ld.so", needed: needed} }
	const nowhere = "not in the image as /lib/x86_64-linux-gnu/NAME, /usr/lib/x86_64-linux-gnu/NAME, /lib/NAME, /usr/lib/NAME"
	in := func(name string) string { return strings.ReplaceAll(nowhere, "NAME", name) }
	for _, c := range []struct {
		name    string
		image   map[string]any
		missing bool
		want    []string
	}{
		{
			"nowhere", map[string]any{"/bin/a": prog("libno.so.1")}, true,
			[]string{`/bin/a (x86_64, ELF64) needs the library "libno.so.1", which is nowhere: `, in("libno.so.1"), "not found in /usr/lib/x86_64-linux-gnu, ",
				": install that library for x86_64, ELF64, or put it into the image"},
		},
		{"of a library", map[string]any{"/bin/a": prog("libmid.so"), "/lib/libmid.so": image{needed: []string{"libno.so"}}}, true, []string{`/lib/libmid.so (x86_64, ELF64) needs the library "libno.so"`}},
		{"other architecture", map[string]any{"/bin/a": prog("lib32.so")}, true, []string{"passed over HOST/usr/lib/x86_64-linux-gnu/lib32.so (it is for i386, ELF32)"}},
		{"linker script", map[string]any{"/bin/a": prog("libtxt.so")}, true, []string{"libtxt.so (not an ELF file)"}},
		{"program", map[string]any{"/bin/a": prog("libexe.so")}, true, []string{"libexe.so (not a shared library)"}},
		{"damaged library", map[string]any{"/bin/a": prog("libbad.so")}, false, []string{"HOST/usr/lib/x86_64-linux-gnu/libbad.so: damaged ELF file"}},
		{"damaged program", map[string]any{"/bin/a": "\x7fELFbad"}, false, []string{"damaged ELF file"}},
		{"loader nowhere", map[string]any{"/bin/a": image{interp: "/lib/ld-no.so"}}, true, []string{`/bin/a (x86_64, ELF64) needs the loader "/lib/ld-no.so", which is nowhere: not in the image as /lib/ld-no.so; not found in`}},
		{
			"loader of another architecture", map[string]any{"/bin/a": image{class: elf.ELFCLASS32, machine: elf.EM_386, interp: "/lib/ld.so"}}, true,
			[]string{"/bin/a (i386, ELF32) needs the loader", "ld.so (it is for x86_64, ELF64)"},
		},
		{"loader's place taken", map[string]any{"/bin/a": prog(), "/lib/ld.so": "text"}, true, []string{"passed over /lib/ld.so (not an ELF file)"}},
		{"relative loader", map[string]any{"/bin/a": image{interp: "lib/ld.so"}}, false, []string{"/bin/a names the loader \"lib/ld.so\", which is not an absolute path"}},
		{"loader without a dynamic section", map[string]any{"/bin/a": image{interp: "/lib/ld.so", static: true}}, false, []string{"/bin/a: damaged ELF file: it names the loader \"/lib/ld.so\" but has no dynamic section"}},
		{"relative library", map[string]any{"/bin/a": prog("./libdup.so")}, true, []string{"relative to the directory that the program is started in"}},
		{"dots", map[string]any{"/bin/a": prog("..")}, true, []string{"no library can have that name"}},
		{
			"RUNPATH is not inherited", map[string]any{
				"/bin/a":          image{interp: "/lib/ld.so", needed: []string{"libone.so"}, runpath: "/priv"},
				"/priv/libone.so": image{needed: []string{"libtwo.so"}}, "/priv/libtwo.so": image{},
			}, true, []string{`/priv/libone.so (x86_64, ELF64) needs the library "libtwo.so"`},
		},
		{
			"plugins in a circle", map[string]any{
				"/lib/liba.so": image{needed: []string{"libb.so"}}, "/lib/libb.so": image{needed: []string{"liba.so", "libd.so"}},
				"/lib/libd.so": image{needed: []string{"libno.so"}},
			}, true, []string{`/lib/libd.so (x86_64, ELF64) needs the library "libno.so"`},
		},
		{
			"RUNPATH hides RPATH", map[string]any{
				"/bin/a": image{interp: "/lib/ld.so", needed: []string{"libone.so"}, runpath: "/else", rpath: "/priv"}, "/priv/libone.so": image{},
			}, true, []string{"not in the image as /else/libone.so, /lib/x"},
		},
		{
			"RUNPATH hides RPATH from libraries, too", map[string]any{
				"/bin/a":          image{interp: "/lib/ld.so", needed: []string{"libone.so"}, runpath: "/else", rpath: "/priv"},
				"/else/libone.so": image{needed: []string{"libtwo.so"}}, "/priv/libtwo.so": image{},
			}, true, []string{`/else/libone.so (x86_64, ELF64) needs the library "libtwo.so"`},
		},
		{
			"place taken", map[string]any{"/bin/a": prog("libdup.so"), "/lib/x86_64-linux-gnu/libdup.so": image{class: elf.ELFCLASS32, machine: elf.EM_386}}, false,
			[]string{"/lib/x86_64-linux-gnu/libdup.so has to be the file HOST/usr/lib/x86_64-linux-gnu/libdup.so, but the image has another one there"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, f, programs, own := world(t, host, nil, c.image)
			libs, err := Closure(context.Background(), programs, own, f)
			if err == nil {
				t.Fatalf("no error, but\n%s", show(root, libs))
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), strings.ReplaceAll(want, "HOST", root)) {
					t.Errorf("got  %v\nwant %s", err, want)
				}
			}
			if errors.Is(err, ErrNotFound) != c.missing {
				t.Errorf("is ErrNotFound: %v", !c.missing)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Error("more than one line")
			}
		})
	}
}

// Two sysroots' files can't share a place.
func TestClosureTwoAtOnePlace(t *testing.T) {
	host, f, programs, own := world(t, map[string]any{
		"usr/lib64/ld-a.so": image{tail: "/lib/\x00"}, "usr/lib64/libx.so": "-> liby.so", "usr/lib64/liby.so": image{},
		"usr/lib/ld.so": image{},
	}, nil, map[string]any{"/bin/a": image{interp: "/lib/ld-a.so", needed: []string{"libx.so", "/lib/ld.so", "/lib/liby.so", "/lib/libx.so"}}})
	if _, err := Closure(context.Background(), programs, own, f); err != nil {
		t.Fatal(err)
	}
	lay(t, host, map[string]any{"opt/far/libz.so": "-> liby.so", "opt/far/liby.so": image{}})
	programs = append(programs, Program{"/bin/b", filepath.Join(host, "b")})
	lay(t, host, map[string]any{"b": image{interp: "/lib/ld-a.so", needed: []string{"libz.so"}}})
	_, err := Closure(context.Background(), programs, own, f)
	if err == nil || !strings.Contains(err.Error(), "/lib/liby.so has to be the file "+host+"/usr/lib64/liby.so and the file "+host+"/opt/far/liby.so at once") {
		t.Error(err)
	}
}

func TestClosureAsksOnce(t *testing.T) {
	img := map[string]any{}
	for i := range 20 {
		img[fmt.Sprintf("/bin/p%d", i)] = image{interp: "/lib/ld.so", needed: []string{"libx.so"}}
	}
	_, f, programs, own := world(t, map[string]any{"usr/lib/ld.so": image{}, "usr/lib/libx.so": image{}}, nil, img)
	f.calls = new(int)
	libs, err := Closure(context.Background(), programs, own, f)
	if err != nil || len(libs) != 2 || len(libs[1].NeededBy) != 20 {
		t.Fatal(libs, err)
	}
	if *f.calls != 2 {
		t.Errorf("the Finder, which starts a compiler, was asked %d times for 2 names", *f.calls)
	}
}

func TestClosureCancelled(t *testing.T) {
	_, f, programs, own := world(t, map[string]any{"usr/lib/ld.so": image{}}, nil, map[string]any{"/bin/a": image{interp: "/lib/ld.so", needed: []string{"x"}}})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Closure(ctx, programs, own, f); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestDirStrings(t *testing.T) {
	for in, want := range map[string][]string{
		debian: {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib"},
		fedora: {"/lib64", "/usr/lib64"},
		musl:   {"/lib", "/usr/local/lib", "/usr/lib"},
		"\x7f\xff/nix/store/x-glibc/lib/\x00/lib\x00lib/\x00x/lib/\x00$ORIGIN/lib/\x00/lib/%s/\x00/a b/lib/": {"/nix/store/x-glibc/lib"},
		"": nil,
	} {
		if got := dirStrings([]byte(in)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
