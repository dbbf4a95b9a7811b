package engine

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/report"
)

// locator finds the places of values in an item as it was read.
type locator struct {
	item  *manifest.Item
	text  []byte       // of the item, before any change
	lines []int        // where the lines of text end, once asked for
	marks map[int]mark // the last one asked for of each long line
	root  string       // see packageRoot
	finder

	origins *origins // nil where objects are in the files that were read
	source  source   // of the object asked for last
}

// packageRoot returns the folder of the package that kpt renders, "" where it is not
// kpt. With the packages below it there are several Kptfiles among the items, and the
// folder of the outermost is the shortest. kpt names each file from its own package,
// and many are called alike.
func packageRoot(items []*manifest.Item) string {
	root := ""
	for _, it := range items {
		if !bytes.Contains(it.Bytes(), []byte(workload.PackageAnnotation)) {
			return "" // kpt annotates all of them
		}
		if head, err := it.Head(); err != nil || head.Kind != "Kptfile" {
			continue
		}
		n, err := it.Decode()
		if err != nil {
			continue // reported where it is judged
		}
		folder := n.Get("metadata").Get("annotations").Get(workload.PackageAnnotation).Text()
		if root == "" || len(folder) < len(root) {
			root = folder
		}
	}
	return root
}

// fromPackage returns the path of a file from the folder of the package that is
// rendered.
func fromPackage(root string, f workload.File) string {
	below, err := filepath.Rel(root, f.Package)
	if root == "" || f.Package == "" || err != nil || !filepath.IsLocal(below) {
		return f.Path
	}
	return path.Join(filepath.ToSlash(below), f.Path)
}

// mark is an offset on a line, with its column. On a long line counting goes on
// from the last one, forward or back: a manifest may be one line of many
// megabytes.
type mark struct{ offset, column int }

// span is a part of an item's text, in bytes.
type span struct{ start, end int }

// file says where a value of an object is: in the file that was read, or else in
// the one that the object's annotations name.
func (l *locator) file(o *judged, at podspec.Path) report.File {
	switch {
	case l.item.Name() != "":
		return l.spanned(l.find(o.Node, at))
	case l.origins != nil:
		f, _ := l.original(o, at)
		return f
	}
	return report.File{Path: fromPackage(l.root, o.File), Index: o.File.Index}
}

// spanned is the place of a part of the item, as far as its first line goes.
func (l *locator) spanned(where span) report.File {
	f := report.File{Path: l.item.Name(), Index: l.item.Index()}
	line := l.lineAt(where.start)
	f.Line = l.item.Line() + line
	f.Column = l.column(line, where.start)
	f.EndColumn = l.column(line, min(where.end, l.lineEnd(line)))
	return f
}

// finder finds values by their paths.
type finder struct{ keys yamlvalue.Index }

// find returns the span of the deepest value on the path below n that is there,
// with its key where it has one of its own.
func (f *finder) find(n *manifest.Node, at podspec.Path) span {
	where := span{n.Start, n.End}
	for _, s := range at {
		if n = n.Resolve(); n == nil {
			break
		}
		var key *manifest.Node
		key, n = f.step(n, s)
		switch {
		case key != nil && n != nil && n.End >= key.Start:
			where = span{key.Start, n.End}
		case key != nil: // of an alias
			where = span{key.Start, key.End}
		case n != nil && s.Key == "":
			where = span{n.Start, n.End}
		}
	}
	return where
}

// lineAt returns the line of an offset, from 0 in the text.
func (l *locator) lineAt(offset int) int {
	if l.lines == nil {
		l.lines = make([]int, 0, bytes.Count(l.text, []byte("\n")))
		for i, c := range l.text {
			if c == '\n' {
				l.lines = append(l.lines, i)
			}
		}
	}
	line, _ := slices.BinarySearch(l.lines, offset)
	return line
}

// lineStart and lineEnd delimit a line without its line break.
func (l *locator) lineStart(line int) int {
	if line == 0 {
		return 0
	}
	return l.lines[line-1] + 1
}

func (l *locator) lineEnd(line int) int {
	end := len(l.text)
	if line < len(l.lines) {
		end = l.lines[line]
	}
	if end > l.lineStart(line) && l.text[end-1] == '\r' {
		end--
	}
	return end
}

// column returns the column of an offset on a line, in characters, from 1.
func (l *locator) column(line, offset int) int {
	m := l.mark(line)
	if m.offset <= offset {
		m.column += utf8.RuneCount(l.text[m.offset:offset])
	} else {
		m.column -= utf8.RuneCount(l.text[offset:m.offset])
	}
	m.offset = offset
	l.keep(line, m)
	return m.column
}

// offset returns the offset of a column on a line, or the end of the line. The
// column is not before the line's first.
func (l *locator) offset(line, column int) int {
	m, end := l.mark(line), l.lineEnd(line)
	for m.column < column && m.offset < end {
		_, size := utf8.DecodeRune(l.text[m.offset:end])
		m.offset += size
		m.column++
	}
	for m.column > column {
		_, size := utf8.DecodeLastRune(l.text[:m.offset])
		m.offset -= size
		m.column--
	}
	l.keep(line, m)
	return m.offset
}

// mark returns the last mark on a line, or its beginning.
func (l *locator) mark(line int) mark {
	if m, ok := l.marks[line]; ok {
		return m
	}
	m := mark{l.lineStart(line), 1}
	if line == 0 {
		m.column += l.item.Column()
	}
	return m
}

// keep keeps a mark on a line that is long.
func (l *locator) keep(line int, m mark) {
	if l.lineEnd(line)-l.lineStart(line) <= maxLine {
		return
	}
	if l.marks == nil {
		l.marks = map[int]mark{}
	}
	l.marks[line] = m
}

// step returns the value one step below n, and the key of its own that n has for it;
// nil where there is none.
func (f *finder) step(n *manifest.Node, s podspec.Step) (key, value *manifest.Node) {
	if s.Key == "" {
		return nil, child(n, s)
	}
	e := f.keys.Lookup(n, s.Key)
	if e.From == n {
		key = e.Name
	}
	return key, e.Value.Resolve()
}

// child returns what is one step below n, nil where nothing is.
func child(n *manifest.Node, s podspec.Step) *manifest.Node {
	n = n.Resolve()
	switch {
	case n == nil:
		return nil
	case s.Key != "":
		return n.Get(s.Key)
	case s.Index < len(n.Items):
		return n.Items[s.Index]
	}
	return nil
}

func objectJSON(o workload.Object) (map[string]any, error) {
	v, err := o.Node.JSON()
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("the object is not a mapping")
	}
	return m, nil
}

// podJSON returns the pod that an object is or will create. A template without
// metadata gives a pod without.
func podJSON(o workload.Object, pod *podspec.Pod) (map[string]any, error) {
	out := map[string]any{}
	for key, at := range map[string]podspec.Path{"metadata": pod.MetadataPath, "spec": pod.Path} {
		n := o.Node
		for _, s := range at {
			n = child(n, s)
		}
		if n.IsNull() {
			continue
		}
		v, err := n.JSON()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		out[key] = v
	}
	return out, nil
}
