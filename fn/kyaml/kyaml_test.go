package kyaml_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/fn/kyaml"
	"github.com/usergroup-dev/usergroup/internal/fntest"
)

const service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a # kept\n"

// pipeline runs the filter in a kio.Pipeline.
func pipeline(f *kyaml.Filter, objects ...string) (string, error) {
	var out strings.Builder
	err := kio.Pipeline{
		Inputs:  []kio.Reader{&kio.ByteReader{Reader: strings.NewReader(strings.Join(objects, "---\n")), OmitReaderAnnotations: true}},
		Filters: []kio.Filter{f},
		Outputs: []kio.Writer{kio.ByteWriter{Writer: &out}},
	}.Execute()
	return out.String(), err
}

func TestFilter(t *testing.T) {
	f := &kyaml.Filter{Config: yaml.MustParse(fntest.Policy)}
	got, err := pipeline(f, fntest.Unset, service)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fntest.Fixed+"---\n"+service, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(f.Results) != 1 {
		t.Errorf("results %v, want a change", f.Results)
	}
}

func TestFilterFindings(t *testing.T) {
	f := &kyaml.Filter{Config: yaml.MustParse(fntest.Policy)}
	got, err := pipeline(f, fntest.Unset, fntest.Root)
	if !errors.Is(err, kyaml.ErrFindings) || !strings.Contains(err.Error(), "runAsUser must be in 1000-1999, is 0") {
		t.Errorf("error %v", err)
	}
	if got != "" {
		t.Errorf("written although a finding is an error:\n%s", got)
	}
	if len(f.Results) != 2 {
		t.Errorf("results %v, want a change and a finding", f.Results)
	}
}

func TestFilterBadConfig(t *testing.T) {
	bad := yaml.MustParse(strings.Replace(fntest.Policy, "rule: MustRunAs", "rule: MustRun", 1))
	for _, f := range []*kyaml.Filter{{}, {Config: bad}} {
		if _, err := pipeline(f, fntest.Unset); !errors.Is(err, config.ErrConfig) {
			t.Errorf("error %v, want one of the configuration", err)
		}
	}
}

func TestFilterNoOutput(t *testing.T) {
	f := &kyaml.Filter{Config: yaml.MustParse(fntest.Policy + "  output: none\n")}
	if got, err := pipeline(f, fntest.Fixed); got != "" || err != nil {
		t.Errorf("%v, written although output is none:\n%s", err, got)
	}
}
