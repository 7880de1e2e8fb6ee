package hosttools

import "strings"

// A Manager is a distribution's package manager.
type Manager struct {
	Name    string   // apt, dnf, pacman, zypper or apk
	Install []string // the command that installs the packages that follow it, asking nothing
	Update  []string // what has to run before it on a machine that never did; nil if nothing has to
}

// managers are tried in this order. The first word of Install is the program that must be there.
//
// pacman has no Update on purpose: refreshing its lists without upgrading the whole system is what Arch calls a partial
// upgrade, and doesn't support (https://wiki.archlinux.org/title/System_maintenance#Partial_upgrades_are_unsupported).
var managers = []struct {
	Manager
	ids []string // of os-release's ID and ID_LIKE
}{
	{
		Manager{"apt", []string{"apt-get", "install", "-y", "--no-install-recommends"}, []string{"apt-get", "update"}},
		[]string{"debian", "ubuntu"},
	},
	{
		Manager{"dnf", []string{"dnf", "install", "-y", "--setopt=install_weak_deps=False"}, nil},
		[]string{"fedora", "rhel", "centos"},
	},
	{
		Manager{"pacman", []string{"pacman", "-S", "--needed", "--noconfirm"}, nil},
		[]string{"arch", "archlinux"},
	},
	{
		Manager{"zypper", []string{"zypper", "--non-interactive", "install", "--no-recommends"}, nil},
		[]string{"suse", "opensuse", "opensuse-leap", "opensuse-tumbleweed", "sles"},
	},
	{
		Manager{"apk", []string{"apk", "add"}, []string{"apk", "update"}},
		[]string{"alpine"},
	},
}

// Manager returns the machine's package manager: that of the distribution which os-release names, or is like, if its
// program is there. On a distribution that is not in the table, a manager counts only when it is the only one found:
// apt-get can be installed on Fedora, and would find nothing there.
func (h Host) Manager() (Manager, bool) {
	ids := append([]string{h.OSRelease["ID"]}, strings.Fields(h.OSRelease["ID_LIKE"])...)
	for _, id := range ids {
		for _, m := range managers {
			for _, known := range m.ids {
				if id == known {
					// A distribution whose own manager isn't there (an image stripped of it) has none.
					return m.Manager, h.finds(m.Install[0])
				}
			}
		}
	}
	var found []Manager
	for _, m := range managers {
		if h.finds(m.Install[0]) {
			found = append(found, m.Manager)
		}
	}
	if len(found) != 1 {
		return Manager{}, false
	}
	return found[0], true
}

// Package returns the packages, separated by blanks, that bring a need; false if the distribution has none or the
// table doesn't know.
func (m Manager) Package(need string) (string, bool) {
	packages := m.lookup(need).packages(m.Name)
	return packages, packages != "" && packages != none
}

// without says what it means for the user that the distribution has no package for a need; "" if it isn't known to
// have none.
func (m Manager) without(need string) string {
	if r := m.lookup(need); r.packages(m.Name) == none {
		return r.without
	}
	return ""
}

func (m Manager) lookup(need string) row {
	for _, r := range table {
		for _, name := range strings.Fields(r.needs) {
			if name == need {
				return r
			}
		}
	}
	return row{}
}
