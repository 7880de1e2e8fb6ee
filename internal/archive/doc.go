// Package archive unpacks source archives of unknown honesty: tar files, plain
// or compressed, and Debian packages that carry one. It knows how an archive can
// lie about names, links, sizes and its own end, and writes nothing outside of
// the directory it is given. It keeps what a build needs (content, the executable
// bit, modification times) and drops what it does not (owners, other mode bits).
//
// The data flows through three stages that work at the same time: a goroutine or
// child decompresses, one goroutine reads the tar stream and decides, and a few
// write files. All decisions are made in one place and in the archive's order.
package archive
