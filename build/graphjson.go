package build

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// A graph as plain data, for programs that look at it, keep it or send it elsewhere. Nodes are named by their IDs, and each
// stands behind those that it depends on, so that a reader needs one pass. Of a graph that Merge made, what stands for what
// in the sets is not part of it.

type graphJSON struct {
	Nodes []nodeJSON `json:"nodes"`
}

type nodeJSON struct {
	ID        string      `json:"id"`
	Name      string      `json:"name"`
	Title     string      `json:"title"`
	Pos       string      `json:"pos"`
	Inputs    []inputJSON `json:"inputs,omitempty"`
	Steps     []string    `json:"steps,omitempty"`
	Tools     []string    `json:"tools,omitempty"`
	Compilers []string    `json:"compilers,omitempty"`
	Libraries []Library   `json:"libraries,omitempty"`
	Env       []string    `json:"env,omitempty"`
	Outputs   []string    `json:"outputs"`
	Remark    string      `json:"remark,omitempty"`
	HostFiles string      `json:"host_files,omitempty"`
	Recipe    int         `json:"recipe,omitempty"`
	After     []string    `json:"after,omitempty"`
	OrAfter   [][]string  `json:"or_after,omitempty"`
	Origins   []string    `json:"origins,omitempty"`
	Quirks    []Quirk     `json:"quirks,omitempty"`
	Causes    []Cause     `json:"causes,omitempty"`
	Program   *Program    `json:"program,omitempty"`
	Fetch     *Fetch      `json:"fetch,omitempty"`
}

type inputJSON struct {
	Path   string        `json:"path"`
	Label  string        `json:"label,omitempty"`
	From   *artifactJSON `json:"from,omitempty"`
	Text   *string       `json:"text,omitempty"` // of a literal that is UTF-8
	Data   []byte        `json:"data,omitempty"` // of any other
	Exec   bool          `json:"exec,omitempty"`
	Host   string        `json:"host,omitempty"`
	SHA256 string        `json:"sha256,omitempty"`
	Mode   string        `json:"mode,omitempty"`
}

type artifactJSON struct {
	Node   string `json:"node"`
	Output string `json:"output"`
	Sub    string `json:"sub,omitempty"`
}

// modeNames are the modes in JSON; ReadOnly, which is the usual one, is left out.
var modeNames = []string{ReadOnly: "", Copied: "copied", Overlaid: "overlaid"}

// MarshalJSON implements json.Marshaler. The same graph gives the same bytes.
func (g *Graph) MarshalJSON() ([]byte, error) {
	out := graphJSON{Nodes: []nodeJSON{}}
	for _, n := range g.Nodes {
		one := nodeJSON{
			ID: g.ID(n), Name: n.Name, Title: n.Title, Pos: n.Pos, Steps: n.Steps, Tools: n.Tools, Compilers: n.Compilers,
			Libraries: n.Libraries, Env: n.Env, Outputs: n.Outputs, Remark: n.Remark, HostFiles: n.HostFiles,
			Recipe: n.Recipe,
			After:  g.idsOf(g.after(n)), Origins: n.Origins, Quirks: n.Quirks, Causes: n.Causes, Program: n.Program, Fetch: n.Fetch,
		}
		for _, list := range n.OrAfter {
			one.OrAfter = append(one.OrAfter, g.idsOf(list))
		}
		for _, in := range n.Inputs {
			one.Inputs = append(one.Inputs, g.input(in))
		}
		out.Nodes = append(out.Nodes, one)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // steps are full of < and >; who puts the graph into a page can ask for it
	err := e.Encode(out)
	return b.Bytes(), err
}

func (g *Graph) idsOf(nodes []*Node) []string {
	var ids []string
	for _, n := range nodes {
		ids = append(ids, g.ID(n))
	}
	return ids
}

func (g *Graph) input(in Input) inputJSON {
	one := inputJSON{Path: in.Path, Label: in.Label, Exec: in.Exec, Host: in.Host, SHA256: in.SHA256, Mode: modeNames[in.Mode]}
	switch {
	case in.From != nil:
		one.From = &artifactJSON{g.ID(in.From.Node), in.From.Output, in.From.Sub}
	case in.Host != "":
	case utf8.Valid(in.Data):
		text := string(in.Data)
		one.Text = &text
	default:
		one.Data = in.Data
	}
	return one
}

// UnmarshalJSON implements json.Unmarshaler: the nodes are new ones, and build what those of the other graph do.
func (g *Graph) UnmarshalJSON(b []byte) error {
	var in graphJSON
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	*g = Graph{ids: map[*Node]string{}}
	byID := map[string]*Node{}
	find := func(ids []string) (nodes []*Node, err error) {
		for _, id := range ids {
			if byID[id] == nil {
				return nil, fmt.Errorf("there is no node %q before the one that needs it", id)
			}
			nodes = append(nodes, byID[id])
		}
		return nodes, nil
	}
	for _, one := range in.Nodes {
		if byID[one.ID] != nil || one.ID == "" {
			return fmt.Errorf("the id %q of a node is not its own", one.ID)
		}
		n := &Node{
			Name: one.Name, Title: one.Title, Pos: one.Pos, Steps: one.Steps, Tools: one.Tools, Compilers: one.Compilers,
			Libraries: one.Libraries, Env: one.Env, Outputs: one.Outputs, Remark: one.Remark, HostFiles: one.HostFiles,
			Recipe:  one.Recipe,
			Origins: one.Origins, Quirks: one.Quirks, Causes: one.Causes, Program: one.Program, Fetch: one.Fetch,
		}
		var err error
		if n.After, err = find(one.After); err != nil {
			return err
		}
		for _, ids := range one.OrAfter {
			list, err := find(ids)
			if err != nil {
				return err
			}
			n.OrAfter = append(n.OrAfter, list)
		}
		for _, i := range one.Inputs {
			input, err := i.input(find)
			if err != nil {
				return fmt.Errorf("node %s: input %s: %w", one.ID, i.Path, err)
			}
			n.Inputs = append(n.Inputs, input)
		}
		byID[one.ID], g.ids[n] = n, one.ID
		g.Nodes = append(g.Nodes, n)
	}
	return nil
}

func (i inputJSON) input(find func([]string) ([]*Node, error)) (Input, error) {
	mode := slices.Index(modeNames, i.Mode)
	if mode < 0 {
		return Input{}, fmt.Errorf("there is no mode %q", i.Mode)
	}
	in := Input{Path: i.Path, Label: i.Label, Data: i.Data, Exec: i.Exec, Host: i.Host, SHA256: i.SHA256, Mode: InputMode(mode)}
	if i.Text != nil {
		in.Data = []byte(*i.Text)
	}
	if i.From != nil {
		nodes, err := find([]string{i.From.Node})
		if err != nil {
			return in, err
		}
		in.From = &Artifact{nodes[0], i.From.Output, i.From.Sub}
	}
	return in, nil
}
