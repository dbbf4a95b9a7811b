package policykind_test

import (
	"slices"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/policykind"
)

func TestGroups(t *testing.T) {
	t.Parallel()
	for _, k := range policykind.All() {
		want := map[string][]string{
			policykind.ConfigMap:         {""},
			policykind.PodSecurityPolicy: {"policy", "extensions"},
			policykind.AdmissionPolicy:   {"policies.kubewarden.io"},
		}[k.Name]
		if want != nil && !slices.Equal(k.Groups(), want) {
			t.Errorf("%s: groups %q, want %q", k.Name, k.Groups(), want)
		}
	}
}
