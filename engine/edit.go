package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/transformer"
)

// edit applies the fixes of all objects to the item and decides what is to be
// reported of each. An object that would still have an error afterwards is left
// as it is, and the others are edited without it: one object is all or nothing,
// and objects do not depend on one another. why says why the item had to be
// re-encoded, if it had to.
func (r *run) edit(ctx context.Context, d *desk, it *manifest.Item, root *manifest.Node, objects []judged) (why string) {
	for i := range objects {
		o := &objects[i]
		o.final = o.findings
		switch {
		case !slices.ContainsFunc(o.findings, fixable):
		case slices.ContainsFunc(o.findings, unreadable):
			o.final = slices.DeleteFunc(slices.Clone(o.findings), r.mended)
		default:
			o.edited = true
		}
	}
	edits := r.edits(d, objects)
	if len(edits) == 0 {
		return ""
	}
	res, err := transformer.Apply(&d.memory, it.Bytes(), it.Column(), root, edits)
	if err != nil {
		refuse(objects, err)
		return ""
	}
	result := r.judge(ctx, d, res.Root, res.Bytes)
	if !slices.EqualFunc(objects, result, samePlace) {
		refuse(objects, errMoreObjects)
		return ""
	}
	refused := false
	for i, after := range result {
		o := &objects[i]
		if !o.edited {
			continue
		}
		settle(after.findings)
		o.final = keepUnavailable(o.findings, after.findings)
		if slices.ContainsFunc(o.final, isError) {
			o.edited, refused = false, true
		}
	}
	if refused {
		if edits = r.edits(d, objects); len(edits) == 0 {
			return ""
		}
		res, err = transformer.Apply(&d.memory, it.Bytes(), it.Column(), root, edits)
	}
	if err == nil {
		err = fits(it, &res, objects)
	}
	if err != nil {
		refuse(objects, err)
		return ""
	}
	if res.Parts != nil {
		it.ReplaceParts(res.Parts)
	} else {
		it.Replace(res.Bytes)
	}
	return res.Why
}

// errMoreObjects says that the text of an alias, written in full, holds an object that
// was judged once for all places where the anchor is referred to.
var errMoreObjects = errors.New("an alias stands for an object, which would be another one in its place")

func samePlace(a, b judged) bool { return a.Path.Equal(b.Path) }

// fits returns an error where the edited item must not be written: its bytes would
// be another object in their place, or it is re-encoded and an object in it keeps
// an error, which must leave as it came.
func fits(it *manifest.Item, res *transformer.Result, objects []judged) error {
	if res.Reencoded {
		for i := range objects {
			if o := &objects[i]; !o.edited && slices.ContainsFunc(o.final, isError) {
				return fmt.Errorf("the list must be re-encoded (%s), and another object in it still has an error", res.Why)
			}
		}
	}
	return it.Accepts(res.Bytes)
}

// refuse leaves the objects of an item as they are, because the edits cannot be
// made: what is wrong with them is still to be reported, and why.
func refuse(objects []judged, why error) {
	for i := range objects {
		o := &objects[i]
		if !o.edited {
			continue
		}
		o.edited = false
		o.final = append(slices.Clone(o.findings), policy.Finding{
			Reason: policy.NotEdited, Severity: policy.Error,
			Message: fmt.Sprintf("the object is unchanged, because it cannot be edited: %v", why),
		})
	}
}

// keepUnavailable returns the findings after the fixes, with those about images
// that could not be read as they were before: a default that should have come
// from such an image is in the object now, and nothing asks for the image any
// more.
func keepUnavailable(before, after []policy.Finding) []policy.Finding {
	unavailable := func(f policy.Finding) bool { return f.Reason == policy.ImageUnavailable }
	if !slices.ContainsFunc(before, unavailable) {
		return after
	}
	kept := slices.DeleteFunc(slices.Clone(before), func(f policy.Finding) bool { return !unavailable(f) })
	return append(kept, slices.DeleteFunc(after, unavailable)...)
}

// settle turns fixes that are still proposed after fixing into errors: policies
// undo one another's changes.
func settle(findings []policy.Finding) {
	for i := range findings {
		f := &findings[i]
		if len(f.Fix) == 0 {
			continue
		}
		f.Fix = nil
		f.Reason, f.Severity = policy.PolicyConflict, policy.Error
		f.Message = fmt.Sprintf("policies contradict one another: after all changes policy %q still wants: %s", f.Policy, f.Message)
	}
}

// edits lists the edits of the objects to be edited, with paths from the item's root.
func (r *run) edits(d *desk, objects []judged) []podspec.Edit {
	edits := d.edits.Take(usual)[:0]
	annotates := slices.ContainsFunc(r.policies, func(p *policy.Policy) bool { return p.Annotate })
	for i := range objects {
		o := &objects[i]
		if !o.edited {
			continue
		}
		seen := d.editSet()
		var names []string // of the policies, which are few
		for _, f := range o.findings {
			for _, c := range f.Fix {
				if e := c.Edit; seen.add(e) {
					e.Path = o.Path.Join(e.Path)
					edits = append(edits, e)
				}
			}
			if len(f.Fix) > 0 && annotates && !slices.Contains(names, f.Policy) {
				names = append(names, f.Policy)
			}
		}
		if slices.ContainsFunc(r.policies, func(p *policy.Policy) bool { return p.Annotate && slices.Contains(names, p.Name) }) {
			edits = append(edits, podspec.Edit{
				Path:  o.Path.Key("metadata", "annotations", AppliedAnnotation),
				Value: strings.Join(names, ","),
			})
		}
	}
	return edits
}

// editSet is the edits of one object that have been seen: mostly a handful, but
// an object may have thousands of containers. desk.editSet makes one.
type editSet struct {
	few  []podspec.Edit
	many map[string][]podspec.Edit // by path
}

const (
	usual = 8  // edits of an object
	few   = 32 // edits that are compared one by one
)

// add reports whether the edit was not in the set yet, and adds it.
func (s *editSet) add(e podspec.Edit) bool {
	if len(s.few) < few {
		if slices.ContainsFunc(s.few, e.Equal) {
			return false
		}
		s.few = append(s.few, e)
		return true
	}
	if s.many == nil {
		s.many = make(map[string][]podspec.Edit)
		for _, f := range s.few {
			s.many[f.Path.String()] = append(s.many[f.Path.String()], f)
		}
	}
	key := e.Path.String()
	if slices.ContainsFunc(s.many[key], e.Equal) {
		return false
	}
	s.many[key] = append(s.many[key], e)
	return true
}

func fixable(f policy.Finding) bool { return len(f.Fix) > 0 }

func isError(f policy.Finding) bool { return f.Severity == policy.Error }

// unreadable reports whether a finding is about a manifest that parsers disagree
// on or that the cluster refuses. Such an object is not edited at all: there may
// be no one place to edit.
func unreadable(f policy.Finding) bool {
	switch f.Reason {
	case policy.DuplicateKey, policy.InvalidType, policy.InvalidID, policy.AmbiguousValue:
		return isError(f) && !fixable(f)
	}
	return false
}

// mended reports whether a finding would be gone after the fixes.
func (r *run) mended(f policy.Finding) bool {
	return fixable(f) || f.Proposed != nil && slices.ContainsFunc(r.policies, func(p *policy.Policy) bool {
		return p.Name == f.Policy && p.Mutates()
	})
}
