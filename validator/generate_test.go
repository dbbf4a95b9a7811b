package validator_test

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// generate reads a sample from bytes; bytes that are not there are 0, and 0
// means nothing: the empty input is a pod with nothing set.
func generate(data []byte) sample {
	b := &source{data}
	s := sample{policy: b.policy(), pod: newPod(), images: map[string]image.Config{}, excluded: map[string]bool{}}
	s.pod.Windows = b.oneIn(12)
	b.context(&s.pod.SecurityContext)
	b.groups(&s.pod.SupplementalGroups)
	b.id(&s.pod.FSGroup)
	if b.oneIn(3) {
		set(&s.pod.SupplementalGroupsPolicy, pick(b, "Strict", "Merge", "strict"))
	}
	for i := range b.next() % 5 {
		name := fmt.Sprintf("c%d", i)
		kind := pick(b, podspec.RegularContainer, podspec.RegularContainer, podspec.InitContainer, podspec.EphemeralContainer)
		add(kind, name, nil)(s.pod)
		c := &s.pod.Containers[len(s.pod.Containers)-1]
		b.context(&c.SecurityContext)
		s.excluded[name] = b.oneIn(6)
		if !b.oneIn(8) {
			s.images[c.Image] = b.image()
		}
	}
	return s
}

// source is bytes to decide by.
type source struct{ data []byte }

func (b *source) next() int {
	if len(b.data) == 0 {
		return 0
	}
	v := b.data[0]
	b.data = b.data[1:]
	return int(v)
}

// oneIn is true once in n, and never for the byte 0.
func (b *source) oneIn(n int) bool { return b.next()%n == n-1 }

func pick[T any](b *source, of ...T) T { return of[b.next()%len(of)] }

func (b *source) policy() policy.Policy {
	p := policy.Policy{Name: "p"}
	p.RunAsUser = b.strategy(policy.RunAsAny, policy.MustRunAs, policy.MustRunAs, policy.MustRunAsNonRoot, policy.MustRunAsNonRoot, policy.MustBeUnset)
	p.RunAsGroup = b.strategy(policy.RunAsAny, policy.MustRunAs, policy.MustRunAs, policy.MayRunAs, policy.MustBeUnset)
	p.SupplementalGroups = b.strategy("", policy.MustRunAs, policy.MayRunAs, policy.MustBeUnset)
	p.FSGroup = b.strategy("", policy.MustRunAs, policy.MayRunAs, policy.MustBeUnset)
	p.SupplementalGroups.DefaultFrom, p.FSGroup.DefaultFrom = "", ""
	p.SupplementalGroups.RequireStrict = b.oneIn(4)
	p.Placement = pick(b, policy.PlaceBoth, policy.PlacePod, policy.PlaceContainers)
	p.Mode = pick(b, "", "", "", policy.Enforce, policy.Warn, policy.Audit)
	p.Images.Check = b.oneIn(3)
	p.Images.Scope = pick(b, "", policy.ScopeEffective)
	p.Images.FailurePolicy = pick(b, "", policy.FailureWarn, policy.FailureIgnore)
	p.Images.ResolveNames = b.oneIn(2)
	return p
}

func (b *source) strategy(rules ...policy.Rule) policy.Strategy {
	s := policy.Strategy{Rule: pick(b, rules...)}
	switch s.Rule {
	case policy.MustRunAs:
		s.Overwrite = b.oneIn(3)
		if b.oneIn(5) {
			s.DefaultFrom = policy.DefaultFromImage
		}
		s.Ranges = ranges
	case policy.MayRunAs:
		s.Ranges = ranges
	}
	return s
}

func (b *source) context(sc *podspec.SecurityContext) {
	b.id(&sc.RunAsUser)
	b.id(&sc.RunAsGroup)
	switch b.next() % 8 {
	case 1, 2, 3:
		set(&sc.RunAsNonRoot, true)
	case 4:
		set(&sc.RunAsNonRoot, false)
	case 5:
		if b.oneIn(4) {
			spoil(&sc.RunAsNonRoot, pick(b, podspec.AmbiguousValue, podspec.DuplicateKey))
		}
	}
	if b.oneIn(6) {
		set(&sc.RunAsUserName, pick(b, "ContainerUser", "ContainerAdministrator", "containeradministrator"))
	}
}

// id leaves a value unset, or sets it to one inside or outside the ranges or to
// one that cannot be judged.
func (b *source) id(v *podspec.Value[int64]) {
	switch b.next() % 12 {
	case 1:
		set(v, 0)
	case 2, 3:
		set(v, 1000)
	case 4, 5:
		set(v, 1500)
	case 6:
		set(v, 2500)
	case 7:
		set(v, 3999)
	case 8:
		if b.oneIn(3) {
			spoil(v, pick(b, podspec.InvalidType, podspec.InvalidID, podspec.DuplicateKey))
		}
	}
}

func (b *source) groups(g *podspec.Groups) {
	switch b.next() % 6 {
	case 1:
		setGroups(g, nil)
	case 2, 3, 4:
		setGroups(g, make([]int64, 1+b.next()%3))
		for i := range g.Items {
			set(&g.Items[i], pick(b, int64(1000), 1500, 3999, 0))
			if b.oneIn(10) {
				spoil(&g.Items[i], podspec.InvalidType)
			}
		}
	case 5:
		if b.oneIn(3) {
			spoilGroups(g, pick(b, podspec.InvalidType, podspec.DuplicateKey))
		}
	}
}

func (b *source) image() image.Config {
	c := image.Config{OS: "linux", Platform: "linux/amd64"}
	if b.oneIn(12) {
		c.OS = "windows"
	}
	c.User = pick(b, "", "0", "1500", "1500:1500", "1000:0", "root", "app:app", "1:2:3", "1000:", "+5")
	if b.oneIn(2) {
		c.UID, c.GID = new(int64), new(int64)
		*c.UID, *c.GID = pick(b, int64(1500), 0), pick(b, int64(1500), 0)
	}
	return c
}
