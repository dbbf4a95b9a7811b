package cmd

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	progressAfter = time.Second            // shorter work shows no progress
	progressEvery = 100 * time.Millisecond // from one look to the next
)

// progressLine shows on a terminal how far long work is, on a line of its own that is
// gone when the work ends. It is the standard error of the command meanwhile: what
// is written to it goes above the line. Of one file the objects are counted, of
// several the files.
type progressLine struct {
	w     io.Writer
	width int // of the terminal; 0 where nothing is shown
	files int

	done, total atomic.Int64

	mu    sync.Mutex
	shown bool
	end   chan struct{}
	ended sync.WaitGroup
}

// startProgress begins to show the progress of work on files, where standard error
// is a terminal that nothing else is printed to meanwhile.
func (e *enforcement) startProgress(files int) *progressLine {
	p := &progressLine{w: e.Err, width: terminalWidth(e.Err), files: files, end: make(chan struct{})}
	p.total.Store(int64(files))
	printing := e.taken != nil && e.taken(e.args) && terminalWidth(e.Out) > 0
	if e.quiet || printing || os.Getenv("TERM") == "dumb" {
		p.width = 0
	}
	if p.width > 0 {
		p.ended.Go(p.loop)
	}
	return p
}

// read says how many objects a file has.
func (p *progressLine) read(objects int) {
	if p.files == 1 {
		p.total.Store(int64(objects))
	}
}

// objects counts objects that are done.
func (p *progressLine) objects(n int) {
	if p.files == 1 {
		p.done.Add(int64(n))
	}
}

// file counts a file that is done.
func (p *progressLine) file() {
	if p.files != 1 {
		p.done.Add(1)
	}
}

// stop removes the line. Nothing is shown after it returns.
func (p *progressLine) stop() {
	close(p.end)
	p.ended.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *progressLine) loop() {
	wait := time.NewTimer(progressAfter)
	defer wait.Stop()
	for {
		select {
		case <-p.end:
			return
		case <-wait.C:
			p.mu.Lock()
			fmt.Fprint(p.w, "\r\x1b[K", p.line())
			p.shown = true
			p.mu.Unlock()
			wait.Reset(progressEvery)
		}
	}
}

// line is what is shown: a bar, as long as there is room, and numbers.
func (p *progressLine) line() string {
	done, total := p.done.Load(), max(p.total.Load(), 1)
	what := "files"
	if p.files == 1 {
		what = "objects"
	}
	text := fmt.Sprintf(" %d%%  %d of %d %s", 100*done/total, done, total, what)
	room := min(p.width-len(text)-3, 40)
	if room < 5 {
		return text[1:min(len(text), p.width)]
	}
	full := int(int64(room) * done / total)
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", room-full) + "]" + text
}

// Write writes to the terminal above the line.
func (p *progressLine) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	return p.w.Write(b)
}

func (p *progressLine) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
