package manifest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/manifest"
)

// TestListElements: the elements of a List are items of their own, with the
// meaning that they have in the list.
func TestListElements(t *testing.T) {
	for name, text := range map[string]string{
		"block":    "# list\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod # a\n  x: {y: 1}\n# b\n- apiVersion: apps/v1\n  kind: Deployment\n  x:\n  - y\n\nmetadata: {}\n",
		"indented": "items:\n  -   kind: Pod\n      apiVersion: v1\n  -   kind: Job\n      apiVersion: batch/v1\n      a: |\n        text\n\nkind: List\napiVersion: v1\n",
		"JSON":     `{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod", "x": ["é"]}, {"kind": "Job", "apiVersion": "batch/v1"}]}`,
		"as kubectl get prints it": "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n        {\n            \"apiVersion\": \"v1\",\n            \"kind\": \"Pod\"\n        },\n" +
			"        {\n            \"apiVersion\": \"v1\",\n            \"kind\": \"Pod\"\n        }\n    ],\n    \"kind\": \"List\"\n}\n",
		"flow": "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod}, {apiVersion: v1, kind: Pod, a: [1, 2]}]\n",
	} {
		t.Run(name, func(t *testing.T) {
			data := "---\nkind: First\n---\n" + text
			s := read(t, data)
			if len(s.Items) != 3 {
				t.Fatalf("%d items, want 3", len(s.Items))
			}
			whole, err := manifest.Decode([]byte(text), 0)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range whole.Get("items").Items {
				it := s.Items[i+1]
				got, err := it.Decode()
				if err != nil {
					t.Fatal(err)
				}
				if !manifest.Equal(got, want) {
					t.Errorf("element %d is read as another one:\n%s", i, it.Bytes())
				}
				if head, err := it.Head(); err != nil || head.Kind != want.Get("kind").Text() {
					t.Errorf("head %+v, %v", head, err)
				}
				if it.Index() != 1 {
					t.Errorf("index %d, want that of the document", it.Index())
				}
				first, _, _ := strings.Cut(string(it.Bytes()), "\n")
				if line := strings.Split(data, "\n")[it.Line()-1]; !strings.Contains(line, first) {
					t.Errorf("line %d is %q, which lacks %q", it.Line(), line, first)
				}
			}
			last := s.Items[2]
			before := last.Bytes()
			last.Replace(bytes.Replace(before, []byte("kind"), []byte("k1nd"), 1))
			var out bytes.Buffer
			if _, err := s.WriteTo(&out); err != nil {
				t.Fatal(err)
			}
			at := strings.LastIndex(data, string(before)) + bytes.Index(before, []byte("kind"))
			if want := data[:at] + "k1nd" + data[at+4:]; out.String() != want {
				t.Errorf("written:\n%s\nwant:\n%s", &out, want)
			}
		})
	}
}

// TestListAsAWhole: where elements may depend on the list, or the list on one of
// them, it is one item.
func TestListAsAWhole(t *testing.T) {
	const pods = "- {apiVersion: v1, kind: Pod}\n- {apiVersion: v1, kind: Pod}\n"
	for name, text := range map[string]string{
		"an anchor":              "apiVersion: v1\nkind: List\nitems:\n- &a {apiVersion: v1, kind: Pod}\n- *a\n",
		"an element has no kind": "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1}\n- {apiVersion: v1, kind: Pod}\n",
		"a list of one kind":     "apiVersion: v1\nkind: PodList\nitems:\n- {metadata: {name: a}}\n- {metadata: {name: b}}\n",
		"items twice":            "apiVersion: v1\nkind: List\nitems:\n" + pods + "items:\n" + pods,
		"kind twice":             "apiVersion: v1\nkind: List\nkind: List\nitems:\n" + pods,
		"kind twice in one":      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, kind: Job}\n- {apiVersion: v1, kind: Pod}\n",
		"an element is text":     "apiVersion: v1\nkind: List\nitems:\n- a\n- b\n",
		"another List":           "apiVersion: example.com/v1\nkind: List\nitems:\n" + pods,
		"a tag":                  "apiVersion: v1\nkind: !!str List\nitems:\n" + pods,
		"empty":                  "apiVersion: v1\nkind: List\nitems: []\n",
	} {
		t.Run(name, func(t *testing.T) {
			if s := read(t, text); len(s.Items) != 1 || string(s.Items[0].Bytes()) != text {
				t.Errorf("%d items", len(s.Items))
			}
		})
	}
}

func read(t *testing.T, text string) *manifest.Stream {
	t.Helper()
	s, err := manifest.ReadStream("a.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
