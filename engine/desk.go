package engine

import (
	"bytes"
	"sync"

	"github.com/usergroup-dev/usergroup/internal/slab"
	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
	"github.com/usergroup-dev/usergroup/transformer"
)

// desk is memory in which one object after the other is judged: its trees, its pods,
// what is found in them, and its results while they are rendered. It is the object's
// until it is put back. docs/design/008-memory.md says what may be kept.
type desk struct {
	memory   transformer.Memory
	pods     workload.Memory
	judged   slab.Slab[judged]
	findings slab.Slab[policy.Finding]
	edits    slab.Slab[podspec.Edit]
	result   report.Result // being rendered
	rendered []byte
}

// maxRendered is how much room for results a desk keeps.
const maxRendered = 64 << 10

// clean takes back what the last object left.
func (d *desk) clean() {
	d.memory.Reset()
	d.pods.Reset()
	d.judged.Reset(judged{})
	d.findings.Reset(policy.Finding{Message: "poisoned"})
	d.edits.Reset(podspec.Edit{Value: "poisoned"})
	d.result = report.Result{}
	if d.rendered = d.rendered[:0]; cap(d.rendered) > maxRendered {
		d.rendered = nil
	}
}

// room returns room for as many findings as most pods have.
func (d *desk) room() []policy.Finding { return d.findings.Take(usual)[:0] }

// editSet returns an empty set with room for as many edits as most objects have.
func (d *desk) editSet() editSet { return editSet{few: d.edits.Take(usual)[:0]} }

// render renders a result behind those that are on the desk.
func (d *desk) render(f func(b []byte, r *report.Result) []byte, r report.Result) {
	d.result = r
	d.rendered = f(d.rendered, &d.result)
}

// taken returns a copy of the results on the desk, without room to grow: it is kept
// to the end.
func (d *desk) taken() []byte { return bytes.Clone(d.rendered) }

// desks are those of a run, one for each object that is being judged. Unlike those of
// a sync.Pool they last from one collection of garbage to the next.
type desks struct {
	mu   sync.Mutex
	free []*desk
}

func (d *desks) get() *desk {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.free) == 0 {
		return new(desk)
	}
	last := len(d.free) - 1
	out := d.free[last]
	d.free = d.free[:last]
	return out
}

func (d *desks) put(used *desk) {
	used.clean()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.free = append(d.free, used)
}
