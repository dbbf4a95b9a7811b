package podspec_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/podspec"
)

// The three states of a field, with a value that tells where it was taken from.
var (
	unset        = podspec.Value[int64]{}
	ofContainer  = podspec.Value[int64]{State: podspec.Set, V: 1, Raw: "1"}
	ofPod        = podspec.Value[int64]{State: podspec.Set, V: 2, Raw: "2"}
	zero         = podspec.Value[int64]{State: podspec.Set, V: 0, Raw: "0"}
	badContainer = podspec.Value[int64]{State: podspec.Invalid, Raw: "x", Problem: &podspec.Problem{Code: podspec.InvalidType}}
	badPod       = podspec.Value[int64]{State: podspec.Invalid, Raw: "y", Problem: &podspec.Problem{Code: podspec.InvalidID}}
)

func TestEffective(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		container, pod podspec.Value[int64]
		want           podspec.Value[int64]
		from           podspec.Origin
	}{
		{"unset everywhere", unset, unset, unset, podspec.FromNowhere},
		{"its own", ofContainer, unset, ofContainer, podspec.FromContainer},
		{"its own before the pod's", ofContainer, ofPod, ofContainer, podspec.FromContainer},
		{"its own 0 before the pod's", zero, ofPod, zero, podspec.FromContainer},
		{"the pod's", unset, ofPod, ofPod, podspec.FromPod},
		{"the pod's 0", unset, zero, zero, podspec.FromPod},
		{"an invalid one is not hidden by the pod's", badContainer, ofPod, badContainer, podspec.FromContainer},
		{"an invalid one of the pod", unset, badPod, badPod, podspec.FromPod},
		{"an invalid one of the pod, overridden", ofContainer, badPod, ofContainer, podspec.FromContainer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var p podspec.Pod
			var c podspec.Container
			p.RunAsUser, c.RunAsUser = tt.pod, tt.container
			if got, from := p.EffectiveUser(&c); !cmp.Equal(got, tt.want) || from != tt.from {
				t.Errorf("user: got %+v from %q", got, from)
			}
			if got, from := p.EffectiveGroup(&c); !cmp.Equal(got, unset) || from != podspec.FromNowhere {
				t.Errorf("group, which is its own field: got %+v from %q", got, from)
			}
			p, c = podspec.Pod{}, podspec.Container{}
			p.RunAsGroup, c.RunAsGroup = tt.pod, tt.container
			if got, from := p.EffectiveGroup(&c); !cmp.Equal(got, tt.want) || from != tt.from {
				t.Errorf("group: got %+v from %q", got, from)
			}
		})
	}
}

func TestEffectiveNonRoot(t *testing.T) {
	t.Parallel()
	yes := podspec.Value[bool]{State: podspec.Set, V: true}
	no := podspec.Value[bool]{State: podspec.Set}
	for _, tt := range []struct {
		name           string
		container, pod podspec.Value[bool]
		want           podspec.Value[bool]
		from           podspec.Origin
	}{
		{"unset everywhere", podspec.Value[bool]{}, podspec.Value[bool]{}, podspec.Value[bool]{}, podspec.FromNowhere},
		{"false before the pod's true", no, yes, no, podspec.FromContainer},
		{"true before the pod's false", yes, no, yes, podspec.FromContainer},
		{"the pod's false", podspec.Value[bool]{}, no, no, podspec.FromPod},
	} {
		var p podspec.Pod
		var c podspec.Container
		p.RunAsNonRoot, c.RunAsNonRoot = tt.pod, tt.container
		if got, from := p.EffectiveNonRoot(&c); !cmp.Equal(got, tt.want) || from != tt.from {
			t.Errorf("%s: got %+v from %q", tt.name, got, from)
		}
	}
}

func TestContainerKind(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind         podspec.ContainerKind
		name, fields string
	}{
		{podspec.InitContainer, "init container", "initContainers"},
		{podspec.RegularContainer, "container", "containers"},
		{podspec.EphemeralContainer, "ephemeral container", "ephemeralContainers"},
	} {
		if tt.kind.String() != tt.name || tt.kind.Field() != tt.fields {
			t.Errorf("got %q in %q, want %q in %q", tt.kind, tt.kind.Field(), tt.name, tt.fields)
		}
	}
}

func TestEditEqual(t *testing.T) {
	t.Parallel()
	at := podspec.Field("spec", "securityContext", "fsGroup")
	put := func(v any) podspec.Edit { return podspec.Edit{Path: at, Value: v} }
	for _, tt := range []struct {
		name string
		a, b podspec.Edit
		want bool
	}{
		{"the same id", put(int64(1)), put(int64(1)), true},
		{"another id", put(int64(1)), put(int64(2)), false},
		{"another type", put(int64(1)), put("1"), false},
		{"the same list", put([]int64{1, 2}), put([]int64{1, 2}), true},
		{"another order", put([]int64{1, 2}), put([]int64{2, 1}), false},
		{"a list and an id", put([]int64{1}), put(int64(1)), false},
		{"an id and a list", put(int64(1)), put([]int64{1}), false},
		{"another place", put(true), podspec.Edit{Path: at.Key("x"), Value: true}, false},
		{"another operation", podspec.Edit{Op: podspec.Remove, Path: at}, put(nil), false},
		{"two removals", podspec.Edit{Op: podspec.Remove, Path: at}, podspec.Edit{Op: podspec.Remove, Path: at}, true},
	} {
		if got := tt.a.Equal(tt.b); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
}
