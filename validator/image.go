package validator

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// Why an image has no configuration where its source gives no error.
var (
	errNoSource = errors.New("no source of images is configured")
	errNoImage  = errors.New("the container names no image")
	errNoConfig = errors.New("no configuration was found")
)

// imageUser judges the USER of the containers' images, one finding for each
// thing wrong with an image; where an image has several platforms and they
// differ, it names them.
//
// The group is judged only where USER says one: without it the container has
// the group that the runtime finds in /etc/passwd, which resolveNames looks up.
func imageUser(e *evaluation) {
	if !e.policy.Images.Check {
		return
	}
	for _, c := range e.containers {
		if e.pod.Partial && c.Image == "" {
			continue // the operator's
		}
		rules := e.imageRules(c)
		if rules.user == nil && rules.group == nil {
			continue
		}
		if cfgs, ok := e.configs(c, rules.any()); ok {
			e.judgeImage(c, cfgs, rules)
		}
	}
}

// imageRules are the strategies that judge an image; nil where none does.
type imageRules struct {
	user, group *policy.Strategy
}

// any is a rule that asks for the image.
func (r imageRules) any() *policy.Strategy {
	if r.user != nil {
		return r.user
	}
	return r.group
}

// imageRules returns what judges the image of a container. Under ScopeEffective
// that is nothing where the kubelet does not look at USER: the user is judged
// where no runAsUser is set, the group where no runAsGroup is set either.
func (e *evaluation) imageRules(c *podspec.Container) imageRules {
	var out imageRules
	if s := &e.policy.RunAsUser; s.Rule == policy.MustRunAs || s.Rule == policy.MayRunAs || s.Rule == policy.MustRunAsNonRoot {
		out.user = s
	}
	if s := &e.policy.RunAsGroup; s.Rule == policy.MustRunAs || s.Rule == policy.MayRunAs {
		out.group = s
	}
	if e.policy.Images.Scope != policy.ScopeEffective {
		return out
	}
	if e.hasID(&runAsUser, c) {
		return imageRules{}
	}
	if e.hasID(&runAsGroup, c) {
		out.group = nil
	}
	return out
}

// hasID reports whether a container has an effective id in the result.
func (e *evaluation) hasID(f *idField, c *podspec.Container) bool {
	return e.setInResult(*f.of(&c.SecurityContext)) || e.setInResult(*f.of(&e.pod.SecurityContext))
}

// configs returns the configurations of a container's image, one a platform. If
// there are none it says so, as failurePolicy has it, once for a container, and
// returns false.
func (e *evaluation) configs(c *podspec.Container, s *policy.Strategy) ([]image.Config, bool) {
	cfgs, err := e.lookUp(c.Image)
	if err == nil {
		return cfgs, true
	}
	if e.unread[c] || e.policy.Images.FailurePolicy == policy.FailureIgnore {
		return nil, false
	}
	if e.unread == nil {
		e.unread = make(map[*podspec.Container]bool)
	}
	e.unread[c] = true
	fd := imageFinding(c, policy.Finding{
		Rule:       string(s.Rule),
		PolicyLine: s.Line,
		Reason:     policy.ImageUnavailable,
		Severity:   e.policy.Mode.Severity(),
		Image:      podspec.Shown(c.Image),
	})
	fd.Message = fmt.Sprintf("%s: cannot read image %q to check its USER: %s",
		subject([]*podspec.Container{c}), podspec.Shown(c.Image), podspec.Shown(strings.TrimSuffix(err.Error(), ".")))
	if e.policy.Images.FailurePolicy == policy.FailureWarn && fd.Severity == policy.Error {
		fd.Severity = policy.Warning
	}
	e.add(fd)
	return nil, false
}

func (e *evaluation) lookUp(ref string) ([]image.Config, error) {
	switch {
	case ref == "":
		return nil, errNoImage
	case e.images == nil:
		return nil, errNoSource
	}
	cfgs, err := e.images(ref)
	if err == nil && len(cfgs) == 0 {
		err = errNoConfig
	}
	return cfgs, err
}

// verdict is what is wrong with the image on one platform.
type verdict struct {
	by      *policy.Strategy
	reason  policy.Reason
	message string // all but for whom and on which platform
	current any
	image   string
}

// judgeImage reports each verdict once, with the platforms it holds for where
// it does not hold for all.
func (e *evaluation) judgeImage(c *podspec.Container, cfgs []image.Config, rules imageRules) {
	var verdicts []verdict
	on := make(map[verdict][]string)
	for _, cfg := range cfgs {
		for _, v := range e.verdicts(c, cfg, rules) {
			if on[v] == nil {
				verdicts = append(verdicts, v)
			}
			on[v] = append(on[v], cfg.Platform)
		}
	}
	for _, v := range verdicts {
		fd := imageFinding(c, policy.Finding{
			Rule:       string(v.by.Rule),
			PolicyLine: v.by.Line,
			Reason:     v.reason,
			Severity:   e.policy.Mode.Severity(),
			Message:    subject([]*podspec.Container{c}) + ": " + v.message,
			Current:    v.current,
			Image:      v.image,
		})
		if v.reason == policy.WindowsSkipped {
			fd.Severity = policy.Info
		}
		if len(on[v]) < len(cfgs) {
			fd.Message += " on " + strings.Join(on[v], ", ")
		}
		e.add(fd)
	}
}

// imageFinding places a finding at the image of a container.
func imageFinding(c *podspec.Container, fd policy.Finding) policy.Finding {
	fd.Path = c.Path.Key("image")
	fd.Containers = []string{nameOf(c)}
	fd.Origin = podspec.FromImage
	return fd
}

// verdicts judges the image on one platform.
func (e *evaluation) verdicts(c *podspec.Container, cfg image.Config, rules imageRules) []verdict {
	if cfg.OS == "windows" {
		return []verdict{{
			by:      rules.any(),
			reason:  policy.WindowsSkipped,
			message: "the image's USER is not checked, because the image is for Windows",
			image:   pinned(c.Image, cfg.Digest),
		}}
	}
	u := userOf(cfg, e.policy.Images.ResolveNames)
	// What no runtime starts is reported by whichever rule looks at the USER.
	if rules.group == nil && malformed(u.Group) {
		u.User = u.Group
	}
	if rules.user == nil && malformed(u.User) {
		u.Group = u.User
	}
	var out []verdict
	for _, v := range []verdict{e.userVerdict(c, cfg, u.User, rules.user), e.groupVerdict(cfg, u.Group, rules.group)} {
		if v.reason != "" {
			v.image = pinned(c.Image, cfg.Digest)
			out = append(out, v)
		}
	}
	return out
}

// userVerdict judges the user of an image; the zero verdict is none.
func (e *evaluation) userVerdict(c *podspec.Container, cfg image.Config, user image.Part, s *policy.Strategy) verdict {
	if s == nil {
		return verdict{}
	}
	nonRoot := s.Rule == policy.MustRunAsNonRoot
	switch {
	case user.Kind == image.Absent:
		if !nonRoot || e.pod.Partial || e.hasID(&runAsUser, c) {
			return verdict{}
		}
		return verdict{
			by:      s,
			reason:  policy.ImageConfigUserIDCannotBeRoot,
			message: "image user must not be root, is unset: image will run as root",
		}
	case user.Kind != image.Numeric:
		must := mustBe("user", "/etc/passwd", user, e.policy.Images.ResolveNames)
		return verdictOn(s, policy.ImageConfigInvalidUserID, must, cfg, user)
	case nonRoot && user.ID == 0:
		return verdictOn(s, policy.ImageConfigUserIDCannotBeRoot, "image user must not be root", cfg, user)
	case !nonRoot && !s.Allows(user.ID):
		return verdictOn(s, policy.ImageConfigUserIDOutsideRanges, mustBeIn("image user", s.Ranges), cfg, user)
	}
	return verdict{}
}

// groupVerdict judges the group of an image; the zero verdict is none.
func (e *evaluation) groupVerdict(cfg image.Config, group image.Part, s *policy.Strategy) verdict {
	switch {
	case s == nil || group.Kind == image.Absent:
		return verdict{}
	case group.Kind != image.Numeric:
		must := mustBe("group", "/etc/group", group, e.policy.Images.ResolveNames)
		return verdictOn(s, policy.ImageConfigInvalidGroupID, must, cfg, group)
	case !s.Allows(group.ID):
		return verdictOn(s, policy.ImageConfigGroupIDOutsideRanges, mustBeIn("image group", s.Ranges), cfg, group)
	}
	return verdict{}
}

func verdictOn(s *policy.Strategy, r policy.Reason, must string, cfg image.Config, p image.Part) verdict {
	v := verdict{by: s, reason: r, current: p.Text}
	if p.Kind == image.Numeric {
		v.current = p.ID
	}
	v.message = fmt.Sprintf("%s, is %s (from the image's USER %q)", must, show(v.current), cfg.User)
	return v
}

// pinned adds its digest to a reference that has none.
func pinned(ref, digest string) string {
	if digest == "" || strings.Contains(ref, "@") {
		return ref
	}
	return ref + "@" + digest
}

// imageDefault is the id that the image's USER gives, if it satisfies the rule
// and is the same on all platforms.
func imageDefault(f *idField, s *policy.Strategy, cfgs []image.Config, lookUp bool) (id int64, ok bool) {
	var found []int64
	for _, cfg := range cfgs {
		got := f.fromImage(userOf(cfg, lookUp))
		if cfg.OS == "windows" || got.Kind != image.Numeric || !s.Allows(got.ID) {
			return 0, false
		}
		found = append(found, got.ID)
	}
	found = slices.Compact(found)
	return found[0], len(found) == 1
}
