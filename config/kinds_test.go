package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/internal/convert"
	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/internal/workload"
)

// TestKinds: for each kind of policy there is a decoder or, where it is only
// converted, a translation, and an item of the kind is not a workload.
func TestKinds(t *testing.T) {
	for _, k := range policykind.All() {
		for _, version := range k.APIVersions {
			_, err := decode(t, fmt.Sprintf("apiVersion: %s\nkind: %s\n", version, k.Name))
			if known := err == nil || !strings.Contains(err.Error(), "is not a policy known here"); known == k.Convert {
				t.Errorf("%s of %s: decoded is %t, only converted is %t", k.Name, version, known, k.Convert)
			}
			ignored := workload.Builtin().Classify(version, k.Name) == workload.Ignored
			if k.Item && !ignored || config.IsPolicy(version, k.Name) != k.Item {
				t.Errorf("%s of %s: a policy among the items is %t, IsPolicy is %t, ignored is %t",
					k.Name, version, k.Item, config.IsPolicy(version, k.Name), ignored)
			}
		}
		if k.Convert && !convert.Converts(k) {
			t.Errorf("%s is neither decoded nor converted", k.Name)
		}
	}
}
