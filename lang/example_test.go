package lang_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"go.starlark.net/starlark"

	"mini/lang"
)

// A program that embeds lang gives it a vocabulary and reads the targets of a script.
func Example() {
	greet := &lang.Builtin{
		Name: "greet",
		Doc:  "Makes a greeting.",
		Params: []lang.Param{
			{Name: "name", Type: lang.StringType, Doc: "Whom to greet."},
		},
		Do: func(c *lang.Call) (starlark.Value, error) {
			return starlark.String("hello, " + c.Str("name")), nil
		},
	}
	opts := lang.Options{
		Builtins: []*lang.Builtin{greet},
		Params:   map[string]string{"who": "puppy"},
	}
	prog, err := lang.Run(context.Background(), "hello.star", []byte(`
who = param("who", "world")
text = greet(who)
`), opts)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, target := range prog.Targets {
		fmt.Println(target.Pos, target.Name, target.Value)
	}

	_, err = lang.Run(context.Background(), "hello.star", []byte(`text = greet(nmae = "x")`), lang.Options{Builtins: []*lang.Builtin{greet}})
	fmt.Println(err)
	// Output:
	// hello.star:2:1 who "puppy"
	// hello.star:3:1 text "hello, puppy"
	// hello.star:1:14: greet: unexpected parameter "nmae"
	//     text = greet(nmae = "x")
	//                  ^
	// did you mean "name"?
}

// A program decides which modules scripts can load, and where their files are.
func ExampleRemote() {
	dir, err := os.MkdirTemp("", "recipes-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "words.star"), []byte("greeting = \"hello\"\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	opts := lang.Options{Remote: func(_ context.Context, from, path string) (*lang.Module, error) {
		if path != "example.org/recipes" {
			return nil, fmt.Errorf("nobody has %s", path)
		}
		return &lang.Module{Shown: path + "@v1.0.0//", Dir: dir}, nil
	}}
	prog, err := lang.Run(context.Background(), "hello.star", []byte(`
load("example.org/recipes//words.star", "greeting")
text = greeting + "!"
`), opts)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(prog.Targets[0].Value, prog.Loaded)

	_, err = lang.Run(context.Background(), "hello.star", []byte(`load("example.org/nothing//x.star", "x")`), opts)
	fmt.Println(err)
	// Output:
	// "hello!" [hello.star example.org/recipes@v1.0.0//words.star]
	// hello.star:1:6: load: nobody has example.org/nothing
	//     load("example.org/nothing//x.star", "x")
	//          ^
}
