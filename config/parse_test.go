package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/config"
)

func TestParse(t *testing.T) {
	const one = `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: a}
spec:
  runAsUser: {rule: MustRunAsNonRoot}
`
	for _, tt := range []struct {
		name, text string
		names, err string
	}{
		{"one", one, "a", ""},
		{"two", one + "---\n" + strings.Replace(one, "name: a", "name: b", 1), "a b", ""},
		{"JSON", `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"run_as_user": "{rule: MustRunAsNonRoot}"}}`, "c", ""},
		{"nothing", "", "", "no policy: the text has no documents"},
		{"a comment", "# nothing\n", "", "no policy: the text has no documents"},
		{"no YAML", "a: [", "", "line 1"},
		{"a rule that is none", strings.Replace(one, "NonRoot", "", 1) + "---\n" + strings.Replace(one, "spec", "specs", 1), "", "MustRunAs (line 5)\nspec: is required (line 7)"},
		{"no policy", "apiVersion: v1\nkind: Secret\n", "", "is not a supported policy"},
	} {
		ps, err := config.Parse([]byte(tt.text))
		var names []string
		for _, p := range ps {
			names = append(names, p.Name)
			if err := p.Validate(); err != nil {
				t.Errorf("%s: decoded to a policy that is not valid: %v", tt.name, err)
			}
		}
		if got := strings.Join(names, " "); got != tt.names {
			t.Errorf("%s: policies %q, want %q", tt.name, got, tt.names)
		}
		if (err != nil) != (tt.err != "") || err != nil && (!errors.Is(err, config.ErrConfig) || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
}
