package build

import (
	"runtime"

	"mini/build/step"
	"mini/internal/sandbox"
	"mini/internal/toolchain"
)

// Child is for programs that build with a [Local]. It runs steps contained by starting the program once more, and that
// second process is told from the first here: a main that calls Child first returns at once when it is true.
func Child() bool { return sandbox.Main() }

// NewEngine prepares an engine that builds on this machine, contained where the machine allows it, with as many processors
// as it has. look finds programs, as exec.LookPath does, and env is the environment of what is asked of them; nothing
// else of the process's environment is used. It brings nothing from outside: for graphs with a [Fetch], set Fetcher.
func NewEngine(store *Store, look func(name string) (string, error), env []string) *Engine {
	host := &LocalHost{Look: look, Env: env, Digests: toolchain.LoadDigests("")}
	return &Engine{
		Store: store, Cache: store, Host: host, Jobs: runtime.NumCPU(),
		Executor: &Local{Store: store, Host: host, Steps: step.Env{ToolEnv: env}, Sandbox: sandbox.Auto},
	}
}
