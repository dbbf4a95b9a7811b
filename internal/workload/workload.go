// Package workload knows which kinds hold pod templates and where, and reads
// the pod specs out of decoded manifests.
//
// A Table says what a kind is. Builtin gives the table of the kinds known to
// this program, one row a kind; With adds the user's own. A caller asks
// Classify for every item, which is a map look-up, and decodes only what is
// worth it:
//
//	for _, o := range table.Objects(root) { // a List is flattened
//		found := table.Find(nil, o.Node, o.APIVersion, o.Kind, o.Path)
//		judge(found.Pods)
//		warn(found.Loose, found.Templates) // what no row knows
//	}
//
// Not every pod is described by a PodSpec. A row says where the parts of its
// pods are: see Kind. Of a kind that an operator makes pods for, it says below
// which path every security context counts, wherever it is: that holds for all
// versions of the kind, and needs no list of places.
//
// Values are read as the cluster will read them, or refused. kubectl reads YAML
// 1.1 by go-yaml v2, kustomize and kpt read YAML 1.2 by go-yaml v3, and the API
// server is strict about types. So a value counts as set only where all of them
// see the same; everything else is a Problem, at the value where it concerns
// one field, at the Pod or the Object where it concerns the way to the fields.
// Nothing is coerced and nothing is ignored.
package workload

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/usergroup-dev/usergroup/internal/policykind"
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

// Kind is one row of a Table: a kind that pods are made of, in every version of
// its group. All paths are dotted, where [*] stands for every element of a list
// and * for every value of a mapping, and begin at the object's root.
type Kind struct {
	Group string // "" for the core group, * for any group
	Kind  string
	// Paths of the pod specs.
	Paths []string
	// Pods are those that no PodSpec describes.
	Pods []Parts
	// ContainerPaths and Contexts are the paths of containers and of security
	// contexts of which nothing more is known. What is absent there is the
	// operator's to say.
	ContainerPaths, Contexts []string
	// Below are the paths below which every security context counts that Paths,
	// Pods and Contexts do not name, wherever it is.
	Below []string
	// Operator is whether an operator fills in the rest of Paths and Pods: only
	// what is written is judged, and nothing is defaulted.
	Operator bool
	// NoPodContext is whether the kind's webhook refuses the securityContext of
	// its pods.
	NoPodContext bool
	// Project is where the kind comes from, for documentation; "" for a row
	// that a user has added.
	Project string
	// Source is where the row comes from if it is not built in: podSpecPaths, or
	// the file of a CustomResourceDefinition.
	Source string
}

// Places says where the pods of the kind are, each in words.
func (k Kind) Places() []string {
	out := slices.Clone(k.Paths)
	for _, p := range k.Pods {
		out = append(out, "parts in "+strings.Trim(p.Base+"."+p.Pod, "."))
	}
	out = append(append(out, k.ContainerPaths...), k.Contexts...)
	for _, p := range k.Below {
		out = append(out, "below "+p)
	}
	return out
}

// Parts says where the parts of a pod are that no PodSpec describes.
type Parts struct {
	// Base is the path of what several pods of the object share, and Pod, below
	// it, that of the pod itself; "" where it is the base.
	Base, Pod string
	// Context is the place of the pod's securityContext, below Pod; "" for none.
	// What it lacks is taken from Defaults, and where neither of the two is there
	// the first of Fallbacks for the object's version counts; these are places below
	// Base.
	Context, Defaults string
	Fallbacks         []Fallback
	// Containers are the places of containers.
	Containers []ContainerPart
}

// Fallback is a place of a securityContext in one version of a kind; "" for all.
type Fallback struct{ Path, Version string }

// ContainerPart is a place of containers: a single one, or with [*] or * all of
// a list or a mapping.
type ContainerPart struct {
	Path string // below Pod
	// Defaults is the place of a securityContext below Pod, or with FromBase
	// below Base, that these containers take what they lack from.
	Defaults string
	FromBase bool
}

// The group of a row that holds for all groups, and the kind of an ignored one
// that holds for all kinds of its group.
const (
	anyGroup = "*"
	anyKind  = "*"
)

// Table says which kinds hold pod specs, and where. It does not change after it
// was made, so that goroutines may share it.
type Table struct {
	known   map[groupKind]*builtinRow
	added   []Kind
	rows    map[groupKind][]*row // of added
	schemas *schemas             // nil where there are none
	ignored map[groupKind]bool
}

// groupKind is a kind in every version of its group.
type groupKind struct{ group, kind string }

// builtinRow is a built-in row, or several of operators that say the same. There
// are hundreds and a run needs a few, so it is parsed when it is first asked for.
type builtinRow struct {
	kind Kind
	rows []*row
	once sync.Once
}

// parse returns the row as a list of one.
func (b *builtinRow) parse() []*row {
	b.once.Do(func() {
		r, err := parseRow(b.kind)
		if err != nil {
			panic(fmt.Sprintf("workload: built-in row %s %s: %v", b.kind.Group, b.kind.Kind, err))
		}
		b.rows = []*row{r}
	})
	return b.rows
}

// Builtin returns the table of the kinds that this program knows.
func Builtin() *Table {
	t := &Table{
		known:   make(map[groupKind]*builtinRow, len(builtin)+manyOperators),
		ignored: make(map[groupKind]bool, len(ignored)),
	}
	parsed := make([]builtinRow, len(builtin)+1)
	for i, k := range builtin {
		parsed[i].kind = k
		t.known[groupKind{k.Group, k.Kind}] = &parsed[i]
	}
	last := &parsed[len(builtin)]
	last.kind = operator{}.row("")
	for _, o := range operators {
		for kind := range strings.FieldsSeq(o.kinds) {
			t.known[groupKind{o.group, kind}] = last
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
	out := t.clone(len(paths))
	var errs []error
	for i, p := range paths {
		k := userKind(p)
		if err := out.add(k); err != nil {
			errs = append(errs, fmt.Errorf("podSpecPaths[%d]%w", i, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return out, nil
}

// userKind is the row of an entry of podSpecPaths.
func userKind(p policy.PodSpecPath) Kind {
	k := Kind{
		Group: p.Group, Kind: p.Kind, Paths: slices.Clone(p.Paths),
		ContainerPaths: p.Containers, Contexts: p.SecurityContexts, Below: p.Below,
		Operator: p.Operator, Source: "podSpecPaths",
	}
	for _, pod := range p.Pods {
		parts := Parts{Pod: pod.Path, Context: cmp.Or(pod.SecurityContext, "securityContext")}
		for _, c := range pod.Containers {
			parts.Containers = append(parts.Containers, ContainerPart{Path: c, Defaults: pod.ContainerDefaults})
		}
		k.Pods = append(k.Pods, parts)
	}
	return k
}

// clone returns a table that more rows may be added to.
func (t *Table) clone(more int) *Table {
	out := &Table{
		known:   t.known,
		schemas: t.schemas,
		added:   slices.Clone(t.added),
		rows:    make(map[groupKind][]*row, len(t.rows)+more),
		ignored: t.ignored,
	}
	for gk, rows := range t.rows {
		out.rows[gk] = slices.Clip(rows)
	}
	return out
}

// add adds a row. Its errors begin with the field they are about: ".kind".
func (t *Table) add(k Kind) error {
	if k.Kind == "" {
		return errors.New(".kind: must not be empty")
	}
	r, err := parseRow(k)
	if err != nil {
		return err
	}
	gk := groupKind{k.Group, k.Kind}
	t.rows[gk] = append(t.rows[gk], r)
	t.added = append(t.added, k)
	return nil
}

// Kinds returns the rows of the table, the built-in ones first.
func (t *Table) Kinds() []Kind {
	out := slices.Clone(builtin)
	for _, o := range operators {
		for kind := range strings.FieldsSeq(o.kinds) {
			out = append(out, o.row(kind))
		}
	}
	return append(out, t.added...)
}

// Classify says what an object of this kind is. It is cheap: it is asked for
// every item before anything is decoded.
func (t *Table) Classify(apiVersion, kind string) Class {
	gk := groupKind{group(apiVersion), kind}
	switch {
	case t.known[gk] != nil || t.rows[gk] != nil || t.rows[groupKind{anyGroup, kind}] != nil:
		return Workload
	case t.ignored[gk], t.ignored[groupKind{gk.group, anyKind}]:
		return Ignored
	case isList(kind):
		return List
	}
	return Unknown
}

// Knows reports whether a row or a schema says something of a kind.
func (t *Table) Knows(apiVersion, kind string) bool { return len(t.rowsOf(apiVersion, kind)) > 0 }

// Sparse reports whether all that is known of a kind is that its security
// contexts count, so that an object without one has nothing to judge but images.
func (t *Table) Sparse(apiVersion, kind string) bool {
	return !slices.ContainsFunc(t.rowsOf(apiVersion, kind), func(r *row) bool { return len(r.paths)+len(r.parts) > 0 })
}

// group returns the API group of an apiVersion, "" for the core group.
func group(apiVersion string) string {
	return policy.Object{APIVersion: apiVersion}.Group()
}

// version returns the version of an apiVersion.
func version(apiVersion string) string { return apiVersion[strings.LastIndexByte(apiVersion, '/')+1:] }

// isList reports whether objects of a kind are lists of objects by their name.
func isList(kind string) bool { return strings.HasSuffix(kind, "List") }
