package config_test

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/config"
)

// Policies of several dialects in one text.
func ExampleParse() {
	policies, err := config.Parse([]byte(`apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: ids}
spec:
  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}, {min: 3000, max: 3999}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: groups}
data:
  run_as_group: '{rule: MayRunAs, ranges: [{min: 2000, max: 2999}]}'
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range policies {
		fmt.Printf("%s %s: user %q in %q, group %q in %q\n", p.Dialect, p.Name,
			p.RunAsUser.Rule, p.RunAsUser.Ranges, p.RunAsGroup.Rule, p.RunAsGroup.Ranges)
	}
	// Output:
	// UserGroupPolicy ids: user "MustRunAs" in "1000-1999, 3000-3999", group "" in ""
	// ConfigMap groups: user "" in "", group "MayRunAs" in "2000-2999"
}

// All that is wrong is said at once, with the field and the line of each.
func ExampleParse_errors() {
	_, err := config.Parse([]byte(`apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: ids}
spec:
  runAsUser: {rule: MustRunAs, range: [{min: 1000, max: 1999}]}
  mode: warn
`))
	fmt.Println(err)
	// Output:
	// spec.runAsUser.ranges: must hold at least one range for MustRunAs (line 5)
	// spec.runAsUser.range: unknown field, did you mean "ranges" (line 5)
	// spec.mode: must be Enforce, Warn or Audit, is "warn", did you mean "Warn" (line 6)
}
