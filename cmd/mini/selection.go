package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"mvdan.cc/sh/v3/syntax"
)

// selection is the flags that say which system of a script is meant, or which several.
type selection struct {
	loading
	variants []string
	files    []string
	matrix   []string
	maxSteps uint64
	flags    *pflag.FlagSet // of the command, to write its command line again
}

func (c *selection) selectFlags(f *pflag.FlagSet) {
	c.oneFlags(f)
	f.StringArrayVar(&c.matrix, "matrix", nil, "name=value,value… or the names of variants or of a matrix of the script: do it for each; may be repeated, for all combinations")
}

// oneFlags are those for a command that takes one system and has no use for several.
func (c *selection) oneFlags(f *pflag.FlagSet) {
	c.flags = f
	f.StringArrayVarP(&c.variants, "variant", "V", nil, "put a variant of the script in force; may be repeated, the later wins")
	f.StringArrayVar(&c.files, "params", nil, "a TOML file of name = value lines for the script's parameters; may be repeated, the later wins")
	c.loadFlags(f)
	f.Uint64Var(&c.maxSteps, "max-steps", 0, "end a script that takes so many steps of evaluation; 0 is 200 million, some seconds")
}

// onlyOne refuses a matrix where one system at a time is looked at.
func (c *selection) onlyOne() error {
	if len(c.matrix) == 0 {
		return nil
	}
	what := "mini " + c.flags.Name() + " takes one system at a time"
	if c.flags.Name() == "run" {
		what = "mini run boots one machine"
	}
	return usagef("%s, so --matrix is not for it: choose the one with -V VARIANT or name=value; mini build --matrix builds them all", what)
}

// commandLine is what to type for one system of a matrix alone.
func (c *selection) commandLine(s *script, output string) string {
	words := c.words(s, output)
	for i, w := range words {
		words[i] = shellWord(w)
	}
	return strings.Join(words, " ")
}

// words is the command line for one system of a matrix alone, with the flags that this command was given.
func (c *selection) words(s *script, output string) []string {
	words := []string{"mini", c.flags.Name()}
	c.flags.Visit(func(f *pflag.Flag) {
		list, isList := f.Value.(pflag.SliceValue)
		switch {
		case oneOf(f.Name, "variant", "params", "matrix", "output", "only", "junit"):
		case isList:
			for _, v := range list.GetSlice() {
				words = append(words, "--"+f.Name+"="+v)
			}
		case f.Value.Type() == "bool" && f.Value.String() == "true":
			words = append(words, "--"+f.Name)
		default:
			words = append(words, "--"+f.Name+"="+f.Value.String())
		}
	})
	if output != "" {
		words = append(words, "-o", output)
	}
	return append(words, s.arguments(c.files)...)
}

// arguments are the words after a command and its flags that mean this script as it was asked for.
func (s *script) arguments(files []string) []string {
	var words []string
	for _, v := range s.variants {
		words = append(words, "-V", v)
	}
	for _, f := range files {
		words = append(words, "--params", f)
	}
	name := s.path
	if len(s.targets) > 0 {
		name += ":" + strings.Join(s.targets, ",")
	}
	words = append(words, name)
	for _, name := range slices.Sorted(maps.Keys(s.params)) {
		words = append(words, name+"="+s.params[name])
	}
	return words
}

// plainWord is what means itself anywhere but in the first word of a command.
const plainWord = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-"

// shellWord quotes a word for a POSIX shell where it needs that.
func shellWord(w string) string {
	if strings.Trim(w, plainWord) == "" && w != "" {
		return w // with =, which Quote doesn't leave alone because of what it means in a command's first word
	}
	q, err := syntax.Quote(w, syntax.LangPOSIX)
	if err != nil { // control characters, which POSIX has no escapes for
		return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return q
}

// again is the flags and arguments of this command that say which system is meant, for a hint at another command.
func (c *selection) again(args []string) string {
	var words []string
	for _, list := range []struct {
		flag   string
		values []string
	}{{"--matrix", c.matrix}, {"-V", c.variants}, {"--params", c.files}} {
		for _, v := range list.values {
			words = append(words, list.flag, shellWord(v))
		}
	}
	for _, arg := range args {
		words = append(words, shellWord(arg))
	}
	return strings.Join(words, " ")
}
