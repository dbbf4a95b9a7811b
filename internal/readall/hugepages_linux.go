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
