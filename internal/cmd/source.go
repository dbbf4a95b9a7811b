package cmd

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/usergroup-dev/usergroup/internal/tree"
	"github.com/usergroup-dev/usergroup/manifest"
)

// source is one file, or standard input under the name "-", with its objects.
type source struct {
	file   tree.File
	data   []byte
	stream *manifest.Stream
}

// nameOf is what a file is called in messages.
func nameOf(path string) string {
	if path == tree.Stdin {
		return "stdin"
	}
	return path
}

// items lists the objects of all sources in order.
func items(sources []*source) []*manifest.Item {
	var out []*manifest.Item
	for _, s := range sources {
		out = append(out, s.stream.Items...)
	}
	return out
}

func (s *source) changed() bool {
	for _, it := range s.stream.Items {
		if it.Changed() {
			return true
		}
	}
	return false
}

// render returns the source as it now is, if that can be read back as it is
// meant.
func (s *source) render() ([]byte, error) {
	if !s.changed() {
		return s.data, nil
	}
	var b bytes.Buffer
	b.Grow(len(s.data) + len(s.data)/8)
	if _, err := s.stream.WriteTo(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), s.readsBack(b.Bytes())
}

// readsBack reports whether the bytes, as a file, hold the objects of the source.
// That each object is right by itself has been judged; this is about what is
// around it.
func (s *source) readsBack(data []byte) error {
	back, err := manifest.ReadStream(s.stream.Name, data)
	if err != nil {
		return fmt.Errorf("the changed file could not be read back: %w", err)
	}
	rest := back.Items
	for i, it := range s.stream.Items {
		objects := []*manifest.Item{it}
		if len(rest) == 0 || !sameText(rest[0], it) { // a List can be divided now: no alias goes from one element to another
			alone, err := manifest.ReadStream(s.stream.Name, it.Bytes())
			if err != nil {
				return fmt.Errorf("object %d of the changed file could not be read back: %w", i+1, err)
			}
			objects = alone.Items
		}
		n := len(objects)
		if n > len(rest) || !slices.EqualFunc(rest[:n], objects, sameText) {
			return fmt.Errorf("object %d of the changed file would be read differently", i+1)
		}
		rest = rest[n:]
	}
	if len(rest) > 0 {
		return fmt.Errorf("the changed file would hold %d objects more", len(rest))
	}
	return nil
}

// sameText reports whether two items are the same but for line breaks at the end.
func sameText(a, b *manifest.Item) bool {
	return bytes.Equal(bytes.TrimRight(a.Bytes(), "\r\n"), bytes.TrimRight(b.Bytes(), "\r\n"))
}
