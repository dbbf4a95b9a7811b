package report_test

import (
	"fmt"
	"os"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// What a run found, for a terminal. A run's results and summary are those of an
// engine.Outcome; every other format is a Writer as well.
func Example() {
	run := report.Run{
		Exit: 1,
		Results: []report.Result{{
			Severity: policy.Error,
			Reason:   policy.UserIDOutsideRanges,
			Message:  `container "app": runAsUser must be in 1000-1999, is 0`,
			Resource: report.Resource{APIVersion: "v1", Kind: "Pod", Name: "web"},
			Path:     podspec.Field("spec", "containers").Index(0).Key("securityContext", "runAsUser"),
			File:     report.File{Path: "pod.yaml", Line: 9, Column: 7},
		}},
		Summary: report.Summary{Objects: 1, Checked: 1, Errors: 1},
	}
	if err := (report.Compact{}).Write(os.Stdout, run); err != nil {
		fmt.Println(err)
	}
	// Output:
	// pod.yaml:9:7: error: v1/Pod/web spec.containers[0].securityContext.runAsUser: container "app": runAsUser must be in 1000-1999, is 0 [UserIDOutsideRanges]
	// 1 object read, 1 checked: 1 error, 0 warnings
}
