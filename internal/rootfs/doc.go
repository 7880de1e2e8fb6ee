// Package rootfs knows a root filesystem as a list.
//
// A List holds one entry a path: type, mode, owner, device number, link target and the digest of a file's content. A
// folder on disk that belongs to an ordinary user can hold neither devices nor owners, so nothing is staged: whoever
// writes an archive or an image, reports sizes or looks for mistakes reads this list.
//
//	entry.go     one path and what is there
//	order.go     the order of paths
//	list.go      looking paths up, through symbolic links too
//	text.go      a list as text, the form that is stored and hashed
//	word.go      how paths are written in texts
//	builder.go   layers become a list; place.go follows links between layers, conflict.go says what clashes
//	spec.go      directives: how to make a list out of inputs
//	assemble.go  directives carried out; tree.go reads folders, hash.go file contents
//
// Paths are bytes, not text: anything but a zero byte may stand in a name.
package rootfs
