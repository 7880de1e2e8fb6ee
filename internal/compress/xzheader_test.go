package compress

import (
	"encoding/binary"
	"hash/crc32"
)

// patchBlockCRC makes the checksum of the first block header right again, so that
// a decoder gets to see what a test changed in it (xz file format, 3.1.7).
func patchBlockCRC(x []byte) {
	block := x[12:]
	size := (int(block[0]) + 1) * 4
	binary.LittleEndian.PutUint32(block[size-4:], crc32.ChecksumIEEE(block[:size-4]))
}
