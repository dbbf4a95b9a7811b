package readall

import "golang.org/x/sys/unix"

// growMapped returns a buffer of memory from the system with the bytes of buf and
// room for size; nil where there is none. A buffer that is one already is not copied
// but moved, and so is never there twice. The garbage collector does not count it.
func growMapped(buf []byte, size int) []byte {
	if cap(buf) < medium {
		grown := mapped(size)
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

// mapped returns an empty buffer of memory from the system; nil where there is none.
func mapped(size int) []byte {
	buf, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE|unix.MAP_NORESERVE)
	if err != nil {
		return nil
	}
	advise(buf)
	return buf[:0]
}

// advise asks for huge pages for all of a large buffer: taking it in small pages
// costs more than reading it, and memory of two kinds could not be moved at once.
// In a smaller buffer they would take more memory than the input.
func advise(buf []byte) {
	if cap(buf) > medium {
		_ = unix.Madvise(buf, unix.MADV_HUGEPAGE)
	}
}
