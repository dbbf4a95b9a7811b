package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/yaml"
)

// TestCatalog reads the catalog entries and looks for the examples that they name.
func TestCatalog(t *testing.T) {
	var definition framework.KRMFunctionDefinition
	loadStrict(t, "hosts/catalog/function.yaml", &definition)
	if got := definition.APIVersion + " " + definition.Kind; got != framework.FunctionDefinitionGroupVersion+" "+framework.FunctionDefinitionKind {
		t.Errorf("is %s", got)
	}
	var metadata struct {
		Image              string   `json:"image"`
		Description        string   `json:"description"`
		Tags               []string `json:"tags"`
		SourceURL          string   `json:"sourceURL"`
		ExamplePackageURLs []string `json:"examplePackageURLs"`
		Emails             []string `json:"emails"`
		License            string   `json:"license"`
		Hidden             bool     `json:"hidden"`
	}
	loadStrict(t, "hosts/catalog/metadata.yaml", &metadata)
	links := append(metadata.ExamplePackageURLs, definition.Spec.Versions[0].Examples...)
	links = append(links, definition.Spec.Versions[0].Usage)
	for _, link := range links {
		path, ok := strings.CutPrefix(link, metadata.SourceURL+"/tree/main/")
		if !ok {
			t.Errorf("%s is not below %s", link, metadata.SourceURL)
		}
		if _, err := os.Stat(filepath.Join(root, path)); err != nil {
			t.Error(err)
		}
	}
}

func loadStrict(t *testing.T, path string, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict([]byte(read(t, filepath.Join(root, path))), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
