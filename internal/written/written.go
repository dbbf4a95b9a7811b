// Package written says what policies write, for those who look for two that write
// different values to one field.
package written

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/policy"
)

// Field is a field that two policies may both write.
type Field struct {
	Name string
	Of   func(*policy.Policy) policy.Strategy
	Pod  bool // whether the field is the pod's alone
}

// Fields returns the fields that policies write.
func Fields() []Field {
	return []Field{
		{"runAsUser", func(p *policy.Policy) policy.Strategy { return p.RunAsUser }, false},
		{"runAsGroup", func(p *policy.Policy) policy.Strategy { return p.RunAsGroup }, false},
		{"supplementalGroups", func(p *policy.Policy) policy.Strategy { return p.SupplementalGroups }, true},
		{"fsGroup", func(p *policy.Policy) policy.Strategy { return p.FSGroup }, true},
	}
}

// By says what a strategy does to an unset field or to one that is in its way: "write
// 1000", "remove it", "" for nothing.
func By(s policy.Strategy) string {
	switch {
	case s.Rule == policy.MustBeUnset:
		return "remove it"
	case s.Rule != policy.MustRunAs:
		return ""
	}
	value := "the first id of the Namespace's range"
	if len(s.Ranges) > 0 {
		value = fmt.Sprint(s.Ranges.Default())
	}
	if s.DefaultFrom == policy.DefaultFromImage {
		value = "the image's own, else " + value
	}
	return "write " + value
}
