// Package readers reads manifests as the programs on their way to a cluster do, for
// tests of what those see.
package readers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
	kjson "k8s.io/apimachinery/pkg/util/json"
	kyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/yaml"
)

// Reader is a program that reads manifests. It returns what it has read before an
// error, too: that may be in the cluster by then.
type Reader struct {
	Name string
	Read func(text string) ([]Document, error)
}

// OfFiles read files.
var OfFiles = []Reader{{"kubectl", kubectl}, {"the API server", apiServer}, {"kustomize", kustomize}}

// OfLists read the items of ResourceLists: hosts of functions, with their library and
// with go-yaml v2.
var OfLists = []Reader{{"kustomize", kustomize}, {"go-yaml v2", itemsV2}}

// kubectl reads a file as cli-runtime does: Lists are flattened, and objects that
// are wrong do not keep the others from the cluster.
func kubectl(text string) (docs []Document, err error) {
	r := transform.NewReader(strings.NewReader(text), unicode.BOMOverride(unicode.UTF8.NewDecoder()))
	dec := kyaml.NewYAMLOrJSONDecoder(r, 4096)
	var errs []error
	for {
		var raw runtime.RawExtension
		if err := dec.Decode(&raw); errors.Is(err, io.EOF) {
			return docs, errors.Join(errs...)
		} else if err != nil {
			return docs, err
		}
		if data := bytes.TrimSpace(raw.Raw); len(data) > 0 && string(data) != "null" {
			found, err := flatten(data)
			docs, errs = append(docs, found...), append(errs, err)
		}
	}
}

// flatten reads an object, or the objects of a list.
func flatten(data []byte) (docs []Document, err error) {
	obj, _, err := unstructured.UnstructuredJSONScheme.Decode(data, nil, nil)
	if err != nil {
		return nil, err
	}
	list, ok := obj.(*unstructured.UnstructuredList)
	if !ok {
		return []Document{{JSON: data}}, nil
	}
	var errs []error
	for _, it := range list.Items {
		data, err := json.Marshal(it.Object)
		if err != nil {
			return docs, err
		}
		found, err := flatten(data)
		docs, errs = append(docs, found...), append(errs, err)
	}
	return docs, errors.Join(errs...)
}

// apiServer reads a file that is sent to it as it is.
func apiServer(text string) ([]Document, error) {
	s := serializer.NewSerializerWithOptions(serializer.DefaultMetaFactory, scheme, scheme, serializer.SerializerOptions{Yaml: true})
	obj, _, err := s.Decode([]byte(text), nil, nil)
	if err != nil {
		return nil, err
	}
	return []Document{{Object: obj}}, nil
}

// kustomize reads a file or a ResourceList as kyaml does, whose objects go to the
// cluster as JSON.
func kustomize(text string) (docs []Document, err error) {
	defer func() { // kyaml does not expect all
		if r := recover(); r != nil {
			docs, err = nil, fmt.Errorf("panic: %v", r)
		}
	}()
	nodes, err := (&kio.ByteReader{Reader: strings.NewReader(text), OmitReaderAnnotations: true}).Read()
	if err != nil {
		return nil, err
	}
	for _, n := range nodes {
		data, err := n.MarshalJSON()
		if err != nil {
			return nil, err
		}
		if found, err := flatten(data); err == nil {
			docs = append(docs, found...)
		} else {
			docs = append(docs, Document{JSON: data})
		}
	}
	return docs, nil
}

// itemsV2 reads the items of a ResourceList with go-yaml v2.
func itemsV2(text string) (docs []Document, err error) {
	var list struct {
		Items []json.RawMessage `json:"items"`
	}
	data, err := yaml.YAMLToJSON([]byte(text))
	if err == nil {
		err = kjson.Unmarshal(data, &list)
	}
	for _, it := range list.Items {
		docs = append(docs, Document{JSON: it})
	}
	return docs, err
}
