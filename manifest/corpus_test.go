package manifest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/corpus"
	"github.com/usergroup-dev/usergroup/manifest"
)

func TestCorpusStreams(t *testing.T) {
	for _, f := range corpus.Files(t) {
		s, err := manifest.ReadStream(f.Name, f.Data)
		if err != nil {
			t.Errorf("ReadStream: %v", err)
			continue
		}
		var out bytes.Buffer
		if _, err := s.WriteTo(&out); err != nil || !bytes.Equal(out.Bytes(), f.Data) {
			t.Errorf("%s: written differently (error %v)", f.Name, err)
		}
		for _, it := range s.Items {
			head, err := it.Head()
			if err != nil || head.Kind == "" && strings.Contains(string(it.Bytes()), "\nkind: ") {
				t.Errorf("%s:%d: head %+v, error %v", f.Name, it.Line(), head, err)
			}
		}
	}
}

// corpusList makes a ResourceList of the whole corpus, without objects in braces
// and those that lack a line break at the end, which can mean something else
// with one. It returns the list and its items as they are in their files.
func corpusList(t testing.TB) ([]byte, []*manifest.Item) {
	t.Helper()
	var list bytes.Buffer
	list.WriteString("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n")
	var items []*manifest.Item
	for _, f := range corpus.Files(t) {
		s, err := manifest.ReadStream(f.Name, f.Data)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range s.Items {
			n, err := it.Decode()
			if err != nil || n.Kind != manifest.Mapping || n.Style != manifest.Block ||
				!bytes.HasSuffix(it.Bytes(), []byte("\n")) {
				continue
			}
			items = append(items, it)
			text := it.Bytes()[n.Start:]
			list.WriteString("- ")
			for i, line := range bytes.SplitAfter(text, []byte("\n")) {
				if i > 0 && len(bytes.TrimRight(line, "\r\n")) > 0 {
					list.WriteString("  ")
				}
				list.Write(line)
			}
		}
	}
	return list.Bytes(), items
}

func TestCorpusList(t *testing.T) {
	data, items := corpusList(t)
	rl, err := manifest.ReadResourceList(data)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := rl.WriteTo(&out); err != nil || !bytes.Equal(out.Bytes(), data) {
		t.Errorf("written differently, error %v", err)
	}
	if len(rl.Items) != len(items) {
		t.Fatalf("%d items, want %d", len(rl.Items), len(items))
	}
	if !rl.Scanned() {
		t.Error("the list was not scanned")
	}
	for i, it := range rl.Items {
		got, err := it.Decode()
		if err != nil {
			t.Fatal(err)
		}
		want, err := items[i].Decode()
		if err != nil || !manifest.Equal(got, want) {
			t.Errorf("%s: means something else as item %d, error %v", items[i].Name(), i, err)
		}
	}
}
