//go:build !linux

package fn

// adviseHuge does nothing where huge pages are not asked for.
func adviseHuge([]byte) {}
