package validator_test

import (
	"fmt"
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/validator"
)

func BenchmarkEvaluate(b *testing.B) {
	p := policy.Policy{RunAsUser: must, RunAsGroup: must, SupplementalGroups: must, FSGroup: must}
	many := newPod()
	for i := range 10_000 {
		ctr(fmt.Sprintf("c%d", i))(many)
	}
	for _, bb := range []struct {
		name string
		pod  *podspec.Pod
	}{
		{"compliant", newPod(onPod(user(1000), group(1000)), groups(1000), fsGroup(1000), ctr("web"), ctr("log"))},
		{"nothing set", newPod(ctr("web"), ctr("log"))},
		{"10000 containers", many},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				validator.Evaluate(&p, validator.Subject{Pod: bb.pod})
			}
		})
	}
}
