package licence

import (
	"errors"
	"testing"
)

func TestExpression(t *testing.T) {
	for text, want := range map[string]string{
		"MIT":                                     "MIT",
		"mit":                                     "MIT",
		"GPL-2.0-only WITH Linux-syscall-note":    "GPL-2.0-only WITH Linux-syscall-note",
		"Zlib AND (MIT OR Apache-2.0)":            "Zlib AND (MIT OR Apache-2.0)",
		"  MIT\n\tAND  Zlib ":                     "MIT AND Zlib",
		"Apache-2.0+":                             "Apache-2.0+",
		"LicenseRef-public-domain AND MIT":        "LicenseRef-public-domain AND MIT",
		"DocumentRef-acme:LicenseRef-internal":    "DocumentRef-acme:LicenseRef-internal",
		"gpl-3.0-or-later WITH gcc-exception-3.1": "GPL-3.0-or-later WITH GCC-exception-3.1",
	} {
		if got, err := Expression(text); got != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string]Mistake{
		" ":                   {"there is no licence in it", "", `write an expression of SPDX, such as "MIT" or "GPL-2.0-or-later"`},
		"GPL-2":               {`SPDX knows no licence "GPL-2"`, "", `write "GPL-2.0-only", or "GPL-2.0-or-later" if a later version may be chosen`},
		"lgplv2.1+":           {`SPDX knows no licence "lgplv2.1+"`, "", `write "LGPL-2.1-or-later"`},
		"LGPL":                {`SPDX knows no licence "LGPL"`, "", `of which version? write "LGPL-3.0-only", or "LGPL-3.0-or-later"`},
		"GPLv7":               {`SPDX knows no licence "GPLv7"`, "GPLv7", ""},
		"BSD":                 {`SPDX knows no licence "BSD"`, "", `of how many clauses? write "BSD-2-Clause", or "BSD-3-Clause"`},
		"MIT AND Appache-2.0": {`SPDX knows no licence "Appache-2.0"`, "Appache-2.0", ""},
		"GPL-2.0":             {`SPDX has given up the name "GPL-2.0"`, "", `write "GPL-2.0-only", or "GPL-2.0-or-later" if a later version may be chosen`},
		"LGPL-2.1+":           {`SPDX has given up the name "LGPL-2.1+"`, "", `write "LGPL-2.1-or-later"`},
		"eCos-2.0":            {`SPDX has given up the name "eCos-2.0"`, "", "https://spdx.org/licenses/ tells which one stands for it"},
		"MIT or Zlib":         {`SPDX writes "or" in capitals`, "", "write OR"},
		"MIT, Zlib":           {`"MIT," is no expression of SPDX`, "", joined},
		"MIT Zlib":            {`"MIT Zlib" is no expression of SPDX: licenses or expressions are not separated by an operator`, "", joined},
		"MIT AND":             {`"MIT AND" is no expression of SPDX: expected expression following AND, but found none`, "", joined},
		"(MIT":                {`"(MIT" is no expression of SPDX: open parenthesis does not have a matching close parenthesis`, "", joined},
		"MIT WITH Zlib":       {`"MIT WITH Zlib" is no expression of SPDX: expected exception after 'WITH'`, "", joined},
	} {
		got, err := Expression(text)
		var m *Mistake
		if !errors.As(err, &m) || *m != want {
			t.Errorf("%q: %q, %+v\nwant %+v", text, got, err, want)
		}
	}
}

// Whatever somebody writes is answered, and what is right stays so when it is read again.
func FuzzExpression(f *testing.F) {
	f.Add("MIT AND (Zlib OR GPL-2.0-only WITH Linux-syscall-note)")
	f.Add("()AND")
	f.Add("LicenseRef-")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Expression(text)
		if err != nil {
			return
		}
		if again, err := Expression(got); again != got || err != nil {
			t.Errorf("%q is %q, and that is %q, %v", text, got, again, err)
		}
	})
}
