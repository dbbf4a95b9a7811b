package cluster_test

import (
	"fmt"
	"testing"
)

// TestGeneratedNames: an object that the server is yet to name is judged as check
// judges it, by the names that it may get.
func TestGeneratedNames(t *testing.T) {
	s := start(t)
	var trials []*trial
	for i, pattern := range []string{
		"before-*", "*", "be*-*", "before-*x", "before-a*", "before-?????", "*-abcde", "before-", "before", "before-abcdef", "before-*abcdef", "after-*",
	} {
		for _, selector := range []string{"match: {names: ['%s'], ", "exclude: [{names: ['%s'], reason: x}], match: {"} {
			tr := &trial{name: fmt.Sprintf("p%d-%d", i, len(selector))}
			tr.policy = policyOf(t, tr.name, "{"+fmt.Sprintf(selector, pattern)+"labelSelector: {matchLabels: {for: "+tr.name+"}}}, runAsUser: {rule: MustRunAsNonRoot}, validateOnly: true}")
			tr.file = file(t, tr.policy)
			out, _ := usergroup(t, "", "convert", "--to", "admission", tr.file)
			tr.gate = objectsOf(t, out)
			pod := podOf(t, "x", "{containers: [{name: app, image: app}]}")
			pod["metadata"] = object{"namespace": "default", "generateName": "before-", "labels": object{"for": tr.name}}
			tr.objects = []object{pod}
			trials = append(trials, tr)
		}
	}
	s.install(t, trials, "Validating")
	refused := 0
	for _, tr := range trials {
		out, _ := usergroup(t, stream(t, tr.objects), "check", "-p", tr.file, "-o", "json", "-")
		errs := 0
		for _, of := range errorsOf(t, out) {
			errs += len(of)
		}
		a := s.dryRun(t, tr.objects[0])
		if a.accepted() != (errs == 0) {
			t.Errorf("check finds %d errors, the server says %d %s\n%s", errs, a.code, a.message, stream(t, []object{tr.policy}))
		}
		refused += min(errs, 1)
	}
	if refused < 10 || refused > len(trials)-3 {
		t.Errorf("%d of %d are refused", refused, len(trials))
	}
}
