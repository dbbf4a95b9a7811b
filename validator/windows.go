package validator

import (
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// windowsSkipped says of a pod for Windows that the rules on ids were not
// applied: the API server refuses ids there. The non-root rule is applied.
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
	e.add(policy.Finding{
		Rule:       by.rule,
		PolicyLine: by.line,
		Reason:     policy.WindowsSkipped,
		Severity:   policy.Info,
		Message:    subject(nil) + ": user and group ids are not judged, as os.name is windows",
		Path:       e.pod.Path.Key("os", "name"),
		Current:    "windows",
		Origin:     podspec.FromPod,
	})
}
