package transformer_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/transformer"
)

// FuzzApply makes random edits in fuzzed documents. What Apply accepts must
// decode, by go-yaml alone, to the object with the edits as an independent model
// makes them, mean that to every reader, change no line that the edits are not about, and not change again.
func FuzzApply(f *testing.F) {
	for i, ex := range examples(f) {
		f.Add([]byte(ex.in), uint8(0), uint64(i))
		f.Add([]byte(indented(ex.in, 2)), uint8(2), uint64(i))
		f.Add([]byte(strings.TrimSuffix(ex.in, "\n")), uint8(0), uint64(i)<<8)
		f.Add([]byte(strings.ReplaceAll(ex.in, "\n", "\r\n")), uint8(0), uint64(i)<<16)
	}
	f.Fuzz(func(t *testing.T, data []byte, column uint8, seed uint64) {
		if len(data) > 0 && data[0] == ' ' {
			return // an item begins with its first character; the line that moves up to it is changed
		}
		checkRandomEdits(t, data, int(column%9), seed, false)
	})
}

// TestRandomEdits makes the same checks with real manifests.
func TestRandomEdits(t *testing.T) {
	for i, w := range workloads(t) {
		for seed := range uint64(2) {
			checkRandomEdits(t, w.item.Bytes(), w.item.Column(), seed<<16+uint64(i), true)
		}
	}
}

// mayRefuse is the reason why an edit may not be spliced into a document that has
// nothing unusual.
const mayRefuse = "the text ends in a block scalar without a line break"

// keptBlank matches the header of a block scalar that keeps the blank lines behind
// it, to which removing what follows may add.
var keptBlank = regexp.MustCompile(`[|>][1-9]?\+`)

// checkRandomEdits makes random edits in data. written is whether it is written as
// manifests are, so that all edits must be spliced, unless something in it is
// unusual.
func checkRandomEdits(t *testing.T, data []byte, c int, seed uint64, written bool) {
	t.Helper()
	root, err := manifest.Decode(data, c)
	if err != nil || root.Kind != manifest.Mapping {
		return
	}
	m := modelOf(root)
	if m == nil {
		return
	}
	edits := randomEdits(rand.New(rand.NewPCG(seed, seed)), root)
	want, ok := m.edited(edits)
	res, err := transformer.Apply(new(transformer.Memory), data, c, root, edits)
	if !ok {
		if err == nil {
			t.Fatalf("%v: no error for edits that cannot be made\n%s", edits, data)
		}
		return
	}
	if err != nil {
		if written && unusual(root) == "" && !keptBlank.Match(data) && !strings.Contains(err.Error(), mayRefuse) {
			t.Fatalf("%v: %v\n%s", edits, err, data)
		}
		return
	}
	full, err := yamltext.DecodeFull(res.Bytes, c)
	if err != nil {
		t.Fatalf("%v: the result does not decode: %v\n%s", edits, err, res.Bytes)
	}
	if diff := cmp.Diff(want, modelOf(full)); diff != "" {
		t.Fatalf("%v: -want +got:\n%s\nfrom:\n%s\nto:\n%s", edits, diff, data, res.Bytes)
	}
	margin := strings.Repeat(" ", c)
	checkReaders(t, margin+string(data), margin+string(res.Bytes), edits)
	if !res.Reencoded {
		checkLines(t, data, res.Bytes, root, edits)
	} else if written && unusual(root) == "" && res.Why != mayRefuse && !keptBlank.Match(data) {
		t.Fatalf("%v: re-encoded: %s\n%s", edits, res.Why, data)
	}
	again, err := transformer.Apply(new(transformer.Memory), res.Bytes, c, res.Root, edits)
	if err != nil {
		t.Fatalf("%v: the second application: %v", edits, err)
	}
	if diff := cmp.Diff(string(res.Bytes), string(again.Bytes)); diff != "" {
		t.Fatalf("%v: the second application changes something:\n%s", edits, diff)
	}
}

// model is an object without any of its text: aliases and merge keys seen
// through, the order of keys forgotten. Scalars are their tag and value.
type model struct {
	Scalar  string
	Mapping map[string]*model
	List    []*model
	Double  map[string]bool // keys of Mapping that are defined more than once
}

// maxModel bounds the size of a model; aliases may blow it up.
const maxModel = 5000

// modelOf returns the model of n, nil if it is too large or has keys that a model
// cannot hold.
func modelOf(n *manifest.Node) *model {
	left := maxModel
	m := newModel(n, &left)
	if left <= 0 {
		return nil
	}
	return m
}

func newModel(n *manifest.Node, left *int) *model {
	if *left--; *left <= 0 {
		return nil
	}
	n = n.Resolve()
	switch n.Kind {
	case manifest.Sequence:
		m := &model{List: []*model{}}
		for _, it := range n.Items {
			m.List = append(m.List, newModel(it, left))
		}
		return m
	case manifest.Scalar:
		return &model{Scalar: n.Tag + " " + n.Value}
	}
	m := &model{Mapping: map[string]*model{}, Double: map[string]bool{}}
	m.take(n, left)
	return m
}

// take adds the keys of n that m does not have yet.
func (m *model) take(n *manifest.Node, left *int) {
	var merged []*manifest.Node
	own := map[string]bool{}
	for _, f := range n.Fields {
		k := f.Key.Resolve()
		name := k.Tag + " " + k.Value
		switch {
		case k.Kind != manifest.Scalar:
			*left = 0
		case k.Tag == "!!merge" && f.Key.Kind == manifest.Scalar:
			merged = append(merged, f.Value.Resolve())
		case own[name]:
			m.Double[name] = true
		default:
			own[name] = true
			if _, ok := m.Mapping[name]; !ok {
				m.Mapping[name] = newModel(f.Value, left)
			}
		}
	}
	for _, from := range merged {
		list := []*manifest.Node{from}
		if from.Kind == manifest.Sequence {
			list = from.Items
		}
		for _, it := range list {
			if it = it.Resolve(); it.Kind != manifest.Mapping {
				*left = 0
				continue
			}
			m.take(it, left)
		}
	}
}

func (m *model) isNull() bool { return m == nil || strings.HasPrefix(m.Scalar, "!!null ") }

// edited returns m with the edits, ok false if they cannot be made.
func (m *model) edited(edits []podspec.Edit) (_ *model, ok bool) {
	for i, a := range edits {
		for _, b := range edits[:i] {
			n := min(len(a.Path), len(b.Path))
			if a.Path[:n].Equal(b.Path[:n]) && !a.Equal(b) {
				return nil, false
			}
		}
	}
	for _, e := range edits {
		if m, ok = m.with(e, e.Path); !ok {
			return nil, false
		}
	}
	return m, true
}

func (m *model) with(e podspec.Edit, path podspec.Path) (*model, bool) {
	if len(path) == 0 {
		return editModel(e.Value), true
	}
	step := path[0]
	key := "!!str " + step.Key
	switch {
	case step.Key == "":
		if m.isNull() || m.List == nil || step.Index >= len(m.List) {
			return m, e.Op == podspec.Remove
		}
		child, ok := m.List[step.Index].with(e, path[1:])
		out := *m
		out.List = slices.Clone(m.List)
		out.List[step.Index] = child
		return &out, ok
	case m.isNull():
		if e.Op == podspec.Remove {
			return m, true
		}
		m = &model{Mapping: map[string]*model{}, Double: map[string]bool{}}
	case m.Mapping == nil:
		return m, e.Op == podspec.Remove
	case m.Double[key]:
		return nil, false
	}
	if e.Op == podspec.Remove && m.Mapping[key] == nil {
		return m, true
	}
	out := *m
	out.Mapping = maps.Clone(m.Mapping)
	if e.Op == podspec.Remove && len(path) == 1 {
		delete(out.Mapping, key)
		return &out, true
	}
	child, ok := m.Mapping[key].with(e, path[1:])
	out.Mapping[key] = child
	return &out, ok
}

func editModel(v any) *model {
	switch v := v.(type) {
	case int64:
		return &model{Scalar: fmt.Sprintf("!!int %d", v)}
	case bool:
		return &model{Scalar: fmt.Sprintf("!!bool %t", v)}
	case []int64:
		m := &model{List: []*model{}}
		for _, id := range v {
			m.List = append(m.List, editModel(id))
		}
		return m
	}
	return &model{Scalar: fmt.Sprintf("!!str %s", v)}
}

// randomEdits returns edits at places that root has, and at places such as the
// program edits.
func randomEdits(r *rand.Rand, root *manifest.Node) []podspec.Edit {
	places := mappings(root, nil, nil)
	var edits []podspec.Edit
	for range 1 + r.IntN(5) {
		p := places[r.IntN(len(places))]
		n := at(root, p).Resolve()
		keys := []string{"securityContext", "runAsUser", "runAsGroup", "supplementalGroups", "annotations", "on"}
		for _, f := range n.Fields {
			if k := f.Key.Text(); k != "" {
				keys = append(keys, k)
			}
		}
		key := keys[r.IntN(len(keys))]
		switch e := (podspec.Edit{Path: p.Key(key)}); {
		case key == "securityContext" || r.IntN(6) == 0:
			e.Path = e.Path.Key([]string{"runAsUser", "fsGroup", "x.example/y z"}[r.IntN(3)])
			fallthrough
		default:
			if r.IntN(3) == 0 {
				e.Op = podspec.Remove
			} else {
				e.Value = randomValue(r)
			}
			edits = append(edits, e)
		}
	}
	return edits
}

func randomValue(r *rand.Rand) any {
	values := []any{
		int64(0), int64(1000), int64(podspec.MaxID), true, false, "app-ids", "1000", "on", "", "a: b # c", "it's \"é\"\n",
		[]int64{},
		[]int64{1},
		[]int64{1000, 2000},
	}
	return values[r.IntN(len(values))]
}

// mappings returns the paths of the first mappings at and below n.
func mappings(n *manifest.Node, path podspec.Path, found []podspec.Path) []podspec.Path {
	n = n.Resolve()
	if len(found) >= 30 || len(path) > 12 {
		return found
	}
	if n.Kind == manifest.Mapping {
		found = append(found, path)
	}
	for _, f := range n.Fields {
		if key := f.Key.Text(); key != "" && at(n, podspec.Field(key)) == f.Value {
			found = mappings(f.Value, path.Key(key), found)
		}
	}
	for i, it := range n.Items {
		found = mappings(it, path.Index(i), found)
	}
	return found
}

// unusual returns what in a document may keep edits from being made, "" if there
// is nothing.
func unusual(n *manifest.Node) string {
	switch {
	case n.Kind == manifest.Alias:
		return "an alias"
	case n.Anchor != "":
		return "an anchor"
	case n.Explicit:
		return "a tag"
	}
	for _, f := range n.Fields {
		if f.Key.Kind != manifest.Scalar || f.Key.Tag != "!!str" {
			return "an unusual key"
		}
		if s := unusual(f.Key); s != "" {
			return s
		}
		if s := unusual(f.Value); s != "" {
			return s
		}
	}
	for _, it := range n.Items {
		if s := unusual(it); s != "" {
			return s
		}
	}
	return ""
}

// checkLines checks that every line that the edits are not about is still there,
// in the old order.
func checkLines(t *testing.T, before, after []byte, root *manifest.Node, edits []podspec.Edit) {
	t.Helper()
	touched := make([]bool, bytes.Count(before, []byte("\n"))+1)
	for _, e := range edits {
		touch(touched, before, root, e.Path)
	}
	before, after = bytes.ReplaceAll(before, []byte("\r"), nil), bytes.ReplaceAll(after, []byte("\r"), nil)
	old := strings.Split(string(before), "\n")
	now := strings.Split(string(after), "\n")
	i := 0
	for l, line := range old {
		if touched[l] || strings.TrimSpace(line) == "" {
			continue
		}
		j := slices.Index(now[i:], line)
		i += j + 1
		if j < 0 {
			t.Fatalf("%v: line %d is gone: %q\nfrom:\n%s\nto:\n%s", edits, l+1, line, before, after)
		}
	}
}

// touch marks the lines that an edit at path may change: the key there with its
// value and the comments around it, or where that is absent the nearest thing
// above that is there and is not in block style. A key that leaves its mapping
// empty changes the line of the mapping's key, one behind a dash the next key's,
// one in braces the entry's before it, for its comma, and the braces', and what is between it and the next.
func touch(touched []bool, data []byte, root *manifest.Node, path podspec.Path) {
	n := root
	var key, above *manifest.Node
	for _, step := range path {
		n = n.Resolve()
		next, nextKey := child(n, step)
		if next == nil {
			break
		}
		for i, f := range n.Fields {
			if f.Key == nextKey && n.Style == manifest.Flow {
				touched[lineOf(data, n.Start)], touched[lineOf(data, n.End)] = true, true
				if i+1 < len(n.Fields) { // the comma may begin the next entry's line
					touched[lineOf(data, bytes.LastIndexByte(data[:n.Fields[i+1].Key.PropStart], ','))] = true
				}
				if i+1 < len(n.Fields) {
					for l := lineOf(data, f.Value.End); l <= lineOf(data, n.Fields[i+1].Key.PropStart); l++ {
						touched[l] = true // up to its comma, or beyond
					}
				}
			}
			switch {
			case f.Key != nextKey:
			case i > 0 && n.Style == manifest.Flow:
				touched[lineOf(data, n.Fields[i-1].Value.End)] = true
			case i == 0 && !ownLine(data, f.Key.PropStart):
				last := n.Fields[len(n.Fields)-1].Key.PropStart
				for l := lineOf(data, f.Key.PropStart); l <= lineOf(data, last); l++ {
					touched[l] = true
				}
			}
		}
		n, key, above = next, nextKey, key
		if n.Kind == manifest.Alias {
			break
		}
	}
	if above != nil {
		touched[lineOf(data, above.Start)] = true
	}
	start, end := n.PropStart, n.End
	if r := n.Resolve(); at(root, path) == nil && r.Kind != manifest.Scalar && r.Style == manifest.Block && n.Kind != manifest.Alias {
		return
	}
	if key != nil {
		start = key.PropStart
	}
	from, to := lineOf(data, start), lineOf(data, end)
	lines := strings.Split(string(data), "\n")
	comment := func(i int) bool {
		text := strings.TrimSpace(lines[i])
		return text == "" || strings.HasPrefix(text, "#")
	}
	for from > 0 && comment(from-1) {
		from--
	}
	for to+1 < len(lines) && comment(to+1) {
		to++
	}
	for i := from; i <= to; i++ {
		touched[i] = true
	}
}

// ownLine reports whether only spaces are before pos on its line.
func ownLine(data []byte, pos int) bool {
	line := data[bytes.LastIndexByte(data[:pos], '\n')+1 : pos]
	return pos > 0 && len(bytes.TrimLeft(line, " ")) == 0
}

// lineOf returns the index of the line that pos is in.
func lineOf(data []byte, pos int) int { return strings.Count(string(data[:pos]), "\n") }

// child returns the value at a step below n, and its key; nil where the node
// itself has none.
func child(n *manifest.Node, step podspec.Step) (value, key *manifest.Node) {
	if step.Key == "" {
		if step.Index < len(n.Items) {
			return n.Items[step.Index], nil
		}
		return nil, nil
	}
	for _, f := range n.Fields {
		if f.Key.Text() == step.Key {
			return f.Value, f.Key
		}
	}
	return nil, nil
}
