package tree

import (
	"fmt"
	"path/filepath"
	"strings"
)

// A noteKind is a reason to leave something alone.
type noteKind int

const (
	charts noteKind = iota
	kustomizations
	components
	folderLinks
	ignores
	noteKinds // how many there are
)

// notes are the paths that were left alone, by reason and in the order found.
type notes [noteKinds][]string

// add adds a path, unless it was the last one.
func (n *notes) add(kind noteKind, path string) {
	if before := n[kind]; len(before) == 0 || before[len(before)-1] != path {
		n[kind] = append(before, path)
	}
}

// addChart adds a chart, unless it is a part of the last one.
func (n *notes) addChart(dir string) {
	if before := n[charts]; len(before) == 0 || !strings.HasPrefix(dir, filepath.Join(before[len(before)-1], "charts")+string(filepath.Separator)) {
		n.add(charts, dir)
	}
}

// count is how many paths were left alone.
func (n *notes) count() int {
	total := 0
	for _, paths := range n {
		total += len(paths)
	}
	return total
}

// sentences says what was left alone, a sentence a reason.
func (n *notes) sentences() []string {
	var out []string
	if c := n[charts]; len(c) > 0 {
		out = append(out, fmt.Sprintf("skipped: the templates of %s: check what they render: helm template %s | usergroup check -", some(c), c[0]))
	}
	if k := n[kustomizations]; len(k) > 0 {
		dir, _, _ := strings.Cut(k[0], " (")
		out = append(out, fmt.Sprintf("skipped: patches and configuration of %s: check what they render: usergroup check --kustomize %s", some(k), dir))
	}
	if c := n[components]; len(c) > 0 {
		out = append(out, fmt.Sprintf("skipped: patches and configuration of %s: check what the kustomizations that use these components render", some(c)))
	}
	if l := n[folderLinks]; len(l) > 0 {
		out = append(out, fmt.Sprintf("skipped: links to folders: %s: name them to follow them", some(l)))
	}
	if i := n[ignores]; len(i) > 0 {
		out = append(out, fmt.Sprintf("skipped because of .gitignore or .krmignore: %s (--no-ignore reads them)", some(i)))
	}
	return out
}

// shown is how many paths a sentence names.
const shown = 5

// some names the first of several paths, and how many more there are.
func some(paths []string) string {
	if len(paths) <= shown {
		return strings.Join(paths, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(paths[:shown], ", "), len(paths)-shown)
}
