package cluster_test

import (
	"fmt"
	"testing"

	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/cel/openapi/resolver"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// TestTypeChecks: the controller of a cluster that compares expressions with the
// schemas of all kinds they are for has nothing to warn of.
func TestTypeChecks(t *testing.T) {
	s := start(t)
	client, err := discovery.NewDiscoveryClientForConfig(&rest.Config{
		Host: s.url, BearerToken: token, TLSClientConfig: rest.TLSClientConfig{Insecure: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := restmapper.GetAPIGroupResources(client)
	if err != nil {
		t.Fatal(err)
	}
	checker := validating.TypeChecker{
		SchemaResolver: &resolver.ClientDiscoveryResolver{Discovery: client}, RestMapper: restmapper.NewDiscoveryRESTMapper(groups),
	}
	r := newRandom(2)
	for i := range 6 {
		g := exported(t, r.policy(fmt.Sprintf("p%d", i)))
		for _, w := range checker.Check(&g.validating) {
			t.Errorf("%s: %s", w.FieldRef, w.Warning)
		}
	}
	// A checker that never warns would prove nothing.
	g := exported(t, r.policy("wrong"))
	g.validating.Spec.Validations[0].Expression = "object.spec.noSuchField == 1"
	if len(checker.Check(&g.validating)) == 0 {
		t.Error("a field that no kind has is taken")
	}
}
