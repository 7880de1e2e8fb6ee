package qemu

// The command key of a terminal session and what follows it are those of
// QEMU's own -nographic, which people know.
const commandKey = 'A' & 0x1f

// leaveHelp is what Ctrl-A h says. \r\n: the terminal is in raw mode.
const leaveHelp = "\r\n" +
	"Ctrl-A x       end the machine\r\n" +
	"Ctrl-A Ctrl-A  send one Ctrl-A to the guest\r\n" +
	"Ctrl-A h       this help\r\n"

// keys tells the guest's bytes from commands for us.
type keys struct {
	command bool // the command key came last
}

// read returns what is for the guest, whether help was asked for, and whether
// the machine is to end; what was typed after that is dropped.
func (k *keys) read(p []byte) (guest []byte, help, leave bool) {
	for _, c := range p {
		if !k.command {
			if k.command = c == commandKey; !k.command {
				guest = append(guest, c)
			}
			continue
		}
		k.command = false
		switch c {
		case 'x', 'X':
			return guest, help, true
		case commandKey, 'a':
			guest = append(guest, commandKey)
		case 'h', 'H', '?':
			help = true
		}
	}
	return guest, help, false
}
