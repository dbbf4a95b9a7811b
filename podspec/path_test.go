package podspec_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
)

func TestPathString(t *testing.T) {
	t.Parallel()
	tests := []struct {
		path podspec.Path
		want string
	}{
		{nil, ""},
		{podspec.Field("spec"), "spec"},
		{podspec.Field("spec", "containers").Index(0).Key("securityContext", "runAsUser"), "spec.containers[0].securityContext.runAsUser"},
		{podspec.Path(nil).Index(3).Key("spec"), "[3].spec"},
		{podspec.Field("a").Index(1).Index(20), "a[1][20]"},
		{podspec.Field("metadata", "annotations", "usergroup.dev/applied"), `metadata.annotations["usergroup.dev/applied"]`},
		{podspec.Field("data", "a.b", "c d", `q"`, "*", "[0]"), `data["a.b"]["c d"]["q\""]["*"]["[0]"]`},
	}
	for _, tt := range tests {
		if got := tt.path.String(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

func TestPathShown(t *testing.T) {
	t.Parallel()
	long, cut := strings.Repeat("k", 1001), strings.Repeat("k", 1000)+"…"
	deep := podspec.Path(nil)
	for range 500 {
		deep = deep.Key(long).Index(1)
	}
	for _, tt := range []struct {
		path podspec.Path
		want string
	}{
		{podspec.Field("spec").Index(1), "spec[1]"},
		{podspec.Field("spec", long[1:]).Index(1), "spec." + long[1:] + "[1]"},
		{podspec.Field("spec", long).Index(1), "spec." + cut + "[1]"},
		{podspec.Field(strings.Repeat("é", 501)), strings.Repeat("é", 500) + "…"},
		{podspec.Field("a" + strings.Repeat("é", 500)), "a" + strings.Repeat("é", 499) + "…"},
	} {
		if got := tt.path.Shown().String(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	shown := deep.Shown().String()
	if !strings.HasPrefix(shown, cut+"[1]."+cut) || !strings.HasSuffix(shown, cut+"[1]") || !strings.Contains(shown, "].….") && !strings.Contains(shown, "….…") || len(shown) > 20_000 {
		t.Errorf("%d bytes: %.3000s", len(shown), shown)
	}
	if len(deep) != 1000 || deep[0].Key != long {
		t.Error("the path itself has changed")
	}
}

func TestPathIsAValue(t *testing.T) {
	t.Parallel()
	base := podspec.Field("spec", "containers")
	// Room to spare is what an append into a shared array would need.
	base = append(make(podspec.Path, 0, 16), base...)
	first, second := base.Index(0), base.Index(1)
	name, image := first.Key("name"), first.Key("image")
	joined := second.Join(podspec.Field("securityContext"))
	for _, tt := range []struct {
		path podspec.Path
		want string
	}{
		{base, "spec.containers"},
		{first, "spec.containers[0]"},
		{second, "spec.containers[1]"},
		{name, "spec.containers[0].name"},
		{image, "spec.containers[0].image"},
		{joined, "spec.containers[1].securityContext"},
	} {
		if got := tt.path.String(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

func TestPathLast(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		path podspec.Path
		want string
	}{
		{nil, ""},
		{podspec.Field("spec", "runAsUser"), "runAsUser"},
		{podspec.Field("groups").Index(2), ""},
	} {
		if got := tt.path.Last(); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.path, got, tt.want)
		}
	}
}

func TestPathEqual(t *testing.T) {
	t.Parallel()
	a := podspec.Field("spec", "containers").Index(0)
	for _, tt := range []struct {
		name string
		b    podspec.Path
		want bool
	}{
		{"the same", podspec.Field("spec").Key("containers").Index(0), true},
		{"another index", podspec.Field("spec", "containers").Index(1), false},
		{"another key", podspec.Field("spec", "initContainers").Index(0), false},
		{"a part of it", podspec.Field("spec", "containers"), false},
		{"more than it", a.Key("name"), false},
		{"the root", nil, false},
	} {
		if got := a.Equal(tt.b); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
		if got := tt.b.Equal(a); got != tt.want {
			t.Errorf("%s, turned round: got %v", tt.name, got)
		}
	}
	if !podspec.Path(nil).Equal(podspec.Path{}) {
		t.Error("two roots differ")
	}
}

func TestPathJoin(t *testing.T) {
	t.Parallel()
	for _, p := range []podspec.Path{nil, podspec.Field("a"), podspec.Field("a", "b").Index(1)} {
		for _, q := range []podspec.Path{nil, podspec.Field("c"), podspec.Path(nil).Index(0).Key("c")} {
			got := p.Join(q)
			want := slices.Concat(p, q)
			if !got.Equal(want) {
				t.Errorf("%s below %s: got %s, want %s", q, p, got, want)
			}
		}
	}
}
