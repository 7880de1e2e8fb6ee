package kconfig

import (
	"errors"
	"fmt"
	"strings"
)

const prefix = "CONFIG_"

// NormalizeSymbol returns the bare name of a symbol that was written with or without CONFIG_ before it. Names consist
// of letters, digits and underscores. Mixed case is legal (Linux has SCx200); a name without any upper-case letter is
// refused, since neither Linux nor BusyBox has one and it is always a slip.
func NormalizeSymbol(s string) (string, error) {
	name := strings.TrimPrefix(s, prefix)
	if name == "" {
		return "", errors.New("a configuration symbol needs a name, such as CONFIG_PRINTK")
	}
	if !isName(name) {
		return "", fmt.Errorf("%q is not a configuration symbol: names consist of letters, digits and underscores", s)
	}
	if upper := strings.ToUpper(name); name == strings.ToLower(name) && name != upper {
		return "", fmt.Errorf("%q is not a configuration symbol: they are upper case, write %q", s, strings.TrimPrefix(upper, prefix))
	}
	return name, nil
}

func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != ""
}
