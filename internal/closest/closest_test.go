package closest_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/internal/closest"
)

func TestTo(t *testing.T) {
	t.Parallel()
	known := []string{"Pod", "PodTemplate", "Deployment", "DaemonSet", "runAsUser", "runAsGroup", "html", "CannotUseRootUserID"}
	for word, want := range map[string]string{
		"pod": "Pod", "pods": "Pod", "deployments": "Deployment", "Deploymnet": "Deployment", "daemonset": "DaemonSet",
		"run_as_user": "runAsUser", "runAsUsr": "runAsUser", "Service": "", "yaml": "", "": "", "CannotUseRoot": "CannotUseRootUserID", "runAs": "", "h": "", "Po": "Pod", "x": "",
	} {
		if got := closest.To(word, known); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
