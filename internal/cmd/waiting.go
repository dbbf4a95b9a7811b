package cmd

import (
	"context"
	"slices"
	"sync"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/internal/tree"
	"github.com/usergroup-dev/usergroup/manifest"
)

// waiting are the files that are judged when all others are: they hold objects of
// kinds that are not known, and a CustomResourceDefinition in any file may say
// what there is to know. So files are read once where there is no such object,
// however many schemas there are.
type waiting struct {
	run     *engine.Run
	files   []tree.File // that are judged
	off     bool        // nothing waits
	all     bool        // files that are not judged may have schemas, too
	mu      sync.Mutex
	held    []int // by their indices in files
	schemas []int // files with CustomResourceDefinitions
}

// holds notes a file and reports whether it waits.
func (w *waiting) holds(i int, src *source) bool {
	if w.off {
		return false
	}
	schemas, waits := slices.ContainsFunc(src.stream.Items, engine.IsSchema), w.run.Waits(src.stream.Items)
	if schemas || waits {
		w.mu.Lock()
		defer w.mu.Unlock()
	}
	if schemas {
		w.schemas = append(w.schemas, i)
	}
	if waits {
		w.held = append(w.held, i)
	}
	return waits
}

// learn returns a run that knows the schemas, for the files that waited.
func (w *waiting) learn(ctx context.Context, in *inputs) (*engine.Run, error) {
	w.off = true
	slices.Sort(w.held)
	slices.Sort(w.schemas)
	var schemas []*manifest.Item
	if w.all {
		err := in.each(ctx, func(src *source) error {
			schemas = append(schemas, schemasOf(src)...)
			return nil
		}, ignore)
		return w.run.Learn(schemas), err
	}
	for _, i := range w.schemas {
		src, err := in.read(w.files[i])
		if err != nil {
			return nil, err
		}
		schemas = append(schemas, schemasOf(src)...)
	}
	return w.run.Learn(schemas), nil
}

// schemasOf returns the items of a file that hold CustomResourceDefinitions.
func schemasOf(src *source) []*manifest.Item {
	return slices.DeleteFunc(slices.Clone(src.stream.Items), func(it *manifest.Item) bool { return !engine.IsSchema(it) })
}
