package podspec_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/podspec"
)

// TestEffectiveNowhere: a value that is unset everywhere still says where it would be.
func TestEffectiveNowhere(t *testing.T) {
	t.Parallel()
	at := podspec.Field("spec", "containers").Index(0).Key("securityContext", "runAsUser")
	var c podspec.Container
	c.RunAsUser.Path = at
	got, from := new(podspec.Pod).EffectiveUser(&c)
	if diff := cmp.Diff(podspec.Value[int64]{Path: at}, got); diff != "" || from != podspec.FromNowhere {
		t.Errorf("from %q: %s", from, diff)
	}
}

func TestShortKeys(t *testing.T) {
	t.Parallel()
	if got := podspec.Field("a", "b").Index(0).Key("c").String(); got != "a.b[0].c" {
		t.Errorf("got %s", got)
	}
}

// TestEditEqualEmpty: an empty list is a value of its own.
func TestEditEqualEmpty(t *testing.T) {
	t.Parallel()
	at := podspec.Field("spec", "securityContext", "supplementalGroups")
	empty := podspec.Edit{Path: at, Value: []int64{}}
	for _, tt := range []struct {
		name  string
		value any
		want  bool
	}{
		{"empty", []int64{}, true},
		{"one group", []int64{1}, false},
		{"an id", int64(0), false},
		{"nothing", nil, false},
	} {
		other := podspec.Edit{Path: at, Value: tt.value}
		if empty.Equal(other) != tt.want || other.Equal(empty) != tt.want {
			t.Errorf("an empty list and %s: want %v", tt.name, tt.want)
		}
	}
}
