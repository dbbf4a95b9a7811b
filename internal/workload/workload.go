// Package workload knows which kinds hold pod templates and where, and reads
// the pod specs out of decoded manifests.
//
// A Table says what a kind is. Builtin gives the table of the kinds known to
// this program, one row a kind; With adds the user's own. A caller asks
// Classify for every item, which is a map look-up, and decodes only what is
// worth it:
//
//	for _, o := range table.Objects(root) { // a List is flattened
//		pods := table.Pods(o.Node, o.APIVersion, o.Kind, o.Path)
//		if len(pods) == 0 {
//			warn(workload.Unchecked(o.Node, o.Path))
//		}
//	}
//
// Values are read as the cluster will read them, or refused. kubectl reads YAML
// 1.1 by go-yaml v2, kustomize and kpt read YAML 1.2 by go-yaml v3, and the API
// server is strict about types. So a value counts as set only where all of them
// see the same; everything else is a Problem, at the value where it concerns
// one field, at the Pod or the Object where it concerns the way to the fields.
// Nothing is coerced and nothing is ignored.
package workload

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/policykind"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// Class says what is to be done with an object of a kind.
type Class uint8

// The classes of kinds.
const (
	// Unknown is a kind that no table knows. It may embed pod specs all the
	// same: see Unchecked.
	Unknown Class = iota
	// Workload is a kind that holds pod specs: see Table.Pods.
	Workload
	// List is a kind whose items are objects: see Table.Objects.
	List
	// Ignored is a kind that is never policed: the configuration of kustomize
	// and kpt, policies, and the schema of a custom resource.
	Ignored
)

// String returns the name of the class.
func (c Class) String() string {
	return [...]string{"Unknown", "Workload", "List", "Ignored"}[c]
}

// Kind is one row of a Table: a kind that holds pod specs, in every version of
// its group.
type Kind struct {
	Group string // "" for the core group, * for any group
	Kind  string
	// Paths of the pod specs, dotted from the object's root, where [*] stands
	// for every element of a list and * for every value of a mapping.
	Paths []string
	// Project is where the kind comes from, for documentation; "" for a row
	// that a user has added.
	Project string
}

// anyGroup is the Group of a row that holds for all groups.
const anyGroup = "*"

// Table says which kinds hold pod specs, and where. It does not change after it
// was made, so that goroutines may share it.
type Table struct {
	kinds   []Kind
	rows    map[groupKind][]pattern
	ignored map[groupKind]bool
}

// groupKind is a kind in every version of its group.
type groupKind struct{ group, kind string }

// Builtin returns the table of the kinds that this program knows.
func Builtin() *Table {
	t := &Table{
		rows:    make(map[groupKind][]pattern, len(builtin)),
		ignored: make(map[groupKind]bool, len(ignored)),
	}
	for _, k := range builtin {
		if err := t.add(k); err != nil {
			panic(fmt.Sprintf("workload: built-in row %s %s: %v", k.Group, k.Kind, err))
		}
	}
	for _, gk := range ignored {
		t.ignored[gk] = true
	}
	for _, k := range policykind.All() {
		for _, g := range k.Groups() {
			if k.Item {
				t.ignored[groupKind{g, k.Name}] = true
			}
		}
	}
	return t
}

// With returns a table that knows the given kinds as well: new ones, and
// further places in those that the table knows already. The error joins all
// that is wrong, each with its place in paths: podSpecPaths[0].paths[1].
func (t *Table) With(paths []policy.PodSpecPath) (*Table, error) {
	if len(paths) == 0 {
		return t, nil
	}
	out := &Table{
		kinds:   slices.Clone(t.kinds),
		rows:    make(map[groupKind][]pattern, len(t.rows)+len(paths)),
		ignored: t.ignored,
	}
	for gk, patterns := range t.rows {
		out.rows[gk] = slices.Clip(patterns)
	}
	var errs []error
	for i, p := range paths {
		if err := out.add(Kind{Group: p.Group, Kind: p.Kind, Paths: slices.Clone(p.Paths)}); err != nil {
			errs = append(errs, fmt.Errorf("podSpecPaths[%d]%w", i, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return out, nil
}

// add adds a row. Its errors begin with the field they are about: ".kind".
func (t *Table) add(k Kind) error {
	if k.Kind == "" {
		return errors.New(".kind: must not be empty")
	}
	if len(k.Paths) == 0 {
		return errors.New(".paths: must not be empty")
	}
	gk := groupKind{k.Group, k.Kind}
	for i, text := range k.Paths {
		p, err := parsePattern(text)
		if err != nil {
			return fmt.Errorf(".paths[%d]: %w", i, err)
		}
		if !slices.ContainsFunc(t.rows[gk], p.equal) {
			t.rows[gk] = append(t.rows[gk], p)
		}
	}
	t.kinds = append(t.kinds, k)
	return nil
}

// Kinds returns the rows of the table, the built-in ones first.
func (t *Table) Kinds() []Kind { return slices.Clone(t.kinds) }

// Classify says what an object of this kind is. It is cheap: it is asked for
// every item before anything is decoded.
func (t *Table) Classify(apiVersion, kind string) Class {
	gk := groupKind{group(apiVersion), kind}
	switch {
	case t.rows[gk] != nil || t.rows[groupKind{anyGroup, kind}] != nil:
		return Workload
	case t.ignored[gk]:
		return Ignored
	case isList(kind):
		return List
	}
	return Unknown
}

// Pods returns every pod spec of an object, in the order of the table's paths
// and then of the text. at is the path of obj itself in its item; the paths of
// the pods begin with it. An absent or null template holds no pod. What is
// wrong on the way, such as a duplicate spec, stands in the Problems of the
// next pod below, or else of a Pod that has nothing but Problems.
func (t *Table) Pods(obj *manifest.Node, apiVersion, kind string, at podspec.Path) []*podspec.Pod {
	var f finder
	for _, p := range t.rows[groupKind{group(apiVersion), kind}] {
		f.walk(obj, p, at)
	}
	for _, p := range t.rows[groupKind{anyGroup, kind}] {
		f.walk(obj, p, at)
	}
	return f.result()
}

// group returns the API group of an apiVersion, "" for the core group.
func group(apiVersion string) string {
	return policy.Object{APIVersion: apiVersion}.Group()
}

// isList reports whether objects of a kind are lists of objects by their name.
func isList(kind string) bool { return strings.HasSuffix(kind, "List") }
