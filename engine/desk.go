package engine

import (
	"bytes"
	"sync"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/report"
)

// desk is memory in which one object after the other is judged: its trees, its pods,
// and its results while they are rendered. It is the object's until it is put back.
// What is kept of the object must not refer to a node, to a pod, or to the path of a
// field of one.
type desk struct {
	decoder  manifest.Decoder
	pods     workload.Memory
	result   report.Result // being rendered
	rendered []byte
}

// maxRendered is how much room for results a desk keeps.
const maxRendered = 64 << 10

// clean takes back what the last object left.
func (d *desk) clean() {
	d.decoder.Reset()
	d.pods.Reset()
	d.result = report.Result{}
	if d.rendered = d.rendered[:0]; cap(d.rendered) > maxRendered {
		d.rendered = nil
	}
}

// render renders a result behind those that are on the desk.
func (d *desk) render(f func(b []byte, r *report.Result) []byte, r report.Result) {
	d.result = r
	d.rendered = f(d.rendered, &d.result)
}

// taken returns a copy of the results on the desk, without room to grow: it is kept
// to the end.
func (d *desk) taken() []byte { return bytes.Clone(d.rendered) }

// desks are those of a run, one for each object that is being judged.
type desks struct{ pool sync.Pool }

func (d *desks) get() *desk {
	if free, ok := d.pool.Get().(*desk); ok {
		return free
	}
	return new(desk)
}

func (d *desks) put(used *desk) {
	used.clean()
	d.pool.Put(used)
}
