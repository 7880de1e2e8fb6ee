package lang_test

import (
	"context"
	"fmt"

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
