package manifest

// ReadResourceListFull is ReadResourceList without the fast path.
func ReadResourceListFull(data []byte) (*ResourceList, error) {
	spans, err := splitStream(data, false, true)
	if err != nil || len(spans) != 1 {
		return nil, err
	}
	return readList(data, spans[0], false)
}

// Scanned reports whether the items were found by the scan.
func (rl *ResourceList) Scanned() bool { return rl.scanned }
