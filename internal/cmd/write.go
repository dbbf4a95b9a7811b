package cmd

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/tree"
)

// fixWriter writes fixed files back, in place, and collects what goes to standard
// output until it is known whether it may.
type fixWriter struct {
	Streams
	stdout bool // everything goes to standard output
	out    bytes.Buffer
	parts  int
}

func (w *fixWriter) write(j judged) error {
	switch {
	case w.stdout:
		w.parts++
		return printDocument(&w.out, j.rendered, w.parts == 1)
	case j.file.Path == tree.Stdin:
		w.out.Write(j.rendered)
	case j.changed():
		if err := w.writer.Replace(j.file, j.data, j.rendered); err != nil {
			return &fileError{j.source, err}
		}
	}
	return nil
}

// flush prints what was collected.
func (w *fixWriter) flush() error {
	if _, err := w.Out.Write(w.out.Bytes()); err != nil {
		return fmt.Errorf("writing standard output: %w", err)
	}
	return nil
}

// printDocument prints one file of several as a part of one stream.
func printDocument(out io.Writer, data []byte, first bool) error {
	sep := "---\n"
	if first || strings.HasPrefix(string(data[:min(len(data), 4)]), "---") {
		sep = ""
	}
	end := ""
	if len(data) > 0 && data[len(data)-1] != '\n' {
		end = "\n"
	}
	_, err := fmt.Fprintf(out, "%s%s%s", sep, data, end)
	return err
}
