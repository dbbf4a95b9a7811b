// Package docpages reads the pages of the documentation, for tests of what they say.
package docpages

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Each calls f with the path and the text of every page, a file of Markdown, below a
// folder of the repository. What tests and builds leave there is passed over.
func Each(root string, f func(path, text string)) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && isLeftOut(d.Name()):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f(path, string(text))
		return nil
	})
}

func isLeftOut(folder string) bool {
	switch folder {
	case "testdata", "bin", "dist", "node_modules":
		return true
	}
	return strings.HasPrefix(folder, ".")
}
