package convert_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/manifest"
)

// allowedUsers is a constraint with these parameters.
func allowedUsers(parameters string) string {
	return "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sPSPAllowedUsers\nmetadata: {name: a}\nspec: {parameters: " + parameters + "}\n"
}

// admits reports whether the converted constraint admits a pod spec.
func admits(t *testing.T, constraint, spec string) bool {
	t.Helper()
	stream := func(text string) *manifest.Stream {
		s, err := manifest.ReadStream("a.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	ps, err := engine.Policies(stream(convertText(t, constraint)).Items, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := engine.New(ps, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := p.Apply(context.Background(), stream("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: "+spec+"\n").Items)
	if err != nil {
		t.Fatal(err)
	}
	if outcome.Summary.Changed > 0 {
		t.Error("the constraint never changes a pod")
	}
	return outcome.Summary.Errors == 0
}

// The matrix of Gatekeeper's template for users and groups: the rules by what a
// pod and its containers say. Where this program decides otherwise on purpose,
// differs says why.
func TestGatekeeperMatrix(t *testing.T) {
	const (
		inRange = "150"
		outside = "250"
		ranges  = "ranges: [{min: 100, max: 200}, {min: 300, max: 400}]"
	)
	container := func(sc string) string {
		return fmt.Sprintf("containers: [{name: a, image: registry.example/a, securityContext: {%s}}]", sc)
	}
	pod := func(sc, rest string) string { return fmt.Sprintf("{securityContext: {%s}, %s}", sc, rest) }
	only := func(sc string) string { return "{" + container(sc) + "}" }
	tests := []struct {
		name, parameters, spec string
		admits                 bool // by Gatekeeper
		differs                string
	}{
		{name: "user: no parameters", parameters: "{}", spec: only("runAsUser: 0"), admits: true},
		{name: "user: any, unset", parameters: "{runAsUser: {rule: RunAsAny}}", spec: only(""), admits: true},
		{name: "user: any, root", parameters: "{runAsUser: {rule: RunAsAny}}", spec: only("runAsUser: 0"), admits: true},

		{name: "user: non-root, unset", parameters: "{runAsUser: {rule: MustRunAsNonRoot}}", spec: only(""), admits: false},
		{name: "user: non-root, root", parameters: "{runAsUser: {rule: MustRunAsNonRoot}}", spec: only("runAsUser: 0"), admits: false},
		{name: "user: non-root, a user", parameters: "{runAsUser: {rule: MustRunAsNonRoot}}", spec: only("runAsUser: 1"), admits: true},
		{name: "user: non-root, runAsNonRoot", parameters: "{runAsUser: {rule: MustRunAsNonRoot}}", spec: only("runAsNonRoot: true"), admits: true},
		{name: "user: non-root, runAsNonRoot and root", parameters: "{runAsUser: {rule: MustRunAsNonRoot}}", spec: only("runAsNonRoot: true, runAsUser: 0"), admits: false},
		{name: "user: non-root, runAsNonRoot of the pod", parameters: "{runAsUser: {rule: MustRunAsNonRoot}}", spec: pod("runAsNonRoot: true", container("")), admits: true},
		{name: "user: non-root, a user of the pod", parameters: "{runAsUser: {rule: MustRunAsNonRoot}}", spec: pod("runAsUser: 1", container("")), admits: true},
		{name: "user: non-root, root of the pod", parameters: "{runAsUser: {rule: MustRunAsNonRoot}}", spec: pod("runAsUser: 0", container("")), admits: false},
		{name: "user: non-root, root of the pod overridden", parameters: "{runAsUser: {rule: MustRunAsNonRoot}}", spec: pod("runAsUser: 0", container("runAsUser: 1")), admits: true},
		{name: "user: non-root, runAsNonRoot false", parameters: "{runAsUser: {rule: MustRunAsNonRoot}}", spec: only("runAsNonRoot: false"), admits: false},
		{
			name: "user: non-root, runAsNonRoot false and a user", parameters: "{runAsUser: {rule: MustRunAsNonRoot}}", spec: only("runAsNonRoot: false, runAsUser: 1"), admits: true,
			differs: "runAsNonRoot: false asks for what the rule forbids",
		},

		{name: "user: in a range", parameters: "{runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: only("runAsUser: " + inRange), admits: true},
		{name: "user: in the second range", parameters: "{runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: only("runAsUser: 400"), admits: true},
		{name: "user: at the lower bound", parameters: "{runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: only("runAsUser: 100"), admits: true},
		{name: "user: outside", parameters: "{runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: only("runAsUser: " + outside), admits: false},
		{name: "user: required, unset", parameters: "{runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: only(""), admits: false},
		{name: "user: the pod's, in a range", parameters: "{runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: pod("runAsUser: "+inRange, container("")), admits: true},
		{name: "user: the pod's, outside", parameters: "{runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: pod("runAsUser: "+outside, container("")), admits: false},
		{name: "user: the pod's outside, overridden", parameters: "{runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: pod("runAsUser: "+outside, container("runAsUser: "+inRange)), admits: true},
		{name: "user: the container's outside", parameters: "{runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: pod("runAsUser: "+inRange, container("runAsUser: "+outside)), admits: false},
		{name: "user: one of two outside", parameters: "{runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: "{containers: [{name: a, securityContext: {runAsUser: 150}}, {name: b, securityContext: {runAsUser: 250}}]}", admits: false},
		{name: "user: an init container outside", parameters: "{runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: "{containers: [{name: a, securityContext: {runAsUser: 150}}], initContainers: [{name: b, securityContext: {runAsUser: 250}}]}", admits: false},
		{name: "user: an ephemeral container outside", parameters: "{runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: "{containers: [{name: a, securityContext: {runAsUser: 150}}], ephemeralContainers: [{name: b, securityContext: {runAsUser: 250}}]}", admits: false},

		{name: "group: required, unset", parameters: "{runAsGroup: {rule: MustRunAs, " + ranges + "}}", spec: only(""), admits: false},
		{name: "group: in a range", parameters: "{runAsGroup: {rule: MustRunAs, " + ranges + "}}", spec: only("runAsGroup: " + inRange), admits: true},
		{name: "group: outside", parameters: "{runAsGroup: {rule: MustRunAs, " + ranges + "}}", spec: only("runAsGroup: " + outside), admits: false},
		{name: "group: may, unset", parameters: "{runAsGroup: {rule: MayRunAs, " + ranges + "}}", spec: only(""), admits: true},
		{name: "group: may, in a range", parameters: "{runAsGroup: {rule: MayRunAs, " + ranges + "}}", spec: only("runAsGroup: " + inRange), admits: true},
		{name: "group: may, outside", parameters: "{runAsGroup: {rule: MayRunAs, " + ranges + "}}", spec: only("runAsGroup: " + outside), admits: false},
		{name: "group: may, the pod's outside", parameters: "{runAsGroup: {rule: MayRunAs, " + ranges + "}}", spec: pod("runAsUser: 1, runAsGroup: "+outside, container("")), admits: false},
		{name: "group: any, root", parameters: "{runAsGroup: {rule: RunAsAny}}", spec: only("runAsGroup: 0"), admits: true},

		{name: "supplemental: required, unset", parameters: "{supplementalGroups: {rule: MustRunAs, " + ranges + "}}", spec: only(""), admits: false},
		{name: "supplemental: in ranges", parameters: "{supplementalGroups: {rule: MustRunAs, " + ranges + "}}", spec: pod("supplementalGroups: [150, 350]", container("")), admits: true},
		{name: "supplemental: one outside", parameters: "{supplementalGroups: {rule: MustRunAs, " + ranges + "}}", spec: pod("supplementalGroups: [150, 250]", container("")), admits: false},
		{name: "supplemental: may, unset", parameters: "{supplementalGroups: {rule: MayRunAs, " + ranges + "}}", spec: only(""), admits: true},
		{name: "supplemental: may, outside", parameters: "{supplementalGroups: {rule: MayRunAs, " + ranges + "}}", spec: pod("supplementalGroups: [250]", container("")), admits: false},

		{name: "fsGroup: required, unset", parameters: "{fsGroup: {rule: MustRunAs, " + ranges + "}}", spec: only(""), admits: false},
		{name: "fsGroup: in a range", parameters: "{fsGroup: {rule: MustRunAs, " + ranges + "}}", spec: pod("fsGroup: "+inRange, container("")), admits: true},
		{name: "fsGroup: outside", parameters: "{fsGroup: {rule: MustRunAs, " + ranges + "}}", spec: pod("fsGroup: "+outside, container("")), admits: false},
		{name: "fsGroup: may, unset", parameters: "{fsGroup: {rule: MayRunAs, " + ranges + "}}", spec: only(""), admits: true},
		{name: "fsGroup: may, outside", parameters: "{fsGroup: {rule: MayRunAs, " + ranges + "}}", spec: pod("fsGroup: "+outside, container("")), admits: false},

		{name: "exempt: this image", parameters: "{exemptImages: [registry.example/a], runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: only("runAsUser: 0"), admits: true},
		{name: "exempt: by prefix", parameters: "{exemptImages: ['registry.example/*'], runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: only("runAsUser: 0"), admits: true},
		{name: "exempt: another image", parameters: "{exemptImages: [registry.example/b], runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: only("runAsUser: 0"), admits: false},
		{name: "exempt: the pod's groups, of none but exempt images", parameters: "{exemptImages: [registry.example/a], fsGroup: {rule: MustRunAs, " + ranges + "}, supplementalGroups: {rule: MustRunAs, " + ranges + "}}", spec: pod("fsGroup: "+outside, container("")), admits: true},
		{name: "exempt: no groups at all, of none but exempt images", parameters: "{exemptImages: [registry.example/a], fsGroup: {rule: MustRunAs, " + ranges + "}, supplementalGroups: {rule: MustRunAs, " + ranges + "}}", spec: only(""), admits: true},
		{name: "exempt: the pod's fsGroup, of one image that is not", parameters: "{exemptImages: [registry.example/a], fsGroup: {rule: MayRunAs, " + ranges + "}}", spec: "{securityContext: {fsGroup: 250}, containers: [{name: a, image: registry.example/a}, {name: b, image: registry.example/b}]}", admits: false},
		{name: "exempt: supplemental groups, of one image that is not", parameters: "{exemptImages: [registry.example/a], supplementalGroups: {rule: MustRunAs, " + ranges + "}}", spec: "{containers: [{name: a, image: registry.example/a}, {name: b, image: registry.example/b}]}", admits: false},
		{name: "exempt: the pod's user, which only an exempt image inherits", parameters: "{exemptImages: [registry.example/a], runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: "{securityContext: {runAsUser: 250}, containers: [{name: a, image: registry.example/a}, {name: b, image: registry.example/b, securityContext: {runAsUser: 150}}]}", admits: true},
		{name: "exempt: the pod's user, which another image inherits", parameters: "{exemptImages: [registry.example/a], runAsUser: {rule: MustRunAs, " + ranges + "}}", spec: "{securityContext: {runAsUser: 250}, containers: [{name: a, image: registry.example/a}, {name: b, image: registry.example/b}]}", admits: false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.admits != (tt.differs != "")
			if got := admits(t, allowedUsers(tt.parameters), tt.spec); got != want {
				t.Errorf("admits = %v, want %v; Gatekeeper: %v %s", got, want, tt.admits, tt.differs)
			}
		})
	}
}
