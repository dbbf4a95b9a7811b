package validator_test

import (
	"errors"
	"testing"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/validator"
)

// usr is an image for Linux with a USER.
func usr(u string) image.Config {
	return image.Config{User: u, OS: "linux", Platform: "linux/amd64"}
}

// resolved is an image whose USER has these ids in /etc/passwd and /etc/group.
func resolved(u string, uid, gid int64) image.Config {
	c := usr(u)
	c.UID, c.GID = &uid, &gid
	return c
}

func images(cfgs ...image.Config) image.Lookup {
	return func(string) ([]image.Config, error) { return cfgs, nil }
}

func unreadable(string) ([]image.Config, error) { return nil, errors.New("connection refused") }

// imageRow is a row with what is known of every image.
type imageRow struct {
	name   string
	policy policy.Policy
	pod    *podspec.Pod
	images image.Lookup
	want   []string
}

func runImages(t *testing.T, rows []imageRow) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Helper()
			got := validator.Evaluate(&r.policy, validator.Subject{Pod: r.pod, Images: r.images})
			diff(t, r.want, summary(got))
		})
	}
}

// checking returns the policy with image checks on.
func checking(p policy.Policy, scope policy.ImageScope) policy.Policy {
	p.Images.Check, p.Images.Scope = true, scope
	return p
}

const atImage = " containers[0].image web"

// The outcome of every form of USER under a rule on the user, a rule on the
// group, and both.
func TestImageUSER(t *testing.T) {
	t.Parallel()
	const (
		badUser  = "error ImageConfigInvalidUserID" + atImage
		badGroup = "error ImageConfigInvalidGroupID" + atImage
		root     = "error ImageConfigUserIDCannotBeRoot" + atImage
		outUser  = "error ImageConfigUserIDOutsideRanges" + atImage
		outGroup = "error ImageConfigGroupIDOutsideRanges" + atImage
	)
	pod := newPod(onPod(user(1000), group(1000)), ctr("web"))
	tests := []struct {
		user                 string
		mustRunAs, mayGroup  []string
		nonRoot, userAndMust []string
	}{
		{"", nil, nil, nil, nil},
		{"1500", nil, nil, nil, nil},
		{"01500", nil, nil, nil, nil},
		{"1500:1500", nil, nil, nil, nil},
		{"0", []string{outUser}, nil, []string{root}, []string{outUser}},
		{"00", []string{outUser}, nil, []string{root}, []string{outUser}},
		{"0:0", []string{outUser}, []string{outGroup}, []string{root}, []string{outUser, outGroup}},
		{"65533", []string{outUser}, nil, nil, []string{outUser}},
		{"65533:65533", []string{outUser}, []string{outGroup}, nil, []string{outUser, outGroup}},
		{"1500:0", nil, []string{outGroup}, nil, []string{outGroup}},
		{"root", []string{badUser}, nil, []string{badUser}, []string{badUser}},
		{"nonroot", []string{badUser}, nil, []string{badUser}, []string{badUser}},
		{"nonroot:nonroot", []string{badUser}, []string{badGroup}, []string{badUser}, []string{badUser, badGroup}},
		{"app:1500", []string{badUser}, nil, []string{badUser}, []string{badUser}},
		{"1500:staff", nil, []string{badGroup}, nil, []string{badGroup}},
		{"1500 ", []string{badUser}, nil, []string{badUser}, []string{badUser}},
		{"0x5dc", []string{badUser}, nil, []string{badUser}, []string{badUser}},
		{"1e3", []string{badUser}, nil, []string{badUser}, []string{badUser}},
		{"-", []string{badUser}, nil, []string{badUser}, []string{badUser}},
		{"+0", []string{outUser}, nil, []string{root}, []string{outUser}},
		{"+5", []string{outUser}, nil, nil, []string{outUser}},
		{"+1500", nil, nil, nil, nil},
		// Malformed: whichever rule looks at the USER reports it.
		{"-1", []string{badUser}, []string{badGroup}, []string{badUser}, []string{badUser}},
		{"2147483647", []string{outUser}, nil, nil, []string{outUser}},
		{"2147483648", []string{badUser}, []string{badGroup}, []string{badUser}, []string{badUser}},
		{"99999999999999999999", []string{badUser}, []string{badGroup}, []string{badUser}, []string{badUser}},
		{"1500:2147483648", []string{badUser}, []string{badGroup}, []string{badUser}, []string{badGroup}},
		{"1:2:3", []string{badUser}, []string{badGroup}, []string{badUser}, []string{badUser, badGroup}},
		{"1500:", []string{badUser}, []string{badGroup}, []string{badUser}, []string{badGroup}},
		{"65533:", []string{badUser}, []string{badGroup}, []string{badUser}, []string{outUser, badGroup}},
		{":1500", []string{badUser}, []string{badGroup}, []string{badUser}, []string{badUser}},
		{":", []string{badUser}, []string{badGroup}, []string{badUser}, []string{badUser, badGroup}},
	}
	var rows []imageRow
	for _, tt := range tests {
		add := func(rule string, p policy.Policy, want []string) {
			rows = append(rows, imageRow{tt.user + " " + rule, checking(p, policy.ScopeAll), pod, images(usr(tt.user)), want})
		}
		add("MustRunAs", policy.Policy{RunAsUser: must}, tt.mustRunAs)
		add("MayRunAs", policy.Policy{RunAsUser: may}, tt.mustRunAs)
		add("MayRunAs group", policy.Policy{RunAsGroup: may}, tt.mayGroup)
		add("MustRunAsNonRoot", policy.Policy{RunAsUser: notRoot}, tt.nonRoot)
		add("MustRunAs both", policy.Policy{RunAsUser: must, RunAsGroup: must}, tt.userAndMust)
		add("RunAsAny", policy.Policy{RunAsUser: anything, FSGroup: may}, nil)
		add("MustBeUnset", policy.Policy{RunAsUser: unset, ValidateOnly: true}, []string{"error MustBeUnset pod.runAsUser web"})
	}
	runImages(t, rows)
}

func TestImageResolveNames(t *testing.T) {
	t.Parallel()
	p := checking(policy.Policy{RunAsUser: must, RunAsGroup: may}, policy.ScopeAll)
	p.Images.ResolveNames = true
	pod := newPod(onPod(user(1000), group(1000)), ctr("web"))
	noLookup := p
	noLookup.Images.ResolveNames = false
	runImages(t, []imageRow{
		{"inside", p, pod, images(resolved("app:app", 1500, 1500)), nil},
		{"outside", p, pod, images(resolved("app:app", 5, 6)), []string{
			"error ImageConfigUserIDOutsideRanges" + atImage, "error ImageConfigGroupIDOutsideRanges" + atImage,
		}},
		{"the group of the user's entry", p, pod, images(resolved("app", 1500, 0)), []string{
			"error ImageConfigGroupIDOutsideRanges" + atImage,
		}},
		{"a number is not looked up", p, pod, images(resolved("1500:1500", 0, 0)), nil},
		{"not in the image", p, pod, images(usr("app:app")), []string{
			"error ImageConfigInvalidUserID" + atImage, "error ImageConfigInvalidGroupID" + atImage,
		}},
		{"no id in the image's file", p, pod, images(resolved("app", -1, 1500)), []string{"error ImageConfigInvalidUserID" + atImage}},
		{"not asked for", noLookup, pod, images(resolved("app:app", 1500, 1500)), []string{
			"error ImageConfigInvalidUserID" + atImage, "error ImageConfigInvalidGroupID" + atImage,
		}},
		{"no USER", p, pod, images(resolved("", 0, 0)), nil},
		{"root is looked up", checking(policy.Policy{RunAsUser: notRoot, Images: policy.Images{ResolveNames: true}}, ""), pod, images(resolved("root", 0, 0)), []string{
			"error ImageConfigUserIDCannotBeRoot" + atImage,
		}},
	})
}

func TestImageWithoutUSER(t *testing.T) {
	t.Parallel()
	p := checking(policy.Policy{RunAsUser: notRoot}, policy.ScopeAll)
	runImages(t, []imageRow{
		{"no runAsUser", p, newPod(ctr("web", nonRoot(true))), images(usr("")), []string{
			"error ImageConfigUserIDCannotBeRoot" + atImage,
		}},
		{"nothing set, runAsNonRoot is written and does not help", p, newPod(ctr("web")), images(usr("")), []string{
			"error ShouldRunAsNonRoot containers[0].runAsNonRoot web",
			"  Defaulted containers[0].runAsNonRoot=true",
			"  Defaulted pod.runAsNonRoot=true",
			"error ImageConfigUserIDCannotBeRoot" + atImage,
		}},
		{"its own runAsUser", p, newPod(ctr("web", user(1))), images(usr("")), nil},
		{"the pod's runAsUser", p, newPod(onPod(user(1)), ctr("web")), images(usr("")), nil},
		{"MustRunAs writes one", checking(policy.Policy{RunAsUser: must}, ""), newPod(ctr("web", user(1000))), images(usr("")), nil},
		{"MustRunAs says only what is missing", checking(policy.Policy{RunAsUser: must, ValidateOnly: true}, ""), newPod(ctr("web")), images(usr("")), []string{
			"error MissingUserID containers[0].runAsUser web",
		}},
		{"groups are not judged", checking(policy.Policy{RunAsGroup: may}, ""), newPod(ctr("web")), images(usr("")), nil},
	})
}

func TestImageScopeEffective(t *testing.T) {
	t.Parallel()
	all := checking(policy.Policy{RunAsUser: notRoot, RunAsGroup: may}, policy.ScopeAll)
	eff := checking(policy.Policy{RunAsUser: notRoot, RunAsGroup: may}, policy.ScopeEffective)
	zero := []string{"error ImageConfigUserIDCannotBeRoot" + atImage, "error ImageConfigGroupIDOutsideRanges" + atImage}
	writes := checking(policy.Policy{RunAsUser: must}, policy.ScopeEffective)
	only := writes
	only.ValidateOnly = true
	runImages(t, []imageRow{
		{"All, overridden", all, newPod(ctr("web", user(1), group(1000))), images(usr("0:0")), zero},
		{"overridden", eff, newPod(ctr("web", user(1))), images(usr("0:0")), nil},
		{"overridden by the pod", eff, newPod(onPod(user(1)), ctr("web")), images(usr("0:0")), nil},
		{"not overridden", eff, newPod(ctr("web", nonRoot(true))), images(usr("0:0")), zero},
		{"the group overridden", eff, newPod(ctr("web", nonRoot(true), group(1000))), images(usr("0:0")), zero[:1]},
		{"an image that does not matter need not be readable", eff, newPod(ctr("web", user(1))), unreadable, nil},
		{"runAsUser is written", writes, newPod(ctr("web")), images(usr("0")), []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=1000",
			"  Defaulted pod.runAsUser=1000",
		}},
		{"runAsUser is not written, validate only", only, newPod(ctr("web")), images(usr("0")), []string{
			"error MissingUserID containers[0].runAsUser web",
			"error ImageConfigUserIDOutsideRanges" + atImage,
		}},
	})
}

func TestImageUnavailable(t *testing.T) {
	t.Parallel()
	with := func(f policy.FailurePolicy, m policy.Mode) policy.Policy {
		p := checking(policy.Policy{RunAsUser: must, Mode: m}, policy.ScopeAll)
		p.Images.FailurePolicy = f
		return p
	}
	pod := newPod(ctr("web", user(1000)))
	noImage := newPod(ctr("web", user(1000)))
	noImage.Containers[0].Image = ""
	runImages(t, []imageRow{
		{"default", with("", ""), pod, unreadable, []string{"error ImageUnavailable" + atImage}},
		{"Fail", with(policy.FailureFail, ""), pod, unreadable, []string{"error ImageUnavailable" + atImage}},
		{"Warn", with(policy.FailureWarn, ""), pod, unreadable, []string{"warning ImageUnavailable" + atImage}},
		{"Ignore", with(policy.FailureIgnore, ""), pod, unreadable, nil},
		{"mode Warn", with(policy.FailureFail, policy.Warn), pod, unreadable, []string{"warning ImageUnavailable" + atImage}},
		{"mode Audit, Warn", with(policy.FailureWarn, policy.Audit), pod, unreadable, []string{"info ImageUnavailable" + atImage}},
		{"no source", with("", ""), pod, nil, []string{"error ImageUnavailable" + atImage}},
		{"no configuration and no error", with("", ""), pod, images(), []string{"error ImageUnavailable" + atImage}},
		{"no image", with("", ""), noImage, images(usr("1500")), []string{"error ImageUnavailable" + atImage}},
		{"checks are off", policy.Policy{RunAsUser: must}, pod, nil, nil},
	})
}

func TestImageDefault(t *testing.T) {
	t.Parallel()
	from := policy.Strategy{Rule: policy.MustRunAs, Ranges: ranges, DefaultFrom: policy.DefaultFromImage}
	over := from
	over.Overwrite = true
	p := policy.Policy{RunAsUser: from, RunAsGroup: from}
	lookUp, lenient, pod := p, p, p
	lookUp.Images.ResolveNames = true
	lenient.Images.FailurePolicy = policy.FailureWarn
	pod.Placement = policy.PlacePod
	windowsImage := usr("1500")
	windowsImage.OS = "windows"
	other := usr("1600:1600")
	defaulted := func(user, group string) []string {
		return []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=" + user,
			"error MissingGroupID containers[0].runAsGroup web",
			"  Defaulted containers[0].runAsGroup=" + group,
		}
	}
	bare := newPod(ctr("web"))
	runImages(t, []imageRow{
		{"the image's, never on the pod", p, bare, images(usr("1500:3500")), defaulted("1500", "3500")},
		{"placement Pod", pod, bare, images(usr("1500:3500")), defaulted("1500", "3500")},
		{"outside the ranges", p, bare, images(usr("65532:65532")), defaulted("1000", "1000")},
		{"no group", p, bare, images(usr("1500")), defaulted("1500", "1000")},
		{"none", p, bare, images(usr("")), defaulted("1000", "1000")},
		{"a name", p, bare, images(resolved("app:app", 1500, 1501)), defaulted("1000", "1000")},
		{"a name that is looked up", lookUp, bare, images(resolved("app:app", 1500, 1501)), defaulted("1500", "1501")},
		{"platforms agree", p, bare, images(usr("1500:3500"), usr("1500:3500")), defaulted("1500", "3500")},
		{"platforms differ", p, bare, images(usr("1500:3500"), other), defaulted("1000", "1000")},
		{"for windows", p, bare, images(windowsImage), defaulted("1000", "1000")},
		{"a value that is set stays", p, newPod(ctr("web", user(1000), group(1000))), images(usr("1500")), nil},
		{"unreadable: nothing is written that would hide it", p, bare, unreadable, []string{
			"error ImageUnavailable" + atImage,
			"error MissingUserID containers[0].runAsUser web",
			"error MissingGroupID containers[0].runAsGroup web",
		}},
		{"unreadable, lenient", lenient, bare, unreadable, append([]string{"warning ImageUnavailable" + atImage}, defaulted("1000", "1000")...)},
		{"reported once", checking(p, ""), bare, unreadable, []string{
			"error ImageUnavailable" + atImage,
			"error MissingUserID containers[0].runAsUser web",
			"error MissingGroupID containers[0].runAsGroup web",
		}},
		{"overwrite", policy.Policy{RunAsUser: over}, newPod(onPod(user(0)), ctr("web"), ctr("db", user(1000)), ctr("log", user(1500))), images(usr("1500")), []string{
			"error UserIDOutsideRanges pod.runAsUser web",
			"  Defaulted containers[0].runAsUser=1500",
			"error Overwritten containers[1].runAsUser db",
			"  Overwritten containers[1].runAsUser=1500",
		}},
		{"overwrite, the pod has the range's default", policy.Policy{RunAsUser: over, Placement: policy.PlacePod}, newPod(onPod(user(1000)), ctr("web")), images(usr("1500")), []string{
			"error Overwritten pod.runAsUser web",
			"  Defaulted containers[0].runAsUser=1500",
		}},
	})
}

func TestImagePlatforms(t *testing.T) {
	t.Parallel()
	p := checking(policy.Policy{RunAsUser: must}, policy.ScopeAll)
	on := func(platform, u, digest string) image.Config {
		c := usr(u)
		c.Platform, c.Digest = platform, digest
		return c
	}
	windowsConfig := on("windows/amd64", "ContainerUser", "")
	windowsConfig.OS = "windows"
	const digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
	const by = "@sha256:1111111111111111111111111111111111111111111111111111111111111111"
	tests := []struct {
		name    string
		suffix  string // of the reference
		images  image.Lookup
		message []string
		image   string
	}{
		{
			"alike", "", images(on("linux/amd64", "0", digest), on("linux/arm64", "0", digest)),
			[]string{`container "web": image user must be in 1000-1999, 3000-3999, is 0 (from the image's USER "0")`},
			"registry.example/web@" + digest,
		},
		{
			"one of two", "", images(on("linux/amd64", "1000", digest), on("linux/arm64", "0", digest)),
			[]string{`container "web": image user must be in 1000-1999, 3000-3999, is 0 (from the image's USER "0") on linux/arm64`},
			"registry.example/web@" + digest,
		},
		{
			"each its own", "", images(on("linux/amd64", "1", ""), on("linux/arm64", "0", "")),
			[]string{
				`container "web": image user must be in 1000-1999, 3000-3999, is 1 (from the image's USER "1") on linux/amd64`,
				`container "web": image user must be in 1000-1999, 3000-3999, is 0 (from the image's USER "0") on linux/arm64`,
			},
			"registry.example/web",
		},
		{
			"a reference with a digest", by, images(on("linux/amd64", "0", digest)),
			[]string{`container "web": image user must be in 1000-1999, 3000-3999, is 0 (from the image's USER "0")`},
			"registry.example/web" + by,
		},
		{
			"windows", "", images(windowsConfig),
			[]string{`container "web": the image's USER is not checked, because the image is for Windows`},
			"registry.example/web",
		},
		{
			"windows among them", "", images(windowsConfig, on("linux/amd64", "1000", "")),
			[]string{`container "web": the image's USER is not checked, because the image is for Windows on windows/amd64`},
			"registry.example/web",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pod := newPod(ctr("web", user(1000)))
			pod.Containers[0].Image += tt.suffix
			var got []string
			for _, f := range validator.Evaluate(&p, validator.Subject{Pod: pod, Images: tt.images}) {
				got = append(got, f.Message)
				diff(t, tt.image, f.Image)
				if want := policy.Info; f.Reason == policy.WindowsSkipped && f.Severity != want {
					t.Errorf("severity is %s, want %s", f.Severity, want)
				}
			}
			diff(t, tt.message, got)
		})
	}
}
