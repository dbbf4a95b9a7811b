package validator

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// windowsSkipped says of a pod for Windows that the rules on ids were not
// applied: the API server refuses ids there. The non-root rule is applied. It is a
// warning where only windowsOptions tell: these keep the pod from no node of Linux,
// which ignores them.
func windowsSkipped(e *evaluation) {
	if !e.pod.Windows {
		return
	}
	p := e.policy
	for _, s := range []policy.Strategy{p.RunAsUser, p.RunAsGroup, p.SupplementalGroups, p.FSGroup} {
		if s.Active() && s.Rule != policy.MustRunAsNonRoot || p.Images.Check && s.Rule == policy.MustRunAsNonRoot {
			e.skipWindows(rulingOf(s))
			return
		}
	}
}

func (e *evaluation) skipWindows(by ruling) {
	at := e.pod.OSPath
	if at == nil {
		at = e.pod.Path.Key("os", "name")
	}
	severity, unbound := policy.Info, ""
	if at.Last() == "windowsOptions" {
		unbound = ", which a node of Linux ignores: set os.name to windows"
		if e.policy.Mode != policy.Audit {
			severity = policy.Warning
		}
	}
	e.add(policy.Finding{
		Rule:       by.rule,
		PolicyLine: by.line,
		Reason:     policy.WindowsSkipped,
		Severity:   severity,
		Message:    fmt.Sprintf("%s: user and group ids are not checked, because the pod is for Windows according to %s%s", subject(nil), at, unbound),
		Path:       at,
		Current:    "windows",
		Origin:     podspec.FromPod,
	})
}
