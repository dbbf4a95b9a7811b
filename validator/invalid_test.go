package validator_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/validator"
)

// TestNoRanges: a policy that a program has made without ranges is reported and
// judges nothing, whichever field it is.
func TestNoRanges(t *testing.T) {
	t.Parallel()
	for _, r := range []policy.Rule{policy.MustRunAs, policy.MayRunAs} {
		s := policy.Strategy{Rule: r}
		for field, p := range map[string]policy.Policy{
			"runAsUser": {RunAsUser: s}, "runAsGroup": {RunAsGroup: s}, "supplementalGroups": {SupplementalGroups: s}, "fsGroup": {FSGroup: s},
		} {
			got := validator.Evaluate(&p, validator.Subject{Pod: newPod(ctr("web"))})
			if len(got) != 1 || got[0].Reason != policy.NotEvaluated || got[0].Severity != policy.Error || len(got[0].Fix) > 0 {
				t.Errorf("%s %s: %+v", field, r, got)
			}
		}
	}
}
