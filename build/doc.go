// Package build turns a graph of nodes into bytes.
//
// It knows nodes, keys, plans, execution, the store and events. It does not know Starlark, and it does not know what
// a kernel or a distribution is: a node is inputs, tools and steps, and a step is text.
//
// The way through the package is the way of the data:
//
//	node.go      what is to be made: Node, Input, Artifact
//	key.go       a node whose inputs are known becomes an Action of the Remote Execution API v2; its digest is the key
//	plan.go      every node is a hit, to be built, or pending on one that is (notes.go: what the last plan read)
//	engine.go    the plan is carried out, many nodes at a time
//	ccache.go    ccache before the compilers of contained actions, where the host has it
//	local.go     one action is run here: in a sandbox, or in this process for the steps that mini does itself
//	store.go     what came out is published: content first, the result last
//	check.go     what is used is as it was put, or is set aside and made again (again.go)
//	gc.go        what nobody needs goes
//	event.go     what happened, as plain records
//
// Two interfaces, Cache and Executor (remote.go), are all that the engine knows of where results are kept and where
// actions run.
package build
