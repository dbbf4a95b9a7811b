package validator_test

import (
	"testing"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/validator"
)

// Where 0 is the default, a value that is unset or cannot be read is still not 0.
var (
	mustBeRoot      = policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 0, Max: 9}}}
	overwriteToRoot = policy.Strategy{Rule: policy.MustRunAs, Ranges: policy.Ranges{{Min: 0, Max: 9}}, Overwrite: true}
)

func badGroups(c podspec.Code) podTweak {
	return func(p *podspec.Pod) { spoilGroups(&p.SupplementalGroups, c) }
}

func badFSGroup(c podspec.Code) podTweak {
	return func(p *podspec.Pod) { spoil(&p.FSGroup, c) }
}

func hostUsers(b bool) podTweak { return func(p *podspec.Pod) { set(&p.HostUsers, b) } }

// templated gives all containers one runAsUser, from a template of containers.
func templated(id int64) podTweak {
	return func(p *podspec.Pod) {
		for i := range p.Containers {
			c := &p.Containers[i]
			c.Inherits = true
			c.RunAsUser.Path = podspec.Field("spec", "stepTemplate", "securityContext", "runAsUser")
			set(&c.RunAsUser, id)
		}
	}
}

func TestDefaultZero(t *testing.T) {
	t.Parallel()
	run(t, []row{
		{"an unset user", policy.Policy{RunAsUser: mustBeRoot, Placement: policy.PlaceContainers}, newPod(ctr("web")), []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=0",
		}},
		{"an unreadable user of the pod", policy.Policy{RunAsUser: overwriteToRoot, Placement: policy.PlacePod}, newPod(onPod(badUser(podspec.InvalidType)), ctr("web")), []string{
			"error InvalidType pod.runAsUser web",
			"  Overwritten pod.runAsUser=0",
		}},
		{"an unreadable fsGroup", policy.Policy{FSGroup: overwriteToRoot}, newPod(badFSGroup(podspec.InvalidType), ctr("web")), []string{
			"error InvalidType pod.fsGroup",
			"  Overwritten pod.fsGroup=0",
		}},
	})
}

func TestGroupsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	strict := policy.Strategy{RequireStrict: true}
	strictAny := policy.Strategy{Rule: policy.RunAsAny, RequireStrict: true}
	isStrict := groupsPolicy("Strict")
	run(t, []row{
		{"are not missing", policy.Policy{SupplementalGroups: must}, newPod(badGroups(podspec.InvalidType), ctr("web")), []string{
			"error InvalidType pod.supplementalGroups",
		}},
		{"are not judged without a rule on them", policy.Policy{SupplementalGroups: strict}, newPod(badGroups(podspec.InvalidType), isStrict, ctr("web")), nil},
		{"nor where anything may be", policy.Policy{SupplementalGroups: strictAny}, newPod(badGroups(podspec.InvalidType), isStrict, ctr("web")), nil},
		{"an empty list is written, also in a part", policy.Policy{SupplementalGroups: must}, newPod(partial, groups(), ctr("web")), []string{
			"error MissingSupplementalGroupID pod.supplementalGroups",
		}},
		{"a kind without a place for the policy of groups", policy.Policy{SupplementalGroups: strict}, newPod(contextAt(podspec.NoContext), ctr("web")), nil},
	})
}

func TestOverwriteCorners(t *testing.T) {
	t.Parallel()
	users := policy.Policy{RunAsUser: overwrite}
	run(t, []row{
		{"the pod's default in a part", users, newPod(partial, onPod(user(1000)), ctr("web")), nil},
		{"a bad value of containers to come", users, newPod(onPod(user(5))), []string{
			"error UserIDOutsideRanges pod.runAsUser",
			"  Overwritten pod.runAsUser=1000",
		}},
	})
	run(t, []row{
		{"a bad fsGroup is a violation", policy.Policy{FSGroup: overwrite}, newPod(fsGroup(5), ctr("web")), []string{
			"error GroupIDOutsideRanges pod.fsGroup",
			"  Overwritten pod.fsGroup=1000",
		}},
		{"a good one is not", policy.Policy{FSGroup: overwrite}, newPod(fsGroup(1500), ctr("web")), []string{
			"error Overwritten pod.fsGroup",
			"  Overwritten pod.fsGroup=1000",
		}},
	})
	all := func(*podspec.Container) bool { return true }
	for name, p := range map[string]policy.Policy{
		"overwrite":   users,
		"MustBeUnset": {RunAsUser: unset},
		"MustRunAs":   {RunAsUser: must},
	} {
		for _, pod := range []*podspec.Pod{newPod(onPod(user(5)), ctr("web")), newPod(onPod(user(5)), ctr("web", user(6)))} {
			got := validator.Evaluate(&p, validator.Subject{Pod: pod, Excluded: all})
			if len(got) > 0 {
				t.Errorf("%s: the only container is excluded: %q", name, summary(got))
			}
		}
	}
}

func TestNonRootOfASharedPlace(t *testing.T) {
	t.Parallel()
	for _, place := range []podspec.ContextPlace{podspec.SharedContext, podspec.RefusedContext, podspec.NoContext} {
		got := validator.Evaluate(&policy.Policy{RunAsUser: notRoot}, validator.Subject{Pod: newPod(contextAt(place), ctr("web"))})
		diff(t, []string{
			"error ShouldRunAsNonRoot containers[0].runAsNonRoot web",
			"  Defaulted containers[0].runAsNonRoot=true",
		}, summary(got))
	}
}

// TestTemplateOfContainers: what several containers have from one template is one
// finding, which names them all.
func TestTemplateOfContainers(t *testing.T) {
	t.Parallel()
	pod := newPod(ctr("a"), ctr("b"), templated(5))
	got := validator.Evaluate(&policy.Policy{RunAsUser: must}, validator.Subject{Pod: pod})
	if len(got) != 1 || got[0].Reason != policy.UserIDOutsideRanges || got[0].Origin != podspec.FromContainer {
		t.Fatalf("got %+v", got)
	}
	diff(t, []string{"a", "b"}, got[0].Containers)

	for i := range pod.Containers {
		spoil(&pod.Containers[i].RunAsUser, podspec.InvalidType)
	}
	got = validator.Evaluate(&policy.Policy{RunAsUser: must}, validator.Subject{Pod: pod})
	if len(got) != 1 || got[0].Reason != policy.InvalidType {
		t.Errorf("a problem in the template: %q", summary(got))
	}
}

// TestRemainders: the value of a field counts only where its state says that it is
// set. What else is in the struct is nobody's.
func TestRemainders(t *testing.T) {
	t.Parallel()
	bad := &podspec.Problem{Code: podspec.InvalidType, Path: podspec.Field("spec", "x"), Detail: "must be something else"}
	at := podspec.Field("spec", "x")
	remains := func(s string) podspec.Value[string] {
		return podspec.Value[string]{State: podspec.Invalid, V: s, Path: at, Problem: bad}
	}
	for name, tt := range map[string]struct {
		policy policy.Policy
		change podTweak
	}{
		"procMount":       {policy.Policy{RunAsUser: notRoot}, func(p *podspec.Pod) { p.Containers[0].ProcMount = remains("Unmasked") }},
		"a name":          {policy.Policy{RunAsUser: notRoot}, func(p *podspec.Pod) { p.Windows = true; p.RunAsUserName = remains("ContainerAdministrator") }},
		"an id, unmapped": {policy.Policy{FSGroup: may}, func(p *podspec.Pod) { hostUsers(false)(p); spoil(&p.FSGroup, podspec.InvalidType); p.FSGroup.V = 70000 }},
		"fsGroup":         {policy.Policy{FSGroup: may}, func(p *podspec.Pod) { spoil(&p.FSGroup, podspec.InvalidType); p.FSGroup.V = 5 }},
		"the host's users": {policy.Policy{FSGroup: may}, func(p *podspec.Pod) {
			set(&p.FSGroup, 70000)
			p.HostUsers.Problem, p.HostUsers.State = bad, podspec.Invalid
		}},
	} {
		pod := newPod(ctr("web", nonRoot(true)), onPod(nonRoot(true)))
		tt.change(pod)
		problems := 0
		for _, f := range validator.Evaluate(&tt.policy, validator.Subject{Pod: pod}) {
			switch f.Reason {
			case policy.InvalidType:
				problems++
			case policy.Refused, policy.IDNotMapped, policy.CannotUseRootUserID:
				t.Errorf("%s: %s", name, f.Message)
			}
		}
		if problems != 1 {
			t.Errorf("%s: %d problems, want 1", name, problems)
		}
	}
}

// TestUserNamespaces: hostUsers: false is what makes a user namespace, and what the
// API server refuses beside it is true.
func TestUserNamespaces(t *testing.T) {
	t.Parallel()
	hostNetwork := func(b bool) podTweak { return func(p *podspec.Pod) { set(&p.HostNetwork, b) } }
	procMount := func(s string) podTweak {
		return func(p *podspec.Pod) {
			set(&p.Containers[0].ProcMount, s)
			p.Containers[0].ProcMount.Path = podspec.Field("procMount")
		}
	}
	anyUser := policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MayRunAs, Ranges: policy.Ranges{{Max: podspec.MaxID}}}}
	for _, tt := range []struct {
		name string
		pod  *podspec.Pod
		want []policy.Reason
	}{
		{"an id that is mapped", newPod(hostUsers(false), ctr("web", user(65535))), nil},
		{"an id that is not", newPod(hostUsers(false), ctr("web", user(65536))), []policy.Reason{policy.IDNotMapped}},
		{"no user namespace", newPod(hostUsers(true), ctr("web", user(65536))), nil},
		{"not the host's network", newPod(hostUsers(false), hostNetwork(false), ctr("web")), nil},
		{"the host's network", newPod(hostUsers(false), hostNetwork(true), ctr("web")), []policy.Reason{policy.Refused}},
		{"the host's users and network", newPod(hostUsers(true), hostNetwork(true), ctr("web")), nil},
		{"a network that cannot be read", newPod(hostUsers(false), func(p *podspec.Pod) { p.HostNetwork = podspec.Value[bool]{State: podspec.Invalid, V: true} }, ctr("web")), nil},
		{"an unmasked /proc", newPod(ctr("web"), procMount("Unmasked")), []policy.Reason{policy.Refused}},
		{"an unmasked /proc in a part of a pod", newPod(partial, ctr("web"), procMount("Unmasked")), nil},
		{"an unmasked /proc in a user namespace", newPod(hostUsers(false), ctr("web"), procMount("Unmasked")), nil},
		{"a masked /proc", newPod(ctr("web"), procMount("Default")), nil},
	} {
		var got []policy.Reason
		for _, f := range validator.Evaluate(&anyUser, validator.Subject{Pod: tt.pod}) {
			got = append(got, f.Reason)
			want := podspec.FromPod
			if len(f.Containers) > 0 {
				want = podspec.FromContainer
			}
			if f.Origin != want {
				t.Errorf("%s: %s is from %q", tt.name, f.Message, f.Origin)
			}
		}
		diff(t, tt.want, got)
	}
}

// TestRefusedWords: what is not a value of a field is refused, in the words of the field.
func TestRefusedWords(t *testing.T) {
	t.Parallel()
	p := policy.Policy{RunAsUser: may}
	pod := newPod(ctr("web"), ctr("db"))
	set(&pod.FSGroupChangePolicy, "Sometimes")
	set(&pod.Containers[1].ProcMount, "None")
	var got []string
	for _, f := range validator.Evaluate(&p, validator.Subject{Pod: pod}) {
		if f.Reason != policy.Refused {
			t.Errorf("reason %s", f.Reason)
		}
		got = append(got, f.Message)
	}
	diff(t, []string{
		`pod: fsGroupChangePolicy must be OnRootMismatch or Always, is "Sometimes"`,
		`container "db": procMount must be Default or Unmasked, is "None"`,
	}, got)

	high := newPod(hostUsers(false), ctr("web"), fsGroup(70000))
	for mode, want := range map[policy.Mode]policy.Severity{policy.Enforce: policy.Warning, policy.Warn: policy.Warning, policy.Audit: policy.Info} {
		p.Mode = mode
		fs := validator.Evaluate(&p, validator.Subject{Pod: high})
		if len(fs) != 1 || fs[0].Severity != want || fs[0].Message != "pod: fsGroup must be in 0-65535, as hostUsers is false, is 70000" {
			t.Errorf("%s: %+v", mode, fs)
		}
	}
}

// TestRuleNames: a finding that every policy reports names the first rule that the
// policy has, and its line.
func TestRuleNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		groups policy.Strategy
		want   string
	}{
		{policy.Strategy{Rule: policy.MustRunAs, Ranges: ranges, RequireStrict: true, Line: 4}, "MustRunAs"},
		{policy.Strategy{Rule: policy.RunAsAny, RequireStrict: true, Line: 4}, "requireStrict"},
		{policy.Strategy{RequireStrict: true, Line: 4}, "requireStrict"},
		{policy.Strategy{Rule: policy.MayRunAs, Ranges: ranges, Line: 4}, "MayRunAs"},
	} {
		pod := newPod(groups(1000), groupsPolicy("Strict"), ctr("web"))
		pod.Problems = []podspec.Problem{{Code: podspec.DuplicateKey, Path: podspec.Field("spec", "containers"), Detail: "must be set once, is set twice"}}
		got := validator.Evaluate(&policy.Policy{SupplementalGroups: tt.groups}, validator.Subject{Pod: pod})
		if len(got) != 1 || got[0].Rule != tt.want || got[0].PolicyLine != 4 {
			t.Errorf("want rule %q at line 4, got %+v", tt.want, got)
		}
	}
	// A rule that judges nothing but images says nothing of Windows, unless it does.
	skips := checking(policy.Policy{RunAsUser: anything, RunAsGroup: must}, policy.ScopeAll)
	got := validator.Evaluate(&skips, validator.Subject{Pod: newPod(windows, ctr("web")), Images: images(usr("0"))})
	if len(got) != 1 || got[0].Reason != policy.WindowsSkipped || got[0].Rule != "MustRunAs" {
		t.Errorf("got %+v", got)
	}
}

// TestCurrentText: a finding shows what is in the manifest, in the words of the
// problem where it has some.
func TestCurrentText(t *testing.T) {
	t.Parallel()
	p := policy.Policy{RunAsUser: must}
	for _, tt := range []struct{ ofProblem, ofValue, want string }{
		{"a", "b", "a"},
		{"a", "", "a"},
		{"", "b", "b"},
	} {
		pod := newPod(ctr("web", badUser(podspec.InvalidType)))
		v := &pod.Containers[0].RunAsUser
		v.Raw, v.Problem.Raw = tt.ofValue, tt.ofProblem
		got := validator.Evaluate(&p, validator.Subject{Pod: pod})
		if len(got) != 1 || got[0].Current != tt.want {
			t.Errorf("%+v: got %+v", tt, got)
		}
	}
	for raw, want := range map[string]any{"[ 1000, -1 ]": "[ 1000, -1 ]", "": "[1000, -1]"} {
		pod := newPod(groups(1000, 2000), ctr("web"))
		pod.SupplementalGroups.Raw = raw
		spoil(&pod.SupplementalGroups.Items[1], podspec.InvalidID)
		got := validator.Evaluate(&policy.Policy{SupplementalGroups: overwrite}, validator.Subject{Pod: pod})
		if len(got) != 1 || got[0].Current != want || got[0].Reason != policy.InvalidID {
			t.Errorf("%q: got %+v", raw, got)
		}
	}
}

// TestProposedAndForetold: what would be written is told also where another finding
// writes it, or none may.
func TestProposedAndForetold(t *testing.T) {
	t.Parallel()
	got := validator.Evaluate(&policy.Policy{RunAsUser: must, Placement: policy.PlacePod}, validator.Subject{Pod: newPod(ctr("a"), ctr("b"))})
	if len(got) != 2 || got[0].Proposed != int64(1000) || got[1].Proposed != int64(1000) || len(got[1].Fix) > 0 {
		t.Errorf("got %+v", got)
	}
	audit := policy.Policy{RunAsUser: must, Mode: policy.Audit}
	got = validator.Evaluate(&audit, validator.Subject{Pod: newPod(ctr("web"))})
	if len(got) != 1 || len(got[0].Foretold) != 1 {
		t.Fatalf("got %+v", got)
	}
	if m := got[0].Foretold[0].Message; m != "would also change: pod: runAsUser set to 1000 (was unset)" {
		t.Errorf("foretold: %q", m)
	}
	message := validator.Evaluate(&policy.Policy{RunAsUser: overwrite}, validator.Subject{Pod: newPod(onPod(user(1000)), ctr("web", user(5)))})
	if len(message) != 1 || message[0].Message != `container "web": runAsUser must be in 1000-1999, 3000-3999, is 5` {
		t.Errorf("overwritten: %+v", message)
	}
	empty := validator.Evaluate(&policy.Policy{SupplementalGroups: must}, validator.Subject{Pod: newPod(groups(), ctr("web"))})
	if len(empty) != 1 || empty[0].Origin != podspec.FromPod {
		t.Errorf("an empty list is the pod's: %+v", empty)
	}
}

func TestImageCorners(t *testing.T) {
	t.Parallel()
	fromImage := policy.Strategy{Rule: policy.MustRunAs, DefaultFrom: policy.DefaultFromImage, Ranges: policy.Ranges{{Min: 5, Max: 9}, {Min: 0, Max: 0}}}
	ignoring := policy.Policy{RunAsUser: fromImage, Images: policy.Images{FailurePolicy: policy.FailureIgnore}}
	runImages(t, []imageRow{
		{"a name is not 0", policy.Policy{RunAsUser: fromImage}, newPod(ctr("web")), images(usr("app")), []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=5",
		}},
		{"an unreadable image that is ignored", ignoring, newPod(ctr("web")), unreadable, []string{
			"error MissingUserID containers[0].runAsUser web",
			"  Defaulted containers[0].runAsUser=5",
		}},
		{"no USER beside a user", checking(policy.Policy{RunAsUser: notRoot}, policy.ScopeAll), newPod(ctr("web", user(5))), images(usr("")), nil},
		{"a root USER in a part of a pod", checking(policy.Policy{RunAsUser: notRoot}, policy.ScopeAll), newPod(partial, ctr("web")), images(usr("0")), []string{
			"error ImageConfigUserIDCannotBeRoot" + atImage,
		}},
		{"no USER in a part of a pod", checking(policy.Policy{RunAsUser: notRoot}, policy.ScopeAll), newPod(partial, ctr("web")), images(usr("")), nil},
		{"no USER under runAsNonRoot", checking(policy.Policy{RunAsUser: notRoot}, policy.ScopeAll), newPod(ctr("web", nonRoot(true))), images(usr("")), []string{
			"error ImageConfigUserIDCannotBeRoot" + atImage,
		}},
	})
}
