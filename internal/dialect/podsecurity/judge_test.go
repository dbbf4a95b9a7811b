package podsecurity

import (
	"slices"
	"testing"

	psa "k8s.io/pod-security-admission/policy"
)

// TestChecks demands a row for each check of the library, and none besides.
func TestChecks(t *testing.T) {
	var want, got []string
	for _, c := range psa.DefaultChecks() {
		want = append(want, string(c.ID))
	}
	for _, c := range checks {
		got = append(got, string(c.id))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("rows\n%q\nwant those of the library\n%q", got, want)
	}
}
