package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/usergroup-dev/usergroup/internal/closest"
	"github.com/usergroup-dev/usergroup/internal/joined"
)

// answer is an error as it is told: of a file that cannot be read it says what to do,
// and not which call of the system failed.
func answer(err error) string {
	text := err.Error()
	var file *fs.PathError
	if errors.As(err, &file) {
		text = strings.Replace(text, file.Error(), aboutFile(file), 1)
	}
	return text
}

// aboutFile names the file, what is wrong with it, and what may have been meant.
func aboutFile(err *fs.PathError) string {
	switch {
	case err.Path == "":
		return "a file without a name is given"
	case strings.Contains(err.Path, "://"):
		return fmt.Sprintf("%s: only files are read: fetch it first, as in curl -fsSLO %s", err.Path, err.Path)
	case errors.Is(err, syscall.EISDIR):
		return err.Path + ": is a folder, must be a file"
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("%s: %v", err.Path, err.Err)
	case strings.HasPrefix(err.Path, "-"):
		return fmt.Sprintf("%s: %v: flags go before --", err.Path, err.Err)
	}
	return fmt.Sprintf("%s: %v%s", err.Path, err.Err, didYouMean(filepath.Clean(err.Path), beside(err.Path)))
}

// beside are the files of the folder that a file is missing from, sorted.
func beside(path string) []string {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, err := dir.Readdirnames(maxBeside + 1)
	if err != nil || len(names) > maxBeside {
		return nil
	}
	for i, name := range names {
		names[i] = filepath.Join(filepath.Dir(path), name)
	}
	slices.Sort(names)
	return slices.DeleteFunc(names, func(n string) bool { return n == filepath.Clean(path) }) // a link to nowhere
}

// maxBeside is how many files a folder may have in which one that was meant is
// looked for.
const maxBeside = 1000

// prefixed puts words before each of joined errors.
func prefixed(prefix string, err error) error {
	var errs []error
	joined.Each(err, func(err error) { errs = append(errs, fmt.Errorf("%s: %w", prefix, err)) })
	return errors.Join(errs...)
}

// didYouMean is the hint at the word that was meant, "" where none is close.
func didYouMean(word string, allowed []string) string {
	if meant := closest.To(word, allowed); meant != "" {
		return fmt.Sprintf(", did you mean %q", meant)
	}
	return ""
}
