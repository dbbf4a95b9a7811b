package engine

import (
	"sync"

	"github.com/usergroup-dev/usergroup/manifest"
)

// decoders are the memory in which a run decodes its objects, one for each that is
// being judged. An object's trees last until its decoder is put back: what is kept
// of the object, its results above all, must not refer to a node of them.
type decoders struct{ pool sync.Pool }

func (d *decoders) get() *manifest.Decoder {
	if dec, ok := d.pool.Get().(*manifest.Decoder); ok {
		return dec
	}
	return new(manifest.Decoder)
}

func (d *decoders) put(dec *manifest.Decoder) {
	dec.Reset()
	d.pool.Put(dec)
}
