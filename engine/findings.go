package engine

import (
	"slices"

	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// podFindings are the findings on the pods of an object, each once.
type podFindings struct {
	findings []policy.Finding
	indexed  int           // how many of them are in places and said
	places   map[place]int // the first finding of each place
	said     map[saying]bool
}

// place is what pods may share, and what is wrong there.
type place struct {
	origin podspec.Origin
	reason policy.Reason
	path   string
}

// saying is what is said of a place.
type saying struct{ path, message string }

// index makes places and said complete.
func (a *podFindings) index() {
	if a.places == nil {
		a.places, a.said = map[place]int{}, map[saying]bool{}
	}
	for ; a.indexed < len(a.findings); a.indexed++ {
		f := &a.findings[a.indexed]
		path := f.Path.String()
		if at := (place{f.Origin, f.Reason, path}); !has(a.places, at) {
			a.places[at] = a.indexed
			f.Containers, f.Fix = slices.Clip(f.Containers), slices.Clip(f.Fix) // join adds to them
		}
		a.said[saying{path, f.Message}] = true
	}
}

func has[K comparable, V any](m map[K]V, key K) bool {
	_, ok := m[key]
	return ok
}

// join adds the findings on another pod. What the pods share is one value, and one
// finding.
func (a *podFindings) join(more []policy.Finding) {
	if len(a.findings) == 0 {
		a.findings = more
		return
	}
	a.index()
	for _, f := range more {
		i, ok := 0, false
		if f.Path != nil && (f.Origin == podspec.FromPod || len(f.Containers) == 0) {
			i, ok = a.places[place{f.Origin, f.Reason, f.Path.String()}]
		}
		if !ok {
			a.findings = append(a.findings, f)
			continue
		}
		first := &a.findings[i]
		first.Containers = append(first.Containers, f.Containers...)
		first.Fix = append(first.Fix, f.Fix...)
	}
}

// add adds what has not been said yet: evaluators say of each pod what they say of the
// object as a whole, and policies say the same.
func (a *podFindings) add(more []policy.Finding) {
	for _, f := range more {
		a.index()
		if !a.said[saying{f.Path.String(), f.Message}] {
			a.findings = append(a.findings, f)
		}
	}
}
