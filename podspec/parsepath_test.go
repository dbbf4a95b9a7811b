package podspec_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
)

func TestParsePath(t *testing.T) {
	for _, p := range []podspec.Path{
		nil,
		podspec.Field("spec"),
		podspec.Field("spec", "containers").Index(12).Key("securityContext", "runAsUser"),
		podspec.Path(nil).Index(0).Index(1).Key("a"),
		podspec.Field("metadata", "annotations", "usergroup.dev/applied"),
		podspec.Field(`a"]b[0].c`, " ", "\\", "*", "ü\n").Index(3),
	} {
		got, err := podspec.ParsePath(p.String())
		if err != nil || !got.Equal(p) {
			t.Errorf("%s: read as %#v, %v", p, got, err)
		}
	}
	for _, s := range []string{".a", "a..b", "a.", "a[", "a[1", "a[x]", "a[-1]", `a["b`, `a["b"`, "a[0]b", `a["b"]c`} {
		if p, err := podspec.ParsePath(s); err == nil {
			t.Errorf("%s: read as %#v", s, p)
		}
	}
}
