package policy_test

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/policy"
)

// A policy made in Go may be one that cannot be followed.
func ExamplePolicy_Validate() {
	p := policy.Policy{
		Name:       "ids",
		RunAsUser:  policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 1000, Max: 1999}}},
		RunAsGroup: policy.Strategy{Rule: policy.MayRunAs},
		FSGroup:    policy.Strategy{Rule: policy.MustRunAsNonRoot},
	}
	fmt.Println(p.Validate())
	fmt.Println(p.RunAsUser.Ranges, p.RunAsUser.Ranges.Contain(0), p.RunAsUser.Ranges.Default())
	// Output:
	// runAsGroup.ranges: must hold at least one range for MayRunAs
	// fsGroup.rule: must be one of MustRunAs, MayRunAs, RunAsAny, MustBeUnset, is "MustRunAsNonRoot"
	// 1000-1999 false 1000
}
