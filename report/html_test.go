package report_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/report"
)

// TestHTMLPolicy: the content security policy names the style and the script of the
// page by what they really are, and allows nothing else.
func TestHTMLPolicy(t *testing.T) {
	out := renderRun(t, report.HTML{}, hostileRun())
	m := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(out)
	if m == nil {
		t.Fatal("no policy")
	}
	policy := html.UnescapeString(m[1])
	for _, tag := range []string{"style", "script"} {
		parts := regexp.MustCompile(`(?s)<`+tag+`[^>]*>(.*?)</`+tag+`>`).FindAllStringSubmatch(out, -1)
		if len(parts) != 1 {
			t.Fatalf("%d elements %s", len(parts), tag)
		}
		sum := sha256.Sum256([]byte(parts[0][1]))
		want := tag + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		if !strings.Contains(policy, want) {
			t.Errorf("%s is not in %s", want, policy)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("the policy is %s", policy)
	}
}

// TestHTMLEscapes: what manifests say becomes neither an element nor an attribute
// nor an address, whatever the policy of the page would do about it.
func TestHTMLEscapes(t *testing.T) {
	out := renderRun(t, report.HTML{}, hostileRun())
	tags := regexp.MustCompile(`<(/?[a-zA-Z!][^>]*)>`).FindAllStringSubmatch(out, -1)
	if len(tags) < 500 {
		t.Fatalf("%d tags", len(tags))
	}
	for _, tag := range tags {
		if m := regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindStringSubmatch(tag[1]); m != nil &&
			!strings.HasPrefix(m[1], "#") && !strings.HasPrefix(m[1], "https://github.com/usergroup-dev/usergroup/blob/main/docs/rules/") {
			t.Errorf("leads elsewhere: %s", tag[0])
		}
		if regexp.MustCompile(`(?i)^(img|iframe|object|embed|link|base)|[\s"']on[a-z]+=`).MatchString(regexp.MustCompile(`"[^"]*"`).ReplaceAllString(tag[1], `""`)) {
			t.Errorf("element or handler: %s", tag[0])
		}
	}
}

// TestHTMLMatrix: a row for each container says who it runs as and how many findings
// are about it.
func TestHTMLMatrix(t *testing.T) {
	run := run()
	file := run.Results[0].File
	user := func(v any, from podspec.Origin) report.Effective { return report.Effective{Value: v, Origin: from} }
	run.Workloads = []report.Workload{{Resource: web, File: file, Containers: []report.Container{
		{Kind: podspec.InitContainer, Name: "setup", User: user(int64(1000), podspec.FromPod)},
		{Kind: podspec.RegularContainer, Name: "web", User: user(int64(0), podspec.FromContainer)},
		{Kind: podspec.RegularContainer, Name: "any"},
		{Kind: podspec.RegularContainer, Name: "safe", NonRoot: user(true, podspec.FromPod)},
		{Kind: podspec.RegularContainer, Name: "odd", User: report.Effective{Text: `"x"`, Origin: podspec.FromContainer}},
		{Kind: podspec.RegularContainer, Name: "named", User: user("root", podspec.FromImage)},
	}}}
	out := renderRun(t, report.HTML{}, run)
	var got []string
	for _, m := range regexp.MustCompile(`(?s)<tr id="c0-\d" class="row" data-runs="(\w+)" data-findings="(\d+)">.*?class="container"><span class="name">(\w+)<.*?<span class="chip \w+">([^<]*)<`).FindAllStringSubmatch(out, -1) {
		got = append(got, strings.Join(m[1:], " "))
	}
	want := []string{"user 0 setup user 1000", "root 1 web root", "anyone 0 any image decides", "nonroot 0 safe not root", "invalid 0 odd invalid", "root 0 named root"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	for _, want := range []string{"<b>2</b> run as root", "6 containers", "1 workload"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing", want)
		}
	}
}
