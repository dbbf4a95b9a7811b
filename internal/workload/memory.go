package workload

import (
	"slices"

	"github.com/usergroup-dev/usergroup/internal/slab"
	"github.com/usergroup-dev/usergroup/podspec"
)

// Memory is where the objects of one item after the other are read into, with their
// labels and annotations, and their pods with the paths of their fields. The zero Memory
// is ready for use, by one goroutine at a time.
type Memory struct {
	objects    slab.Slab[Object]
	texts      textMaps
	pods       slab.Slab[podReader]
	containers slab.Slab[podspec.Container]
	steps      slab.Slab[podspec.Step] // of paths
}

// Reset takes back all objects and pods. Nobody may hold one, or a path of its fields,
// any more.
func (m *Memory) Reset() {
	m.objects.Reset(Object{Path: poisoned})
	m.texts.reset()
	m.pods.Reset(podReader{Pod: podspec.Pod{Path: poisoned, RuntimeClass: "poisoned"}})
	m.containers.Reset(podspec.Container{Name: "poisoned", Image: "poisoned", Path: poisoned})
	m.steps.Reset(poisoned[0])
}

// poisoned is what is left of a path, see slab.Poison.
var poisoned = podspec.Path{{Key: "poisoned", Index: -1}}

// path returns the path of the given steps below base.
func (m *Memory) path(base podspec.Path, below ...podspec.Step) podspec.Path {
	out := m.room(len(base) + len(below))
	copy(out[copy(out, base):], below)
	return out
}

// room returns room for the steps of a path.
func (m *Memory) room(steps int) podspec.Path {
	if m == nil {
		return make(podspec.Path, steps)
	}
	return m.steps.Take(steps)
}

// textMaps are maps of labels and annotations that are used over and over.
type textMaps struct {
	maps []map[string]string // those before used are in use
	used int
}

const (
	manyTexts = 32 // more than most objects have
	keptMaps  = 64 // more than the objects of most items have
)

// take returns an empty map with room for n texts.
func (t *textMaps) take(n int) map[string]string {
	if n > manyTexts { // clearing it would take as long for a few
		return make(map[string]string, n)
	}
	if t.used == len(t.maps) {
		t.maps = append(t.maps, make(map[string]string, n))
	}
	t.used++
	return t.maps[t.used-1]
}

// reset takes back all maps.
func (t *textMaps) reset() {
	for _, m := range t.maps[:t.used] {
		if slab.Poison {
			m["poisoned"] = "poisoned"
			continue
		}
		clear(m)
	}
	if slab.Poison {
		t.maps = nil
	}
	t.maps = slices.Delete(t.maps, min(len(t.maps), keptMaps), len(t.maps))
	t.used = 0
}
