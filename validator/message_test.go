package validator_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/validator"
)

// Every message that a finding can have, and every message of a change.
func TestMessages(t *testing.T) {
	t.Parallel()
	overUser := policy.Policy{RunAsUser: overwrite}
	imageOf := func(u string) image.Lookup { return images(usr(u)) }
	lookUp := checking(policy.Policy{RunAsUser: must, RunAsGroup: may}, "")
	lookUp.Images.ResolveNames = true
	structural := newPod(ctr("web", user(1000)))
	structural.Problems = []podspec.Problem{{Code: podspec.DuplicateKey, Path: podspec.Field("spec", "securityContext"), Detail: "must be set once, is set twice"}}
	unnamed := newPod(ctr("", user(0)))
	tests := []struct {
		name   string
		policy policy.Policy
		pod    *podspec.Pod
		images image.Lookup
		want   []string // messages, each finding's changes after it
	}{
		{"outside", policy.Policy{RunAsUser: must}, newPod(ctr("web", user(0))), nil, []string{
			`container "web": runAsUser must be in 1000-1999, 3000-3999, is 0`,
		}},
		{"inherited", policy.Policy{RunAsUser: must}, newPod(onPod(user(0)), ctr("a"), ctr("b")), nil, []string{
			`containers "a", "b": runAsUser must be in 1000-1999, 3000-3999, is 0 (from the pod's securityContext)`,
		}},
		{"containers of all kinds", policy.Policy{RunAsGroup: may}, newPod(onPod(user(0), group(0)), initCtr("i"), initCtr("j"), ctr("a"), debugCtr("d")), nil, []string{
			`init containers "i", "j", container "a", ephemeral container "d": runAsGroup must be in 1000-1999, 3000-3999, is 0 (from the pod's securityContext)`,
		}},
		{"more ranges than a message lists", policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MayRunAs, Ranges: singleRanges(22)}}, newPod(ctr("web", user(0))), nil, []string{
			`container "web": runAsUser must be in 1, 3, 5, 7, 9, 11, 13, 15 and 14 more, is 0`,
		}},
		{"one id is allowed", policy.Policy{FSGroup: policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 2000, Max: 2000}}}}, newPod(fsGroup(1), ctr("web")), nil, []string{
			`pod: fsGroup must be 2000, is 1`,
		}},
		{"a container without a name", policy.Policy{RunAsUser: must}, unnamed, nil, []string{
			`container spec.containers[0]: runAsUser must be in 1000-1999, 3000-3999, is 0`,
		}},
		{"a name that needs quoting", policy.Policy{RunAsUser: must}, newPod(ctr("a\n\"b", user(0))), nil, []string{
			`container "a\n\"b": runAsUser must be in 1000-1999, 3000-3999, is 0`,
		}},
		{"missing", policy.Policy{RunAsUser: must}, newPod(initCtr("web")), nil, []string{
			`init container "web": runAsUser must be in 1000-1999, 3000-3999, is unset`,
			`init container "web": runAsUser set to 1000 (was unset)`,
			`pod: runAsUser set to 1000 (was unset)`,
		}},
		{"overwritten", overUser, newPod(onPod(user(1000)), ctr("web", user(1500))), nil, []string{
			`container "web": runAsUser must be 1000, is 1500`,
			`container "web": runAsUser set to 1000 (was 1500)`,
		}},
		{"overwritten, unreadable", overUser, newPod(onPod(user(1000)), ctr("web", badUser(podspec.InvalidType))), nil, []string{
			`container "web": runAsUser must be an integer, is the string "1000"`,
			`container "web": runAsUser set to 1000 (was "1000")`,
		}},
		{"overwritten, only the pod", overUser, newPod(ctr("web", user(1000))), nil, []string{
			`pod: runAsUser must be 1000, is unset`,
			`pod: runAsUser set to 1000 (was unset)`,
		}},
		{"the image's default", policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: ranges, DefaultFrom: policy.DefaultFromImage}}, newPod(ctr("web")), imageOf("1500"), []string{
			`container "web": runAsUser must be in 1000-1999, 3000-3999, is unset`,
			`container "web": runAsUser set to 1500 (was unset, from the image's USER)`,
		}},
		{"the image's default instead of the pod's value", policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: ranges, DefaultFrom: policy.DefaultFromImage, Overwrite: true}}, newPod(onPod(user(1600)), ctr("web")), imageOf("1500"), []string{
			`container "web": runAsUser must be 1500, is 1600 (from the pod's securityContext)`,
			`container "web": runAsUser set to 1500 (was unset, from the image's USER)`,
		}},
		{"not the image's default", policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: ranges, DefaultFrom: policy.DefaultFromImage}}, newPod(ctr("web")), imageOf("root"), []string{
			`container "web": runAsUser must be in 1000-1999, 3000-3999, is unset`,
			`container "web": runAsUser set to 1000 (was unset, the image's USER is not allowed)`,
		}},
		{"removed", policy.Policy{RunAsUser: unset, SupplementalGroups: unset}, newPod(onPod(user(5)), groups(1, 2), ctr("web")), nil, []string{
			`container "web": runAsUser must be unset, is 5 (from the pod's securityContext)`,
			`pod: runAsUser removed (was 5)`,
			`pod: supplementalGroups must be unset, is [1, 2]`,
			`pod: supplementalGroups removed (was [1, 2])`,
		}},
		{"groups of the pod", policy.Policy{SupplementalGroups: must, FSGroup: must}, newPod(groups(), fsGroup(0)), nil, []string{
			`pod: supplementalGroups must be in 1000-1999, 3000-3999, is []`,
			`pod: fsGroup must be in 1000-1999, 3000-3999, is 0`,
		}},
		{"a supplemental group", policy.Policy{SupplementalGroups: may}, newPod(groups(0)), nil, []string{
			`pod: supplementalGroups must be in 1000-1999, 3000-3999, is 0`,
		}},
		{"groups overwritten", policy.Policy{SupplementalGroups: overwrite}, newPod(groups(0, 1)), nil, []string{
			`pod: supplementalGroups must be [1000], is [0, 1]`,
			`pod: supplementalGroups set to [1000] (was [0, 1])`,
		}},
		{"not strict", policy.Policy{SupplementalGroups: policy.Strategy{RequireStrict: true}}, newPod(groupsPolicy("Merge")), nil, []string{
			`pod: supplementalGroupsPolicy must be Strict, is "Merge"`,
		}},
		{"strict", policy.Policy{SupplementalGroups: policy.Strategy{RequireStrict: true}}, newPod(), nil, []string{
			`pod: supplementalGroupsPolicy must be Strict, is unset`,
			`pod: supplementalGroupsPolicy set to "Strict" (was unset)`,
		}},
		{"non-root unset", policy.Policy{RunAsUser: notRoot}, newPod(ctr("web")), nil, []string{
			`container "web": runAsNonRoot must be true unless runAsUser is set and not 0, is unset`,
			`container "web": runAsNonRoot set to true (was unset)`,
			`pod: runAsNonRoot set to true (was unset)`,
		}},
		{"non-root unset on windows", policy.Policy{RunAsUser: notRoot, ValidateOnly: true}, newPod(windows, ctr("web")), nil, []string{
			`container "web": runAsNonRoot must be true, is unset`,
		}},
		{"root", policy.Policy{RunAsUser: notRoot}, newPod(onPod(nonRoot(false)), ctr("web", user(0))), nil, []string{
			`container "web": runAsNonRoot must be true, is false (from the pod's securityContext)`,
			`container "web": runAsUser must not be 0, is 0`,
		}},
		{"administrator", policy.Policy{RunAsUser: notRoot, FSGroup: may}, newPod(windows, ctr("web", nonRoot(true), name("containerAdministrator"))), nil, []string{
			`container "web": windowsOptions.runAsUserName must be another user, is "containerAdministrator"`,
			`pod: user and group ids are not checked, because the pod is for Windows according to spec.os.name`,
		}},
		{"problems", policy.Policy{RunAsUser: must}, newPod(onPod(badUser(podspec.InvalidType)), ctr("web"), ctr("db", badUser(podspec.DuplicateKey))), nil, []string{
			`container "web": runAsUser must be an integer, is the string "1000" (from the pod's securityContext)`,
			`container "db": runAsUser must be set once, is set twice, and parsers disagree which one wins`,
		}},
		{"structure", policy.Policy{RunAsUser: must}, structural, nil, []string{
			`spec.securityContext must be set once, is set twice`,
		}},
		{"group without user", policy.Policy{RunAsGroup: may}, newPod(onPod(group(1000))), nil, []string{
			`pod: runAsUser must be set where runAsGroup is, or containerd does not start the pod, is unset`,
		}},
		{"image without USER", checking(policy.Policy{RunAsUser: notRoot}, ""), newPod(ctr("web", nonRoot(true))), imageOf(""), []string{
			`container "web": image user must not be root, is unset: image will run as root`,
		}},
		{"image root", checking(policy.Policy{RunAsUser: notRoot}, ""), newPod(ctr("web", nonRoot(true))), imageOf("0:5"), []string{
			`container "web": image user must not be root, is 0 (from the image's USER "0:5")`,
		}},
		{"image names", checking(policy.Policy{RunAsUser: must, RunAsGroup: may}, ""), newPod(ctr("web", user(1000))), imageOf("app:staff"), []string{
			`container "web": image user must be a number, as the kubelet cannot verify a name, is "app" (from the image's USER "app:staff")`,
			`container "web": image group must be a number, as the kubelet cannot verify a name, is "staff" (from the image's USER "app:staff")`,
		}},
		{"image names that are not in the image", lookUp, newPod(ctr("web", user(1000))), imageOf("app:staff"), []string{
			`container "web": image user must be a number or be in the image's /etc/passwd, is "app" (from the image's USER "app:staff")`,
			`container "web": image group must be a number or be in the image's /etc/group, is "staff" (from the image's USER "app:staff")`,
		}},
		{"image malformed", checking(policy.Policy{RunAsUser: must}, ""), newPod(ctr("web", user(1000))), imageOf("1:2:3"), []string{
			`container "web": image user must be an id in 0-2147483647 in a USER of the form uid or uid:gid, is "1:2:3" (from the image's USER "1:2:3")`,
		}},
		{"image unavailable", checking(policy.Policy{RunAsUser: must}, ""), newPod(ctr("web", user(1000))), unreadable, []string{
			`container "web": cannot read image "registry.example/web" to check its USER: connection refused`,
		}},
		{"no source of images", checking(policy.Policy{RunAsUser: must}, ""), newPod(ctr("web", user(1000))), nil, []string{
			`container "web": cannot read image "registry.example/web" to check its USER: no source of images is configured`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range validator.Evaluate(&tt.policy, validator.Subject{Pod: tt.pod, Images: tt.images}) {
				got = append(got, f.Message)
				for _, c := range f.Fix {
					got = append(got, c.Message)
				}
			}
			diff(t, tt.want, got)
		})
	}
}

// The fields of findings that the summaries leave out.
func TestFindings(t *testing.T) {
	t.Parallel()
	field := func(keys ...string) podspec.Path { return podspec.Field("spec").Key(keys...) }
	web := podspec.Field("spec", "containers").Index(0)
	tests := []struct {
		name   string
		policy policy.Policy
		pod    *podspec.Pod
		images image.Lookup
		want   policy.Finding
	}{
		{
			"a value of a container",
			policy.Policy{Name: "ids", RunAsUser: must},
			newPod(ctr("web", user(0))), nil,
			policy.Finding{
				Policy: "ids", Rule: "MustRunAs", Reason: policy.UserIDOutsideRanges, Severity: policy.Error,
				Message: `container "web": runAsUser must be in 1000-1999, 3000-3999, is 0`,
				Path:    web.Key("securityContext", "runAsUser"), Current: int64(0),
				Containers: []string{"web"}, Origin: podspec.FromContainer,
			},
		},
		{
			"a value of the pod",
			policy.Policy{Name: "ids", Mode: policy.Warn, RunAsUser: notRoot},
			newPod(onPod(nonRoot(false)), ctr("web")), nil,
			policy.Finding{
				Policy: "ids", Rule: "MustRunAsNonRoot", Reason: policy.ShouldRunAsNonRoot, Severity: policy.Warning,
				Message: `container "web": runAsNonRoot must be true, is false (from the pod's securityContext)`,
				Path:    field("securityContext", "runAsNonRoot"), Current: false,
				Containers: []string{"web"}, Origin: podspec.FromPod,
			},
		},
		{
			"a missing value",
			policy.Policy{Name: "ids", Placement: policy.PlaceContainers, RunAsUser: must},
			newPod(ctr("web")), nil,
			policy.Finding{
				Policy: "ids", Rule: "MustRunAs", Reason: policy.MissingUserID, Severity: policy.Error,
				Message: `container "web": runAsUser must be in 1000-1999, 3000-3999, is unset`,
				Path:    web.Key("securityContext", "runAsUser"), Proposed: int64(1000),
				Containers: []string{"web"},
				Fix: []policy.Change{{
					Edit:   podspec.Edit{Op: podspec.Put, Path: web.Key("securityContext", "runAsUser"), Value: int64(1000)},
					Reason: policy.Defaulted, Message: `container "web": runAsUser set to 1000 (was unset)`, Container: "web",
				}},
			},
		},
		{
			"a list",
			policy.Policy{Name: "ids", SupplementalGroups: overwrite},
			newPod(groups(5)), nil,
			policy.Finding{
				Policy: "ids", Rule: "MustRunAs", Reason: policy.GroupIDOutsideRanges, Severity: policy.Error,
				Message: `pod: supplementalGroups must be [1000], is [5]`,
				Path:    field("securityContext", "supplementalGroups"), Current: []int64{5}, Proposed: []int64{1000},
				Origin: podspec.FromPod,
				Fix: []policy.Change{{
					Edit:   podspec.Edit{Op: podspec.Put, Path: field("securityContext", "supplementalGroups"), Value: []int64{1000}},
					Reason: policy.Overwritten, Message: `pod: supplementalGroups set to [1000] (was [5])`, Current: []int64{5},
				}},
			},
		},
		{
			"a removal",
			policy.Policy{Name: "ids", FSGroup: unset},
			newPod(fsGroup(5)), nil,
			policy.Finding{
				Policy: "ids", Rule: "MustBeUnset", Reason: policy.UnsetRequired, Severity: policy.Error,
				Message: `pod: fsGroup must be unset, is 5`,
				Path:    field("securityContext", "fsGroup"), Current: int64(5), Origin: podspec.FromPod,
				Fix: []policy.Change{{
					Edit:   podspec.Edit{Op: podspec.Remove, Path: field("securityContext", "fsGroup")},
					Reason: policy.Removed, Message: `pod: fsGroup removed (was 5)`, Current: int64(5),
				}},
			},
		},
		{
			"requireStrict",
			policy.Policy{Name: "ids", Mode: policy.Audit, SupplementalGroups: policy.Strategy{RequireStrict: true}},
			newPod(), nil,
			policy.Finding{
				Policy: "ids", Rule: "requireStrict", Reason: policy.SupplementalGroupsNotStrict, Severity: policy.Info,
				Message: `pod: supplementalGroupsPolicy must be Strict, is unset`,
				Path:    field("securityContext", "supplementalGroupsPolicy"), Proposed: "Strict",
				Withheld: []policy.Change{{
					Edit:   podspec.Edit{Path: field("securityContext", "supplementalGroupsPolicy"), Value: "Strict"},
					Reason: policy.Defaulted, Message: `pod: supplementalGroupsPolicy set to "Strict" (was unset)`,
				}},
			},
		},
		{
			"a problem",
			policy.Policy{Name: "ids", RunAsGroup: may},
			newPod(ctr("web", badGroup(podspec.InvalidID))), nil,
			policy.Finding{
				Policy: "ids", Rule: "MayRunAs", Reason: policy.InvalidID, Severity: policy.Error,
				Message: `container "web": runAsGroup must be in 0-2147483647, is -1`,
				Path:    web.Key("securityContext", "runAsGroup"), Current: "-1",
				Containers: []string{"web"}, Origin: podspec.FromContainer,
			},
		},
		{
			"an image", checking(policy.Policy{Name: "ids", RunAsUser: must}, ""), newPod(ctr("web", user(1000))), images(usr("0:0")),
			policy.Finding{
				Policy: "ids", Rule: "MustRunAs", Reason: policy.ImageConfigUserIDOutsideRanges, Severity: policy.Error,
				Message: `container "web": image user must be in 1000-1999, 3000-3999, is 0 (from the image's USER "0:0")`,
				Path:    web.Key("image"), Current: int64(0), Containers: []string{"web"}, Origin: podspec.FromImage,
				Image: "registry.example/web",
			},
		},
		{
			"an image with a name", checking(policy.Policy{Name: "ids", RunAsUser: notRoot}, ""), newPod(ctr("web", user(1000))), images(usr("root")),
			policy.Finding{
				Policy: "ids", Rule: "MustRunAsNonRoot", Reason: policy.ImageConfigInvalidUserID, Severity: policy.Error,
				Message: `container "web": image user must be a number, as the kubelet cannot verify a name, is "root" (from the image's USER "root")`,
				Path:    web.Key("image"), Current: "root", Containers: []string{"web"}, Origin: podspec.FromImage,
				Image: "registry.example/web",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := validator.Evaluate(&tt.policy, validator.Subject{Pod: tt.pod, Images: tt.images})
			diff(t, []policy.Finding{tt.want}, got)
		})
	}
}

// singleRanges returns n ranges of one id each: 1, 3, 5 and so on.
func singleRanges(n int) policy.Ranges {
	rs := make(policy.Ranges, n)
	for i := range rs {
		rs[i] = policy.Range{Min: int64(2*i + 1), Max: int64(2*i + 1)}
	}
	return rs
}
