// Package ownfile decodes the program's own files, such as its settings, baselines
// and suites of tests, as strictly as a policy.
package ownfile

import (
	"errors"
	"fmt"

	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/internal/joined"
	"github.com/usergroup-dev/usergroup/manifest"
)

// Decode decodes the one document of a file into out, a pointer to a struct. All
// that is wrong is returned at once, each with the file, the field and its line. A
// file without a document leaves out as it is.
func Decode(path string, data []byte, out any) error {
	stream, err := manifest.ReadStream(path, data)
	switch {
	case err != nil:
		return err
	case len(stream.Items) == 0:
		return nil
	case len(stream.Items) > 1:
		return fmt.Errorf("%s:%d: must hold one document, holds %d", path, stream.Items[1].Line(), len(stream.Items))
	}
	it := stream.Items[0]
	root, err := it.Decode()
	if err != nil {
		return err
	}
	err = strict.Decode(root, out, strict.Options{Data: it.Bytes(), Line: it.Line()})
	if err == nil {
		return nil
	}
	var errs []error
	joined.Each(err, func(err error) { errs = append(errs, fmt.Errorf("%s: %w", path, err)) })
	return errors.Join(errs...)
}
