package workload_test

import (
	"encoding/json"

	corev1 "k8s.io/api/core/v1"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/kustomize/kyaml/yaml"
	sigsyaml "sigs.k8s.io/yaml"
)

// A reader decodes a pod spec as one of the programs on the way to the cluster
// does.
type reader struct {
	name string
	read func(data []byte) (*corev1.PodSpec, error)
}

var readers = []reader{{"kubectl", kubectl}, {"kustomize", kustomize}}

// kubectl reads YAML 1.1 with go-yaml v2 and sends JSON, which the API server
// decodes with case-sensitive keys.
func kubectl(data []byte) (*corev1.PodSpec, error) {
	var generic map[string]any
	text, err := sigsyaml.YAMLToJSON(data)
	if err != nil {
		return nil, err
	}
	return throughJSON(text, &generic)
}

// kustomize reads YAML 1.2 with go-yaml v3.
func kustomize(data []byte) (*corev1.PodSpec, error) {
	var generic map[string]any
	if err := yaml.Unmarshal(data, &generic); err != nil {
		return nil, err
	}
	text, err := json.Marshal(generic)
	if err != nil {
		return nil, err
	}
	return throughJSON(text, &generic)
}

// throughJSON decodes JSON into an unstructured object and that into a pod
// spec, as kubectl and the API server do between them.
func throughJSON(text []byte, generic *map[string]any) (*corev1.PodSpec, error) {
	if err := kjson.Unmarshal(text, generic); err != nil {
		return nil, err
	}
	text, err := json.Marshal(*generic)
	if err != nil {
		return nil, err
	}
	spec := new(corev1.PodSpec)
	return spec, kjson.Unmarshal(text, spec)
}
