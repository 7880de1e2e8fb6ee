package step

import (
	"encoding/binary"
	"path/filepath"
	"strings"
	"testing"
)

// bzImage is an image of a PC's kernel with this inside.
func bzImage(payload string) string {
	head := make([]byte, 1024+100)
	copy(head[0x202:], "HdrS")
	head[0x1f1] = 1 // sectors of the setup
	binary.LittleEndian.PutUint16(head[0x206:], 0x20f)
	head[0x236] = 1 // of 64 bits
	binary.LittleEndian.PutUint32(head[0x248:], 100)
	binary.LittleEndian.PutUint32(head[0x24c:], uint32(len(payload)))
	return string(head) + payload + "what follows"
}

// holding is a kernel that holds a configuration, at some place.
func holding(t *testing.T, at int, config string) string {
	t.Helper()
	return strings.Repeat("IKCFG_ST ", at/9) + strings.Repeat("x", at%9) + "IKCFG_ST" + packed(t, "gzip", config) + "IKCFG_ED and more"
}

func TestImagesHoldTheirConfiguration(t *testing.T) {
	const config = "CONFIG_TTY=y\n# CONFIG_PRINTK is not set\n"
	const size = "\x00\x00\x10\x00" // of what is packed
	kernel := holding(t, 3<<20, config)
	for name, c := range map[string]struct{ image, want string }{
		"gzip":              {bzImage(packed(t, "gzip", kernel)), config},
		"xz":                {bzImage(packed(t, "xz", kernel) + size), config},
		"zstd":              {bzImage(packed(t, "zstd", kernel) + size), config},
		"lz4":               {bzImage(packed(t, "lz4", kernel) + size), config},
		"across two reads":  {bzImage(packed(t, "gzip", holding(t, 1<<20-5, config))), config},
		"not packed":        {kernel, config},
		"none":              {bzImage(packed(t, "gzip", "a kernel, and IKCFG_ST is only a word")), ""},
		"a damaged one":     {bzImage(packed(t, "gzip", "IKCFG_ST\x1f\x8b\x08 and so on")), ""},
		"a damaged payload": {bzImage(packed(t, "gzip", kernel)[:200]), ""},
		"nothing there":     {bzImage("")[:1024], ""},
		"lzma":              {bzImage("\x5d\x00\x00 and so on"), ""},
		"short":             {"MZ", ""},
		"an older protocol": {strings.Replace(bzImage(packed(t, "gzip", kernel)), "HdrS\x0f", "HdrS\x07", 1), ""},
	} {
		dir := t.TempDir()
		write(t, dir, "image", c.image, 0o644)
		got, err := heldConfig(t.Context(), filepath.Join(dir, "image"))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

// What an image holds counts like a configuration of mini's own; one that the script names wins over it.
func TestRulesKnowTheConfigurationOfAnImage(t *testing.T) {
	dir, m := archives(t, false, "f /init 0755 0 0 "+strings.Repeat("0", 64)+" 1\n")
	const carries = "CONFIG_INITRAMFS_SOURCE=\"/root.cpio\"\n"
	for name, c := range map[string]struct{ image, text, finding, unknown string }{
		"no terminals":            {bzImage(packed(t, "gzip", holding(t, 9, "# CONFIG_TTY is not set\n"))), "", "TTY is off", ""},
		"a named one":             {bzImage(packed(t, "gzip", holding(t, 9, "CONFIG_TTY=y\n"))), "# CONFIG_TTY is not set\n", "TTY is off", ""},
		"none":                    {bzImage("\x1f\x8b"), "", "", "the kernel's configuration (its image holds none; qemu(…, config = …) names one)"},
		"only like one":           {bzImage(packed(t, "gzip", holding(t, 9, "hello\n"))), "", "", "its image holds none"},
		"it carries nothing":      {bzImage(packed(t, "gzip", holding(t, 9, "CONFIG_TTY=y\nCONFIG_INITRAMFS_SOURCE=\"\"\n"))), "", "", ""},
		"it carries an initramfs": {bzImage(packed(t, "gzip", holding(t, 9, carries))), "", "", "what is in the initramfs (the kernel's image carries one"},
	} {
		write(t, dir, "image", c.image, 0o644)
		m.Image, m.Text = "image", c.text
		r := look(t, dir, m)
		found := ""
		for _, f := range r.Found {
			if f.Rule == "console" && f.Part == "kernel" {
				found += f.What
			}
		}
		if unknown := strings.Join(r.Unknown, ", "); c.finding != "" && !strings.Contains(found, c.finding) || !strings.Contains(unknown, c.unknown) || c.unknown == "" && unknown != "" {
			t.Errorf("%s: found %q, not looked at: %q", name, found, unknown)
		}
	}
}
