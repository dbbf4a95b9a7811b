//go:build !linux

package readall

// adviseHuge does nothing where huge pages are not asked for.
func adviseHuge([]byte) {}
