package cmd

import (
	"context"
	"errors"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/internal/tree"
	"github.com/usergroup-dev/usergroup/manifest"
)

// batch is how many objects of a large file are held at a time.
const batch = 1024

// errWhole says that a file must be judged as a whole.
var errWhole = errors.New("not in batches")

// inBatches judges a large file without holding its objects. ok is false where it
// must be held as a whole: it is not large, or holds what the judging of other
// objects waits for. A file that is broken anywhere gives an error and no outcome.
func (j *judging) inBatches(ctx context.Context, f tree.File, data []byte) (of engine.Outcome, ok bool, err error) {
	if len(data) < largeInput || j.part.rendered[f.Path] {
		return of, false, nil
	}
	var items []*manifest.Item
	flush := func() error {
		o, err := j.run.Apply(ctx, items)
		of.Merge(o)
		clear(items)
		items = items[:0]
		return err
	}
	err = manifest.Each(nameOf(f.Path), data, j.part.limits, func(it *manifest.Item) error {
		items = append(items, it)
		if !j.waiting.off && (engine.IsSchema(it) || j.run.Waits(items[len(items)-1:])) {
			return errWhole
		}
		if len(items) < batch {
			return nil
		}
		return flush()
	})
	if errors.Is(err, errWhole) {
		return engine.Outcome{}, false, nil
	}
	if err == nil {
		err = flush()
	}
	if err != nil {
		return engine.Outcome{}, true, err
	}
	return of, true, nil
}
