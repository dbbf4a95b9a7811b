package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// Writer puts files in place as a whole, and knows which it has begun, so that a
// process that is told to stop leaves nothing of them. The zero Writer is ready.
type Writer struct {
	replaced atomic.Int64
	mu       sync.Mutex
	begun    map[string]bool // the names of files that are not in place yet
	stopped  bool
}

// Replaced is how many files have been replaced.
func (w *Writer) Replaced() int64 { return w.replaced.Load() }

// Stop removes the files that are not in place, and lets none begin: what is being
// replaced stays as it is.
func (w *Writer) Stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = true
	for name := range w.begun {
		os.Remove(name)
	}
}

var errStopped = errors.New("the program is being stopped")

// create makes an empty file beside path, which will take its place.
func (w *Writer) create(path string, mode fs.FileMode) (*os.File, error) {
	const tries, longest = 100, 200 // a name may have 255 bytes
	dir, base := filepath.Split(path)
	base = base[:min(len(base), longest)]
	for i := 0; ; i++ {
		file, err := w.begin(fmt.Sprintf("%s.%s.%09d", dir, base, rand.Uint32()), mode)
		if !errors.Is(err, fs.ErrExist) || i == tries {
			return file, err
		}
	}
}

// begin makes a file with a new name. Stop waits until it is there, to remove it.
func (w *Writer) begin(name string, mode fs.FileMode) (*os.File, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return nil, errStopped
	}
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, err
	}
	if w.begun == nil {
		w.begun = map[string]bool{}
	}
	w.begun[name] = true
	return file, nil
}

// discard removes a file that create made, unless place has put it in place.
func (w *Writer) discard(tmp *os.File) {
	tmp.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.begun[tmp.Name()] {
		os.Remove(tmp.Name())
		delete(w.begun, tmp.Name())
	}
}

// place puts a file that is finished in the place of another.
func (w *Writer) place(tmp *os.File, target string) error {
	err := os.Rename(tmp.Name(), target)
	if err == nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.begun, tmp.Name())
	}
	return err
}
