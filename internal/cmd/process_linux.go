package cmd

import (
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// pipeSize is how much a pipe holds that comes to the program or leaves it. With the
// 64 kB that it has by itself two programs spend more time waiting for one another.
const pipeSize = 256 << 10

// widen has a stream hold more, where it is a pipe that may.
func widen(stream any) {
	f, ok := stream.(syscall.Conn)
	if !ok {
		return
	}
	if conn, err := f.SyscallConn(); err == nil {
		_ = conn.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, pipeSize) })
	}
}

// releaseProgram gives back the pages of the program's own file. Of each that the
// libraries touch while they are prepared, before main, the kernel maps sixteen, and a
// run that uses none of those libraries needs few of them again. What it needs comes
// from the kernel's cache of the file.
//
// Pages that were written to are not in the file: those that a dynamic linker has
// relocated and then made read-only, those in which a debugger has set a breakpoint.
func releaseProgram() {
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	var start, end uintptr
	for line := range strings.Lines(string(maps)) {
		first, rest, _ := strings.Cut(line, " ")
		switch {
		case first == "Anonymous:": // what was written to of the mapping
			if end > start && strings.TrimSpace(rest) == "0 kB" {
				_, _, _ = unix.Syscall(unix.SYS_MADVISE, start, end-start, unix.MADV_DONTNEED)
			}
		case strings.HasSuffix(first, ":"): // another field
		default: // start-end mode offset device inode path
			start, end = 0, 0
			if mode, _, _ := strings.Cut(rest, " "); !strings.Contains(mode, "w") && strings.HasSuffix(line, " "+program+"\n") {
				start, end = addresses(first)
			}
		}
	}
}

// addresses reads start-end.
func addresses(s string) (start, end uintptr) {
	from, to, _ := strings.Cut(s, "-")
	a, err1 := strconv.ParseUint(from, 16, 64)
	b, err2 := strconv.ParseUint(to, 16, 64)
	if err1 != nil || err2 != nil {
		return 0, 0
	}
	return uintptr(a), uintptr(b)
}
