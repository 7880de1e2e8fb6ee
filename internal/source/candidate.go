package source

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	kindDeb = "apt"     // a binary package that carries a source tarball
	kindSrc = "apt-src" // a file of a source package
)

// candidate is a file of the distribution that is the source of some version.
type candidate struct {
	kind, suite string
	pkg, deb    string // the package and its version
	version     string // upstream's
	file        string
	member      string // the tarball inside, for kindDeb
	sha256      string
	size        int64
	url         string
	unsigned    bool // the host trusts this archive without a signature
}

// sortCandidates puts the newest first.
func sortCandidates(cs []candidate) {
	slices.SortStableFunc(cs, func(a, b candidate) int {
		return cmp.Or(CompareVersions(b.version, a.version), compareDeb(b.deb, a.deb))
	})
}

func (c candidate) pin(w Want) Pin {
	verified := VerifiedSignature
	if c.unsigned {
		verified = VerifiedUnsigned
	}
	return Pin{
		Name: w.Name, Want: w.text(), Suite: w.suiteKey(),
		Version: c.version, File: c.file, Member: c.member, SHA256: c.sha256, Size: c.size,
		From: c.kind + ":" + c.suite + ":" + c.pkg + "=" + c.deb, Verified: verified,
	}
}

// kernelSource is the binary package with the kernel's source and the
// distribution's patches: linux-source-6.1 on Debian, linux-source-6.8.0 on Ubuntu.
var kernelSource = regexp.MustCompile(`^linux-source-([0-9]+\.[0-9]+)(\.0)?$`)

// wantedPackage says whether a package of an index of that kind may be a source of name.
func wantedPackage(kind, name, pkg string) bool {
	if kind == kindDeb {
		return name == "linux" && kernelSource.MatchString(pkg)
	}
	return pkg == name
}

// fromPackages makes a candidate of an entry of a Packages index.
func fromPackages(fields map[string]string) (candidate, bool) {
	pkg := fields["Package"]
	size, err := strconv.ParseInt(fields["Size"], 10, 64)
	c := candidate{
		kind: kindDeb, pkg: pkg, deb: fields["Version"], version: upstreamVersion(fields["Version"]),
		file: path.Base(fields["Filename"]), url: fields["Filename"],
		sha256: strings.ToLower(fields["SHA256"]), size: size,
	}
	c.member = "usr/src/" + pkg + ".tar.xz"
	if strings.HasSuffix(pkg, ".0") { // Ubuntu keeps it one directory down, beside its debian directory
		c.member = "usr/src/" + pkg + "/" + pkg + ".tar.bz2"
	}
	return c, err == nil && len(c.sha256) == 64 && debVersionSyntax.MatchString(c.deb)
}

var tarball = regexp.MustCompile(`\.tar\.(xz|gz|bz2|lzma|zst)$`)

// fromSources makes a candidate of an entry of a Sources index: its original
// tarball, or the only one if the package has no other.
func fromSources(fields map[string]string) (candidate, bool) {
	c := candidate{
		kind: kindSrc, pkg: fields["Package"], deb: fields["Version"], version: upstreamVersion(fields["Version"]),
	}
	for _, f := range checksums(fields["Checksums-Sha256"]) {
		if path.Base(f.name) != f.name || !tarball.MatchString(f.name) || strings.Contains(f.name, ".debian.tar.") || strings.Contains(f.name, ".orig-") {
			continue
		}
		c.file, c.sha256, c.size = f.name, f.sha256, f.size
		c.url = fields["Directory"] + "/" + f.name
	}
	return c, c.file != "" && debVersionSyntax.MatchString(c.deb)
}
