package policy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/podspec"
)

// The annotations with the ids that OpenShift assigns to a Namespace. Source:
// github.com/openshift/api security/v1.
const (
	uidRangeAnnotation = "openshift.io/sa.scc.uid-range"
	groupsAnnotation   = "openshift.io/sa.scc.supplemental-groups"
)

// ErrNamespaceRanges is wrapped by every error of Policy.ForNamespace.
var ErrNamespaceRanges = errors.New("no ranges from the namespace")

// ForNamespace returns the policy as it is for objects of a namespace: a copy
// with the ranges that come from the Namespace's annotations, or p itself where
// none do. ns is nil where the Namespace is not among the items, which is an
// error where it is needed: the policy cannot be judged then.
//
// The ranges are those that OpenShift's own SecurityContextConstraints give:
//   - runAsUser: openshift.io/sa.scc.uid-range, one block;
//   - supplementalGroups: openshift.io/sa.scc.supplemental-groups, all its
//     blocks, or the uid-range where a Namespace lacks that annotation;
//   - fsGroup: of the same, only the first id of the first block;
//   - runAsGroup: OpenShift assigns none; the uid-range, so that a process may
//     have its uid as its gid.
//
// A block is start/size (1000/10000) or first-last (1000-10999).
func (p *Policy) ForNamespace(ns *Namespace) (*Policy, error) {
	if !p.UsesNamespaceRanges() {
		return p, nil
	}
	out := *p
	var errs []error
	for _, f := range []struct {
		name     string
		strategy *Strategy
		ranges   func(*Namespace) (Ranges, error)
	}{
		{"runAsUser", &out.RunAsUser, uidRange},
		{"runAsGroup", &out.RunAsGroup, uidRange},
		{"supplementalGroups", &out.SupplementalGroups, supplementalGroups},
		{"fsGroup", &out.FSGroup, firstGroup},
	} {
		if f.strategy.RangesFrom != RangesFromOpenShift {
			continue
		}
		if ns == nil {
			errs = append(errs, fmt.Errorf("%s: the Namespace must be among the items: %w", f.name, ErrNamespaceRanges))
			continue
		}
		rs, err := f.ranges(ns)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: namespace %q: %w: %w", f.name, ns.Name, err, ErrNamespaceRanges))
		}
		f.strategy.Ranges = rs // of a copy that is not returned where there is an error
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return out.Prepared(), nil
}

// UsesNamespaceRanges reports whether ranges of the policy come from the
// Namespace of an object.
func (p *Policy) UsesNamespaceRanges() bool {
	return p.RunAsUser.RangesFrom == RangesFromOpenShift || p.RunAsGroup.RangesFrom == RangesFromOpenShift ||
		p.SupplementalGroups.RangesFrom == RangesFromOpenShift || p.FSGroup.RangesFrom == RangesFromOpenShift
}

func uidRange(ns *Namespace) (Ranges, error) {
	text, ok := ns.Annotations[uidRangeAnnotation]
	if !ok {
		return nil, fmt.Errorf("annotation %s must be set, is unset", uidRangeAnnotation)
	}
	r, err := parseBlock(uidRangeAnnotation, text)
	if err != nil {
		return nil, err
	}
	return Ranges{r}, nil
}

func supplementalGroups(ns *Namespace) (Ranges, error) {
	name := groupsAnnotation
	text, ok := ns.Annotations[name]
	if !ok {
		name = uidRangeAnnotation
		text, ok = ns.Annotations[name]
	}
	if !ok {
		return nil, fmt.Errorf("annotation %s or %s must be set, is unset", groupsAnnotation, uidRangeAnnotation)
	}
	var rs Ranges
	for block := range strings.SplitSeq(text, ",") {
		r, err := parseBlock(name, block)
		if err != nil {
			return nil, err
		}
		rs = append(rs, r)
	}
	return rs, nil
}

func firstGroup(ns *Namespace) (Ranges, error) {
	rs, err := supplementalGroups(ns)
	if err != nil {
		return nil, err
	}
	return Ranges{{Min: rs[0].Min, Max: rs[0].Min}}, nil
}

// parseBlock reads start/size or first-last.
func parseBlock(annotation, block string) (Range, error) {
	bad := fmt.Errorf("annotation %s must hold start/size or first-last with ids in 0-%d, is %q", annotation, podspec.MaxID, block)
	block = strings.TrimSpace(block)
	if first, size, ok := strings.Cut(block, "/"); ok {
		min, okMin := parseID(first)
		n, okSize := parseID(size)
		if !okMin || !okSize || n == 0 || min+n-1 > podspec.MaxID {
			return Range{}, bad
		}
		return Range{Min: min, Max: min + n - 1}, nil
	}
	first, last, _ := strings.Cut(block, "-")
	min, okMin := parseID(first)
	max, okMax := parseID(last)
	if !okMin || !okMax || min > max {
		return Range{}, bad
	}
	return Range{Min: min, Max: max}, nil
}

// parseID reads an id: decimal digits and nothing else.
func parseID(s string) (int64, bool) {
	id, err := strconv.ParseUint(s, 10, 31)
	return int64(id), err == nil
}
