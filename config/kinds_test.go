package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/internal/convert"
	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/internal/workload"
)

// TestKindsShown: the documentation shows each kind of policy, or one that is said to
// be the same, and so do the scenarios.
func TestKindsShown(t *testing.T) {
	for where, patterns := range map[string][]string{
		"docs":            {"../docs/policy.md", "../docs/dialects/*.md", "../docs/guides/*.md"},
		"testdata/script": {"../testdata/script/*.txtar"},
	} {
		var text strings.Builder
		for _, pattern := range patterns {
			paths, err := filepath.Glob(pattern)
			if err != nil || len(paths) == 0 {
				t.Fatalf("%s: no files, %v", pattern, err)
			}
			for _, path := range paths {
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				text.Write(data)
			}
		}
		for _, k := range policykind.All() {
			if !slices.ContainsFunc(policykind.All(), func(other policykind.Kind) bool {
				return other.Says == k.Says && shows(text.String(), other)
			}) {
				t.Errorf("%s shows no %s", where, k.Name)
			}
		}
	}
}

// shows reports whether a text has an object of the kind in one of its versions.
func shows(text string, k policykind.Kind) bool {
	return slices.ContainsFunc(k.APIVersions, func(v string) bool {
		return strings.Contains(text, fmt.Sprintf("apiVersion: %s\nkind: %s\n", v, k.Name))
	})
}

// TestKinds: for each kind of policy there is a decoder or, where it is only
// converted, a translation, and an item of the kind is not a workload.
func TestKinds(t *testing.T) {
	for _, k := range policykind.All() {
		for _, version := range k.APIVersions {
			_, err := decode(t, fmt.Sprintf("apiVersion: %s\nkind: %s\n", version, k.Name))
			if known := err == nil || !strings.Contains(err.Error(), "is not a supported policy"); known == k.Convert {
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
