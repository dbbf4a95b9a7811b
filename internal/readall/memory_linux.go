package readall

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// adviseHuge asks for huge pages in the room that a buffer has left. The input is
// the largest thing that the program holds, and taking it in small pages costs
// more than reading it. Where the advice is not taken nothing is lost.
func adviseHuge(buf []byte) {
	room := buf[len(buf):cap(buf)]
	page := os.Getpagesize()
	if len(room) < 4*page {
		return
	}
	skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(room))) & uintptr(page-1))
	_ = unix.Madvise(room[skip:len(room):len(room)], unix.MADV_HUGEPAGE)
}

// growLarge returns a buffer of memory from the system with the bytes of buf and
// more room; nil where there is none. A buffer that is one already is not copied
// but moved, and so is never there twice. The garbage collector does not count it.
func growLarge(buf []byte, size int) []byte {
	if cap(buf) < large {
		grown := mapLarge(4 * medium)
		if grown == nil {
			return nil
		}
		return append(grown, buf...)
	}
	grown, err := unix.Mremap(buf[:cap(buf)], size, unix.MREMAP_MAYMOVE)
	if err != nil {
		return nil
	}
	advise(grown)
	return grown[:len(buf)]
}

// mapLarge returns an empty buffer of memory from the system; nil where there is
// none.
func mapLarge(size int) []byte {
	buf, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE|unix.MAP_NORESERVE)
	if err != nil {
		return nil
	}
	advise(buf)
	return buf[:0]
}

// advise asks for huge pages for all of a large buffer: memory of two kinds could
// not be moved at once.
func advise(buf []byte) { _ = unix.Madvise(buf, unix.MADV_HUGEPAGE) }
