package manifest_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/manifest"
)

// checkItem checks what an item says about itself against its decoded tree.
func checkItem(t *testing.T, it *manifest.Item) {
	t.Helper()
	n, err := yamltext.DecodeFull(it.Bytes(), it.Column())
	if err != nil {
		t.Fatalf("item does not decode: %v\n%q column %d", err, it.Bytes(), it.Column())
	}
	fast, err := it.Decode()
	if err != nil || !manifest.Equal(n, fast) {
		t.Fatalf("item decodes differently, error %v\n%q column %d", err, it.Bytes(), it.Column())
	}
	head, err := it.Head()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(yamltext.HeadOf(n), head); diff != "" {
		t.Fatalf("head differs (-decoded +peeked):\n%s\n%q column %d", diff, it.Bytes(), it.Column())
	}
	checkMentions(t, it, n)
}

func checkMentions(t *testing.T, it *manifest.Item, n *manifest.Node) {
	t.Helper()
	for _, f := range n.Fields {
		if k := f.Key.Resolve(); k.Kind == manifest.Scalar && !it.Mentions(k.Value) {
			t.Fatalf("key %q is not seen\n%q", k.Value, it.Bytes())
		} else if ending := k.Value[len(k.Value)/2:]; k.Kind == manifest.Scalar && !it.MentionsKey(ending) {
			t.Fatalf("key %q is not seen to end with %q\n%q", k.Value, ending, it.Bytes())
		}
		checkMentions(t, it, f.Key)
		checkMentions(t, it, f.Value)
	}
	for _, child := range n.Items {
		checkMentions(t, it, child)
	}
}

// checkList checks that a ResourceList read by the scan is the one that go-yaml
// reads, and that it is written as it came.
func checkList(t *testing.T, data []byte) {
	t.Helper()
	rl, err := manifest.ReadResourceList(data)
	full, fullErr := manifest.ReadResourceListFull(data)
	if err != nil || fullErr != nil || full == nil {
		if err == nil {
			t.Errorf("accepted, but the reference says %v\n%q", fullErr, data)
		} else if full != nil {
			t.Errorf("refused, but the reference does not: %v\n%q", err, data)
		}
		return
	}
	if len(rl.Items) != len(full.Items) {
		t.Fatalf("%d items, the reference has %d\n%q", len(rl.Items), len(full.Items), data)
	}
	for i, it := range rl.Items {
		checkSameItem(t, it, full.Items[i], data)
	}
	if (rl.FunctionConfig == nil) != (full.FunctionConfig == nil) {
		t.Fatalf("functionConfig %v, in the reference %v\n%q", rl.FunctionConfig, full.FunctionConfig, data)
	}
	if rl.FunctionConfig != nil {
		checkSameItem(t, rl.FunctionConfig, full.FunctionConfig, data)
	}
	checkWritten(t, rl, data)
	checkWritten(t, full, data)
	checkAgainstTree(t, rl, data)
	checkReplace(t, data)
}

func checkSameItem(t *testing.T, it, want *manifest.Item, data []byte) {
	t.Helper()
	if !bytes.Equal(it.Bytes(), want.Bytes()) || it.Column() != want.Column() || it.Line() != want.Line() || it.Index() != want.Index() {
		t.Fatalf("item %q at %d:%d, the reference has %q at %d:%d\n%q",
			it.Bytes(), it.Line(), it.Column(), want.Bytes(), want.Line(), want.Column(), data)
	}
	checkItem(t, it)
}

func checkWritten(t *testing.T, w io.WriterTo, data []byte) {
	t.Helper()
	var out bytes.Buffer
	n, err := w.WriteTo(&out)
	if err != nil || n != int64(len(data)) || !bytes.Equal(out.Bytes(), data) {
		t.Fatalf("written differently, error %v\n%q\n%q", err, data, out.Bytes())
	}
}

// checkAgainstTree checks that items cut out mean what they mean in the list.
func checkAgainstTree(t *testing.T, rl *manifest.ResourceList, data []byte) {
	t.Helper()
	root, err := yamltext.DecodeFull(data, 0)
	if err != nil {
		return // several documents, all but one of them empty
	}
	var items []*manifest.Node
	if v := root.Get("items"); v != nil {
		items = v.Items
	}
	if len(items) != len(rl.Items) {
		t.Fatalf("%d items of %d\n%q", len(rl.Items), len(items), data)
	}
	for i, it := range rl.Items {
		n, err := it.Decode()
		if err != nil || !manifest.Equal(n, items[i]) {
			t.Fatalf("item %d means something else, error %v\n%q", i, err, data)
		}
	}
}

// checkStream checks a stream against all of it decoded by go-yaml.
func checkStream(t *testing.T, data []byte) {
	t.Helper()
	s, err := manifest.ReadStream("f", data)
	if err != nil {
		var e *manifest.Error
		if !errors.As(err, &e) || e.File != "f" {
			t.Errorf("error %#v\n%q", err, data)
		}
		return
	}
	checkWritten(t, s, data)
	for i, it := range s.Items {
		checkItem(t, it)
		if it.Index() != i {
			t.Fatalf("index %d of item %d", it.Index(), i)
		}
	}
	docs, err := documents(data)
	if err != nil {
		return
	}
	// Explicit nulls are items, empty documents are not, and go-yaml does not
	// tell them apart.
	k := 0
	for _, it := range s.Items {
		n, err := it.Decode()
		if err != nil {
			t.Fatal(err)
		}
		if n.Kind == manifest.Scalar && n.Tag == "!!null" {
			continue
		}
		if k == len(docs) {
			t.Fatalf("more items than documents\n%q", data)
		}
		if doc := docs[k]; doc.ShortTag() != n.Resolve().Tag || doc.Value != n.Value {
			t.Fatalf("item %d is not document %d\n%q", it.Index(), k, data)
		}
		k++
	}
	if k != len(docs) {
		t.Fatalf("%d documents, %d items\n%q", len(docs), k, data)
	}
}

// documents returns the documents of a stream that are not null.
func documents(data []byte) (docs []*yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("the parser panics")
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		doc := new(yaml.Node)
		if err := dec.Decode(doc); err == io.EOF {
			return docs, nil
		} else if err != nil {
			return nil, err
		}
		if n := doc.Content[0]; n.Kind != yaml.ScalarNode || n.ShortTag() != "!!null" {
			docs = append(docs, n)
		}
	}
}

// checkReplace changes each item in turn, and checks that nothing else has
// changed its meaning: the other items, the other top-level fields.
func checkReplace(t *testing.T, data []byte) {
	t.Helper()
	before, err := yamltext.DecodeFull(data, 0)
	if err != nil {
		return // several documents, all but one of them empty
	}
	count := 0
	if items := before.Get("items"); items != nil {
		count = min(len(items.Items), 4)
	}
	for i := range count {
		rl, err := manifest.ReadResourceList(data)
		if err != nil {
			t.Fatal(err)
		}
		rl.Items[i].Replace([]byte("{kind: Changed}"))
		var out bytes.Buffer
		if _, err := rl.WriteTo(&out); err != nil {
			t.Fatal(err)
		}
		after, err := yamltext.DecodeFull(out.Bytes(), 0)
		if err != nil {
			t.Fatalf("item %d changed: %v\n%q\n%q", i, err, data, out.Bytes())
		}
		changed, err := manifest.Decode([]byte("{kind: Changed}"), 0)
		if err != nil {
			t.Fatal(err)
		}
		if !manifest.Equal(withItem(before, i, changed), after) {
			t.Fatalf("item %d changed, and something else with it\n%q\n%q", i, data, out.Bytes())
		}
	}
}

// withItem returns a ResourceList with another item i.
func withItem(list *manifest.Node, i int, item *manifest.Node) *manifest.Node {
	out := *list
	out.Fields = slices.Clone(list.Fields)
	for k, f := range out.Fields {
		if f.Key.Value == "items" {
			items := *f.Value
			items.Items = slices.Clone(items.Items)
			items.Items[i] = item
			out.Fields[k].Value = &items
		}
	}
	return &out
}
