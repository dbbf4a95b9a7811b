package manifest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	kyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/kustomize/kyaml/kio"

	"github.com/usergroup-dev/usergroup/manifest"
)

// TestRandomStreams: of a file that is accepted, kubectl and kustomize read the
// same documents, or refuse it.
func TestRandomStreams(t *testing.T) {
	pieces := []string{
		"a: 1", "b: x", "c: [d]", "e: |\n  f", "g: 'h", "'", "# i", "kind: Pod",
		"\n", "\n", "\n", "\n", "\r\n", "\r", "\u0085", "\u2028", "\u2029", " ", "\t", "\u00a0",
		"\n---\n", "\n---\n", "---", "\n---", "\n--- ", "\n--- # c\n", "\n---#\n", "\n...\n", "...", "\r---\n", "\u0085---\n", "\u2028---\r\n", "\r...\n", "\n%YAML 1.1\n", "{j: 1}", `{"k": 2}`, `{"k": 2}: `, "~",
	}
	r := rand.New(rand.NewPCG(7, 8))
	byKubectl, byKyaml := 0, 0
next:
	for range 40_000 {
		var b strings.Builder
		for range 1 + r.IntN(9) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		text := b.String()
		s, err := manifest.ReadStream("f.yaml", []byte(text))
		if err != nil {
			continue
		}
		ours := []string{}
		for _, it := range s.Items {
			n, err := it.Decode()
			if err != nil {
				t.Fatal(err)
			}
			v, err := n.JSON()
			if err != nil {
				continue next // readers disagree on a key
			}
			if v != nil {
				ours = append(ours, jsonText(v))
			}
		}
		if theirs, err := kubectlDocuments(text); err == nil {
			byKubectl++
			if diff := cmp.Diff(theirs, ours); diff != "" {
				t.Fatalf("%q (-kubectl +ours):\n%s", text, diff)
			}
		}
		if strings.Count(text, `{"k"`) > 1 {
			continue // kyaml reads the first of several JSON values
		}
		if theirs, err := kyamlDocuments(text); err == nil {
			byKyaml++
			if diff := cmp.Diff(theirs, ours); diff != "" {
				t.Fatalf("%q (-kyaml +ours):\n%s", text, diff)
			}
		}
	}
	if byKubectl < 500 || byKyaml < 500 {
		t.Errorf("compared %d and %d files", byKubectl, byKyaml)
	}
}

// kubectlDocuments reads a file as kubectl does.
func kubectlDocuments(text string) ([]string, error) {
	docs := []string{}
	dec := kyaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		var v any
		err := dec.Decode(&v)
		if v != nil {
			docs = append(docs, jsonText(v))
		}
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// kyamlDocuments reads a file as kustomize and kpt do.
func kyamlDocuments(text string) ([]string, error) {
	nodes, err := (&kio.ByteReader{Reader: bytes.NewBufferString(text), OmitReaderAnnotations: true, DisableUnwrapping: true}).Read()
	if err != nil {
		return nil, err
	}
	docs := []string{}
	for _, n := range nodes {
		var v any
		if err := n.YNode().Decode(&v); err != nil {
			return nil, err
		}
		docs = append(docs, jsonText(v))
	}
	return docs, nil
}

// jsonText is v without the line breaks at the end of texts: kubectl ends the last
// line of a document, and kyaml its documents.
func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	text := string(b)
	for strings.Contains(text, `\n"`) {
		text = strings.ReplaceAll(text, `\n"`, `"`)
	}
	return text
}
