package imagepolicy_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/usergroup-dev/usergroup/policy"
)

// TestDeadline is the package's last test, because what it stops runs on. It stops a policy of 24 disjunctions that are multiplied with one
// another where the object says so, and refuses the next evaluation at once.
func TestDeadline(t *testing.T) {
	if testing.Short() {
		t.Skip("takes as long as the deadline")
	}
	var b bytes.Buffer
	b.WriteString("spec: {hostNetwork: *false | bool, if hostNetwork {x: {y: 1}")
	for i := range 24 {
		fmt.Fprintf(&b, " & ({x%d: 1} | {x%d: 2})", i, i)
	}
	b.WriteString("}}")
	p := decode(t, clusterImagePolicy(b.String()))
	if got := evaluate(t, p, pod("{containers: [{name: web, image: web}]}")); got != nil {
		t.Fatalf("without hostNetwork there is nothing to multiply, got %+v", got)
	}
	const want = `policy "no-root" was not evaluated: stopped after 3s`
	for i := range 2 {
		start := time.Now()
		got := evaluate(t, p, pod("{hostNetwork: true, containers: [{name: web, image: web}]}"))
		if len(got) != 1 || got[0].Message != want || got[0].Severity != policy.Error {
			t.Fatalf("got %+v, want the error %q", got, want)
		}
		if took := time.Since(start); i > 0 && took > time.Second {
			t.Errorf("the second evaluation took %v", took)
		}
	}
}
