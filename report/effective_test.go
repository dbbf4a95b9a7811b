package report_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/report"
)

// running are two containers, one of which sets nothing.
func running() []report.Running {
	from := func(o podspec.Origin, v any) report.Effective { return report.Effective{Value: v, Origin: o} }
	return report.RunningOf([]report.Workload{
		{
			Resource: report.Resource{Kind: "Deployment", Namespace: "shop", Name: "web"},
			FSGroup:  from(podspec.FromPod, int64(2000)),
			Containers: []report.Container{{
				Kind: podspec.RegularContainer, Name: "app", File: report.File{Path: "shop/web.yaml", Line: 9},
				User: from(podspec.FromContainer, int64(1000)), NonRoot: from(podspec.FromContainer, true),
			}},
		},
		{
			Resource:   report.Resource{Kind: "Pod", Name: "bare"},
			Containers: []report.Container{{Kind: podspec.RegularContainer, Name: "app", File: report.File{Path: "shop/bare.yaml", Line: 6}}},
		},
	})
}

// TestEffectiveFits: nothing is cut off. What a narrow terminal has no room for is
// the file, then columns without a value, and then the table is a list.
func TestEffectiveFits(t *testing.T) {
	const summary = "\n2 containers in 2 workloads: 1 as the user of the image, 1 as a user that is not root\n"
	const whole = `RUNS AS  OBJECT               CONTAINER  USER              GROUP  NON-ROOT          GROUPS  FSGROUP     FILE
user     Deployment/shop/web  app        1000 (container)  -      true (container)  -       2000 (pod)  shop/web.yaml:9
anyone   Pod/bare             app        -                 -      -                 -       -           shop/bare.yaml:6
` + summary
	const withoutFile = `RUNS AS  OBJECT               CONTAINER  USER              GROUP  NON-ROOT          GROUPS  FSGROUP
user     Deployment/shop/web  app        1000 (container)  -      true (container)  -       2000 (pod)
anyone   Pod/bare             app        -                 -      -                 -       -
` + summary
	const withoutEmpty = `RUNS AS  OBJECT               CONTAINER  USER              NON-ROOT          FSGROUP
user     Deployment/shop/web  app        1000 (container)  true (container)  2000 (pod)
anyone   Pod/bare             app        -                 -                 -
` + summary
	const list = `user     Deployment/shop/web: app
         container: user 1000, non-root true
         pod: fsGroup 2000
anyone   Pod/bare: app

2 containers in 2 workloads: 1 as the user of the
  image, 1 as a user that is not root
`
	for _, test := range []struct {
		width int
		want  string
	}{{0, whole}, {120, whole}, {119, withoutFile}, {102, withoutFile}, {101, withoutEmpty}, {87, withoutEmpty}, {51, list}} {
		var b strings.Builder
		if err := report.RunningFormats()[0].Write(&b, running(), report.Text{Width: test.width}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, b.String()); diff != "" {
			t.Errorf("at %d columns (-want +got):\n%s", test.width, diff)
		}
	}
}
