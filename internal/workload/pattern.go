package workload

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// pattern is a parsed path of pod specs.
type pattern []segment

// segment is one step of a pattern.
type segment struct {
	kind segmentKind
	key  string // of a keySegment
}

type segmentKind uint8

const (
	keySegment   segmentKind = iota // the value of one key of a mapping
	eachSegment                     // [*]: every element of a list
	valueSegment                    // *: every value of a mapping
)

// equal reports whether both patterns are the same.
func (p pattern) equal(q pattern) bool { return slices.Equal(p, q) }

// parsePattern parses a dotted path: spec.jobs[*].template.spec. A key that is
// not plain stands in brackets and quotes, as podspec.Path writes it.
func parsePattern(text string) (pattern, error) {
	if text == "" {
		return nil, errors.New("must not be empty")
	}
	var p pattern
	for rest := text; rest != ""; {
		seg, tail, err := parseSegment(rest, len(p) == 0)
		if err != nil {
			return nil, fmt.Errorf("%q: %w at %q", text, err, rest)
		}
		p, rest = append(p, seg), tail
	}
	return p, nil
}

// parseSegment parses the first segment of text and returns what follows it.
func parseSegment(text string, first bool) (seg segment, tail string, err error) {
	if tail, ok := strings.CutPrefix(text, "[*]"); ok {
		return segment{kind: eachSegment}, tail, nil
	}
	if inner, ok := strings.CutPrefix(text, "["); ok {
		return parseQuoted(inner)
	}
	if !first {
		var ok bool
		if text, ok = strings.CutPrefix(text, "."); !ok {
			return seg, "", errors.New("must have a dot")
		}
	}
	end := strings.IndexAny(text, ".[")
	if end < 0 {
		end = len(text)
	}
	key := text[:end]
	switch {
	case key == "*":
		return segment{kind: valueSegment}, text[end:], nil
	case key == "":
		return seg, "", errors.New("must have a key")
	case strings.ContainsAny(key, `]*" `):
		return seg, "", fmt.Errorf("must have a key, * or [*], has %q,", key)
	}
	return segment{key: key}, text[end:], nil
}

// parseQuoted parses what follows the bracket of ["key"].
func parseQuoted(text string) (seg segment, tail string, err error) {
	quoted, err := strconv.QuotedPrefix(text)
	if err == nil {
		var ok bool
		if tail, ok = strings.CutPrefix(text[len(quoted):], "]"); ok {
			seg.key, err = strconv.Unquote(quoted)
			if err == nil && seg.key != "" {
				return seg, tail, nil
			}
		}
	}
	return seg, "", errors.New(`must have [*] or ["key"]`)
}

// Pattern renders the path of a pod spec as podSpecPaths takes it: with [*] in
// the place of each index.
func Pattern(p podspec.Path) string {
	var b strings.Builder
	for i, s := range p {
		if s.Key == "" {
			b.WriteString("[*]")
			continue
		}
		text := podspec.Field(s.Key).String()
		if i > 0 && !strings.HasPrefix(text, "[") {
			b.WriteByte('.')
		}
		b.WriteString(text)
	}
	return b.String()
}

// finder collects the pods below an object.
type finder struct {
	pods    []*podspec.Pod
	pending []podspec.Problem // met on the way, to stand in the next pod
	seen    []podspec.Path    // of all problems met, because patterns share their beginnings
}

// walk reads the pods that pattern p finds below n, which stands at path.
func (f *finder) walk(n *manifest.Node, p pattern, path podspec.Path) {
	n = n.Resolve()
	if n.IsNull() {
		return
	}
	if len(p) == 0 {
		f.read(n, path)
		return
	}
	switch p[0].kind {
	case keySegment:
		if f.expect(n, manifest.Mapping, path) {
			e := n.Lookup(p[0].key)
			f.follow(&e, p[1:], path.Key(e.Key))
		}
	case eachSegment:
		if f.expect(n, manifest.Sequence, path) {
			for i, it := range n.Items {
				f.walk(it, p[1:], path.Index(i))
			}
		}
	case valueSegment:
		if f.expect(n, manifest.Mapping, path) {
			for _, e := range n.Entries() {
				f.follow(&e, p[1:], path.Key(e.Key))
			}
		}
	}
}

// follow walks on in the value of a key; path is that of the value.
func (f *finder) follow(e *yamlvalue.Entry, p pattern, path podspec.Path) {
	if flaw := keyFlaw(e); flaw != nil {
		f.problem(flaw.at(path))
	}
	f.walk(e.Value, p, path)
}

// read adds the pod spec n, unless another pattern has found it already.
func (f *finder) read(n *manifest.Node, path podspec.Path) {
	for _, p := range f.pods {
		if p.Path.Equal(path) {
			return
		}
	}
	pod := ReadPod(n, path, path[:max(len(path)-1, 0)].Key("metadata"))
	pod.Problems = append(f.pending, pod.Problems...)
	f.pending = nil
	f.pods = append(f.pods, pod)
}

// expect reports whether n is of a kind, and else notes the problem.
func (f *finder) expect(n *manifest.Node, kind manifest.Kind, path podspec.Path) bool {
	if n.Kind == kind {
		return true
	}
	f.problem(wrongKind(n, kind).at(path))
	return false
}

// problem notes a problem, once for each place.
func (f *finder) problem(p podspec.Problem) {
	if slices.ContainsFunc(f.seen, p.Path.Equal) {
		return
	}
	f.seen = append(f.seen, p.Path)
	f.pending = append(f.pending, p)
}

// result returns the pods, the last one made of problems that no pod has taken.
func (f *finder) result() []*podspec.Pod {
	if len(f.pending) > 0 {
		path := f.pending[0].Path
		f.pods = append(f.pods, &podspec.Pod{
			Path:         path,
			MetadataPath: path[:max(len(path)-1, 0)].Key("metadata"),
			Problems:     f.pending,
		})
		f.pending = nil
	}
	return f.pods
}
