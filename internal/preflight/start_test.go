package preflight_test

import (
	"strings"
	"testing"

	"mini/internal/preflight"
)

func TestStartTakes(t *testing.T) {
	for name, image := range map[string]map[string]string{
		"a static program":     {"/init": static},
		"a script":             {"/init": "#!/bin/sh\necho", "/bin/sh": static},
		"blanks and arguments": {"/init": "#! \t/bin/sh -e  \n", "/bin/sh": static},
		"no line break":        {"/init": "#!/bin/sh", "/bin/sh": static},
		"a relative path":      {"/init": "#!bin/sh\n", "/bin/sh": static},
		"links all the way":    {"/init -> sbin/init": "", "/sbin/init -> ../../etc/rc": "", "/etc/rc": "#!/bin/sh\n", "/bin/sh -> busybox": "", "/bin/busybox": static},
		"a loader":             {"/init": "#!/bin/sh\n", "/bin/sh": dynamic, "/lib/ld.so -> ld-2.so": "", "/lib/ld-2.so": static},
		"a long argument":      {"/init": "#!/bin/sh " + strings.Repeat("x", 300) + "\n", "/bin/sh": static},
		"scripts in scripts":   {"/init": "#!/1\n", "/1": "#!/2\n", "/2": "#!/3\n", "/3": "#!/4\n", "/4": "#!/5\n", "/5": static},
	} {
		if _, bad := preflight.Start(files(t, image), "/init"); bad != nil {
			t.Errorf("%s: %s", name, bad.Text())
		}
	}
}

func TestStartRefuses(t *testing.T) {
	for want, image := range map[string]map[string]string{
		`there is no /init in the root filesystem: add "/init": file("init", mode = 0o755) to its files`: {"/etc/init": static},
		`/init is not executable: write file("init", mode = 0o755)`:                                      {"/init": "plain:#!/bin/sh\n"},
		`/init (/sbin/rc) is not executable: write file("rc", mode = 0o755)`:                             {"/init -> sbin/rc": "", "/sbin/rc": "plain:#!/bin/sh\n"},
		"/init is a directory, not a program":                                                            {"/init/x": static},
		"/init is a symbolic link to sbin/init, and there is no such file":                               {"/init -> sbin/init": ""},
		"/init is a symbolic link to init, and there is no such file":                                    {"/init -> init": ""},
		"/init is empty": {"/init": ""},
		"/init is neither a compiled program nor":    {"/init": "echo hello\n"},
		"/init names no interpreter after #!":        {"/init": "#! \n/bin/sh"},
		"/init has Windows line endings":             {"/init": "#!/bin/sh\r\necho\r\n", "/bin/sh": static},
		`the first line of /init is longer than the`: {"/init": "#!/" + strings.Repeat("x", 300) + "\n"},
		"/init begins with #!/bin/bash, which is not in the root filesystem: add it, or write #!/bin/sh":   {"/init": "#!/bin/bash\n", "/bin/sh": static},
		"/init begins with #!/bin/sh, which is not in the root filesystem: add a shell, such as":           {"/init": "#!/bin/sh\n"},
		"/init begins with #!/usr/bin/env, which is not in the root filesystem: add a program":             {"/init": "#!/usr/bin/env sh\n"},
		"/bin/sh is a symbolic link to busybox, and there is no such file":                                 {"/init": "#!/bin/sh\n", "/bin/sh -> busybox": ""},
		`/bin/sh is not executable: write file("sh", mode = 0o755)`:                                        {"/init": "#!/bin/sh\n", "/bin/sh": "plain:" + static},
		"/bin/sh needs the loader /lib/ld.so, which is not in the root filesystem: add libs = elf_deps(…)": {"/init": "#!/bin/sh\n", "/bin/sh": dynamic},
		"/init needs the loader /lib/ld.so, which is not executable: give it mode 0o755":                   {"/init": dynamic, "/lib/ld.so": "plain:" + static},
		"/init needs the loader /lib/ld.so, which is a directory":                                          {"/init": dynamic, "/lib/ld.so/x": static},
		"/init needs more than 5 scripts to start each other, which Linux refuses":                         {"/init": "#!/1\n", "/1": "#!/2\n", "/2": "#!/3\n", "/3": "#!/4\n", "/4": "#!/5\n", "/5": "#!/6\n", "/6": static},
	} {
		_, bad := preflight.Start(files(t, image), "/init")
		if bad == nil {
			t.Errorf("nothing is wrong, and should be: %s", want)
			continue
		}
		if got := bad.What + ": " + bad.Fix; !strings.HasPrefix(got, want) || strings.Contains(got, "\n") {
			t.Errorf("got  %v\nwant %s", got, want)
		}
	}
}
