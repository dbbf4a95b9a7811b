package cmd

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/usergroup-dev/usergroup/internal/tree"
	"github.com/usergroup-dev/usergroup/report"
)

// shard is one of the equal parts that a check is divided into. Which part a file
// is in depends on its name alone, so that it is the same on every machine and in
// every run; a file that is not small is divided by its objects. The zero shard is
// the whole.
type shard struct{ index, of int }

// minDivided is the size from which a file is divided by its objects: every shard
// reads it.
const minDivided = 1 << 20

// String, Set and Type make a shard the value of a flag.
func (s *shard) String() string {
	if s.of == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.index, s.of)
}

// Type is what help calls the value.
func (s *shard) Type() string { return "K/N" }

// Set reads K/N. K counts from 1, or from 0: 0 and N are one shard.
func (s *shard) Set(v string) error {
	k, n, _ := strings.Cut(v, "/")
	index, err := strconv.Atoi(k)
	of, err2 := strconv.Atoi(n)
	if err != nil || err2 != nil || of < 1 || index < 0 || index > of {
		return errors.New("must be K/N, with K from 1 to N, or from 0 to N-1")
	}
	if index == 0 {
		index = of
	}
	*s = shard{index, of}
	return nil
}

// whole reports whether there are no others.
func (s shard) whole() bool { return s.of == 0 }

// owns reports whether what is known by a key is in this shard.
func (s shard) owns(key string) bool {
	if s.whole() {
		return true
	}
	sum := sha256.Sum256([]byte(key))
	return binary.BigEndian.Uint64(sum[:8])%uint64(s.of) == uint64(s.index-1)
}

// ownsFile reports whether a file that is not divided is in this shard, and what
// is to be said of a file as a whole.
func (s shard) ownsFile(path string) bool { return s.owns(filepath.ToSlash(path)) }

// first reports whether what is to be said once is said by this shard.
func (s shard) first() bool { return s.whole() || s.index == 1 }

// divides reports whether a file is divided by its objects.
func (in *inputs) divides(f tree.File) bool {
	if data, ok := in.kept[f.Path]; ok {
		return len(data) >= minDivided || in.rendered[f.Path]
	}
	info, err := os.Stat(f.Path)
	if isFault(err) {
		in.lost.Store(f.Path, err)
		return true // so that no shard leaves it to another
	}
	return err == nil && info.Size() >= minDivided
}

// isFault reports whether an error may be of this run alone: what the system has
// refused to it, it may give to another.
func isFault(err error) bool {
	var refused syscall.Errno
	return errors.As(err, &refused) && !errors.Is(err, fs.ErrNotExist)
}

// faults are the errors of files that others judge, and that this shard has not read
// for what it must know of all.
func (in *inputs) faults(judged []tree.File) []error {
	var errs []error
	for _, f := range in.files {
		if err, ok := in.lost.Load(f.Path); ok && isFault(err.(error)) && !slices.Contains(judged, f) {
			errs = append(errs, err.(error))
		}
	}
	return errs
}

// part is the inputs without what is in other shards.
func (s shard) part(in *inputs) *inputs {
	if s.whole() {
		return in
	}
	part := *in
	part.shard = s
	part.files, part.divided = nil, map[string]bool{}
	for _, f := range in.files {
		if in.divides(f) {
			part.divided[f.Path] = true
		} else if !s.ownsFile(f.Path) {
			continue
		}
		part.files = append(part.files, f)
	}
	return &part
}

// take keeps of a file that is divided only the objects of this shard.
func (s shard) take(src *source) {
	items := src.stream.Items[:0]
	for i, it := range src.stream.Items {
		if s.owns(filepath.ToSlash(src.file.Path) + "\x00" + strconv.Itoa(i)) {
			items = append(items, it)
		}
	}
	src.stream.Items = items
}

// report is what a report says of the shard, with what it made use of in the
// policies; nil for the whole.
func (s shard) report(usage *report.Usage) *report.Shard {
	if s.whole() {
		return nil
	}
	return &report.Shard{Index: s.index, Of: s.of, Usage: usage}
}
