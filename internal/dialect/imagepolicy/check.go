package imagepolicy

import (
	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/podspec"
)

// checkAuthorities refuses what the controller's own admission refuses.
func checkAuthorities(d *strict.Decoder, at podspec.Path, as []authority) {
	if len(as) == 0 {
		d.Failf(at, "must hold at least one authority")
	}
	for i, a := range as {
		at := at.Index(i)
		switch count(a.Key != nil, a.Keyless != nil, a.Static != nil) {
		case 0:
			d.Failf(at, "must have one of key, keyless and static")
		case 1:
		default:
			d.Failf(at, "must have only one of key, keyless and static")
		}
		if a.Static != nil {
			checkStatic(d, at, a)
		}
		if len(a.Source) > 1 {
			d.Failf(at.Key("source"), "must hold at most one source")
		}
	}
}

// checkStatic refuses what says nothing beside a static authority.
func checkStatic(d *strict.Decoder, at podspec.Path, a authority) {
	if a.Static.Action == "" {
		d.Failf(at.Key("static", "action"), "is required: %s", strict.OneOf(a.Static.Action.Values()))
	}
	for _, f := range []struct {
		key string
		set bool
	}{
		{"attestations", len(a.Attestations) > 0},
		{"source", len(a.Source) > 0},
		{"ctlog", a.CTLog != nil},
		{"rfc3161timestamp", a.RFC3161Timestamp != nil},
	} {
		if f.set {
			d.Failf(at.Key(f.key), "must not stand beside static")
		}
	}
}

// checkPolicy refuses a policy without a type, and one that is nowhere or in
// several places.
func checkPolicy(d *strict.Decoder, at podspec.Path, p *embedded) {
	if p.Type == "" {
		d.Failf(at.Key("type"), "is required: %s", strict.OneOf(p.Type.Values()))
	}
	switch count(p.Data != "", p.URL != "", p.Remote != nil, p.ConfigMapRef != nil) {
	case 0:
		d.Failf(at, "must have one of data, configMapRef and remote")
	case 1:
	default:
		d.Failf(at, "must have only one of data, configMapRef and remote")
	}
}

// count says how many of the conditions hold.
func count(conditions ...bool) int {
	n := 0
	for _, c := range conditions {
		if c {
			n++
		}
	}
	return n
}
