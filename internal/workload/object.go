package workload

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// Object is one object of an item: the item itself, or an element of a List.
type Object struct {
	policy.Object
	Path podspec.Path // of the object in its item; nil for the item itself
	Node *manifest.Node
	// LocalConfig is whether the annotation config.kubernetes.io/local-config
	// is the string "true": where kustomize or kpt run the function, the object
	// never reaches a cluster.
	LocalConfig bool
	File        File
	// Within are the objects that the object is within, the outermost first: a
	// Template of OpenShift, a ManifestWork. nil for the item itself and for the
	// elements of a List.
	Within []policy.Object
	// Problems are those of the object's own kind, apiVersion, metadata and
	// items, with paths from the object's root. They are to be reported whatever
	// the kind, because they may hide it.
	Problems []podspec.Problem
}

// File is where an object comes from, as its annotations say. The zero File
// means that they do not.
type File struct {
	Path  string
	Index int // of the object in the file, from 0
	// Package is the folder that Path is in, where kpt renders a package with others
	// below it.
	Package string
	// Repo and Ref are set where kustomize has read the object from a remote
	// repository; Path is then below that.
	Repo, Ref string
}

// LocalConfigAnnotation says, where it is "true", that an object is configuration
// of kustomize or kpt, which do not emit it.
const LocalConfigAnnotation = "config.kubernetes.io/local-config"

// Annotations that say where an item comes from. Sources: kyaml's kioutil and
// filters packages, kustomize's api/resource.
const (
	pathAnnotation        = "internal.config.kubernetes.io/path"
	indexAnnotation       = "internal.config.kubernetes.io/index"
	legacyPathAnnotation  = "config.kubernetes.io/path"
	legacyIndexAnnotation = "config.kubernetes.io/index"
	originAnnotation      = "config.kubernetes.io/origin"
	// PackageAnnotation is kpt's own, of fn render: the folder of an item's package.
	PackageAnnotation = "internal.config.kubernetes.io/package-path"
)

// Bounds of what Objects follows, so that aliases of lists cannot explode.
const (
	maxListDepth = 16
	maxAliased   = 10_000 // objects below aliases
)

// Objects returns the objects of an item: the item itself, or the elements of a
// List, recursively, each with its path, and those within an object that are to
// become objects of their own. The list itself is among them only
// where there is a problem with it; a local-config annotation on it does not
// hold for its elements, because kustomize expands lists before it looks.
//
// An object of another kind whose items are mappings is both: kubectl applies
// the items of anything that has some.
//
// A document that is not a mapping, or has neither apiVersion nor kind, is not an
// object, such as a JSON patch or the values of a chart; and neither is a patch that
// deletes one.
func (t *Table) Objects(root *manifest.Node) []Object { return t.ObjectsWith(new(Memory), root) }

// ObjectsWith is Objects in the memory of m: they last, and their labels and
// annotations, until that is reset.
func (t *Table) ObjectsWith(m *Memory, root *manifest.Node) []Object {
	m.objects.First = 1
	f := flattener{table: t, memory: m, out: m.objects.Take(1)[:0]} // mostly there is one
	f.add(root, parent{})
	return f.out
}

// parent is what an element of a list has from the list.
type parent struct {
	path             podspec.Path      // of the element
	depth            int               // number of lists above
	aliased          bool              // there is an alias above, or the element is one
	apiVersion, kind string            // for an element that has neither
	unclear          []podspec.Problem // what is wrong with these two
	file             File              // for an element that says nothing else
	within           []policy.Object
	localConfig      bool // an object that it is within never reaches a cluster
}

// flattener collects the objects of an item.
type flattener struct {
	table   *Table
	memory  *Memory
	out     []Object
	aliased int                     // number of objects below aliases
	visited map[*manifest.Node]bool // what was searched for objects within objects
}

// add adds the object n or, for a list, its elements.
func (f *flattener) add(n *manifest.Node, p parent) {
	n = n.Resolve()
	if n.IsNull() || n.Kind != manifest.Mapping || isDeleted(n) {
		return
	}
	last := len(f.out)
	f.out = append(f.out, Object{Path: p.path, Node: n, File: p.file, Within: p.within})
	o := &f.out[last]
	o.read(f.memory, p)
	if o.APIVersion == "" && o.Kind == "" && len(o.Problems) == 0 {
		f.out = f.out[:last]
		return
	}
	items := f.items(o)
	if items != nil && p.depth >= maxListDepth {
		o.tooDeep(podspec.Field("items"))
		items = nil
	}
	if items != nil && f.isList(o) && len(o.Problems) == 0 { // its elements take its place
		list := *o
		o, f.out = &list, f.out[:last]
	}
	if items != nil {
		f.addItems(items, o, p)
	}
	if f.table.mayEmbed(o.APIVersion, o.Kind, len(p.within) > 0) {
		f.addWithin(o, p, items != nil)
	}
}

// addItems adds the elements of the list o, which has the parent p.
func (f *flattener) addItems(items *manifest.Node, o *Object, p parent) {
	unclear := slices.DeleteFunc(slices.Clone(o.Problems), func(p podspec.Problem) bool {
		return !p.Path.Equal(podspec.Field("apiVersion")) && !p.Path.Equal(podspec.Field("kind"))
	})
	for i, it := range items.Items {
		below := parent{
			path:       o.Path.Key("items").Index(i),
			depth:      p.depth + 1,
			aliased:    p.aliased || it.Kind == manifest.Alias,
			apiVersion: o.APIVersion,
			kind:       strings.TrimSuffix(o.Kind, "List"),
			unclear:    unclear,
			file:       o.File,
			within:     p.within,
		}
		if below.aliased {
			f.aliased++
		}
		if f.aliased <= maxAliased {
			f.add(it, below)
			continue
		}
		if f.aliased == maxAliased+1 { // say so once
			list := *o
			list.Problems = nil
			list.problem(&flaw{code: podspec.InvalidType, detail: fmt.Sprintf("must expand to at most %d objects by aliases", maxAliased)}, "items")
			f.out = append(f.out, list)
		}
		return
	}
}

// isList reports whether an object is a list by its kind.
func (f *flattener) isList(o *Object) bool {
	return f.table.Classify(o.APIVersion, o.Kind) == List
}

// items returns the items of an object that is read as a list; nil for any
// other.
func (f *flattener) items(o *Object) *manifest.Node {
	e := o.Node.Lookup("items")
	o.problem(keyFlaw(&e), "items") // whatever the first one is, another may hold objects
	n := e.Value.Resolve()
	if n.IsNull() || !f.isList(o) && !holdsObjects(n) {
		return nil
	}
	if n.Kind != manifest.Sequence {
		o.problem(wrongKind(n, manifest.Sequence), "items")
		return nil
	}
	for i, it := range n.Items {
		if it = it.Resolve(); !it.IsNull() && it.Kind != manifest.Mapping {
			o.Problems = append(o.Problems, wrongKind(it, manifest.Mapping).at(podspec.Field("items").Index(i)))
		}
	}
	return n
}

// holdsObjects reports whether n is a list with an element that kubectl may take
// for an object: any mapping, because one without apiVersion and kind has those
// of the list.
func holdsObjects(n *manifest.Node) bool {
	return slices.ContainsFunc(n.Items, func(it *manifest.Node) bool {
		return it.Resolve().Kind == manifest.Mapping
	})
}

// read reads what the object says of itself.
func (o *Object) read(m *Memory, p parent) {
	n := o.Node
	o.APIVersion = o.name(n, "apiVersion")
	o.Kind = o.name(n, "kind")
	if o.APIVersion == "" && o.Kind == "" {
		o.APIVersion, o.Kind = p.apiVersion, p.kind
		o.Problems = append(o.Problems, p.unclear...)
	}
	o.folded("apiVersion", "kind")
	o.folded("kind", "apiVersion")
	meta := o.mapping(n, "metadata")
	o.Name = o.text(meta, "metadata", "name")
	if o.Name == "" {
		o.GenerateName = o.text(meta, "metadata", "generateName")
	}
	o.Namespace = o.text(meta, "metadata", "namespace")
	o.Labels = o.texts(m, o.mapping(meta, "metadata", "labels"), "metadata", "labels")
	annotations := o.mapping(meta, "metadata", "annotations")
	o.Annotations = o.texts(m, annotations, "metadata", "annotations")
	local := annotations.Lookup(LocalConfigAnnotation)
	o.LocalConfig = local.Flaw == yamlvalue.Fine && local.Value.Text() == "true" || p.localConfig
	if f := o.file(); f != (File{}) {
		o.File = f
	}
}

// problem notes a flaw, if there is one, of the value under the given keys.
func (o *Object) problem(f *flaw, keys ...string) {
	if f != nil {
		o.Problems = append(o.Problems, f.at(podspec.Field(keys...)))
	}
}

// tooDeep notes that what is at a path is not looked at, because of the objects around
// it.
func (o *Object) tooDeep(at podspec.Path) {
	f := flaw{code: podspec.InvalidType, detail: fmt.Sprintf("must be nested at most %d deep", maxListDepth)}
	o.Problems = append(o.Problems, f.at(at))
}

// name reads the apiVersion or the kind.
func (o *Object) name(n *manifest.Node, key string) string {
	v := value(n, key, nil, parseString)
	if v.Problem != nil {
		o.problem(&flaw{v.Problem.Code, v.Problem.Raw, v.Problem.Detail}, key)
		return n.Get(key).Text()
	}
	return v.V
}

// folded notes a key in another case than the one given, where the other of the two
// that say what an object is is there, in any case: the API server, which otherwise
// minds the case of keys, finds out with encoding/json what it is given.
func (o *Object) folded(key, other string) {
	found := o.Node.Folded(key)
	if found == "" || o.Node.Lookup(other).From == nil && o.Node.Folded(other) == "" {
		return
	}
	o.problem(&flaw{code: podspec.AmbiguousValue, detail: fmt.Sprintf("must be written %s, because some parsers take it for that and others do not", key)}, found)
}

// mapping reads the mapping under the last key of m; keys are those of its path
// from the object.
func (o *Object) mapping(m *manifest.Node, keys ...string) *manifest.Node {
	e := m.Lookup(keys[len(keys)-1])
	o.problem(keyFlaw(&e), keys...)
	n := e.Value.Resolve()
	if n.IsNull() {
		return nil
	}
	if n.Kind != manifest.Mapping {
		o.problem(wrongKind(n, manifest.Mapping), keys...)
		return nil
	}
	return n
}

// text is mapping for a scalar of any type. Whether the API server takes it is
// not this program's concern; which one it sees is.
func (o *Object) text(m *manifest.Node, keys ...string) string {
	e := m.Lookup(keys[len(keys)-1])
	o.problem(keyFlaw(&e), keys...)
	return scalarText(e.Value)
}

// texts reads all of a mapping of scalars, which is at keys; nil where there are
// none.
func (o *Object) texts(m *Memory, n *manifest.Node, keys ...string) map[string]string {
	if n == nil || len(n.Fields) == 0 {
		return nil
	}
	out := m.texts.take(len(n.Fields))
	if plainTexts(out, n) {
		return out
	}
	clear(out)
	for _, e := range n.Entries() {
		if e.Flaw != yamlvalue.Fine {
			o.problem(keyFlaw(&e), append(keys, e.Key)...)
		}
		out[e.Key] = scalarText(e.Value)
	}
	return out
}

// plainTexts puts the fields of n into out and reports whether all of its keys are
// strings to every reader, each there once.
func plainTexts(out map[string]string, n *manifest.Node) bool {
	for i := range n.Fields {
		k := n.Fields[i].Key
		if k.Kind != manifest.Scalar || k.Tag != "!!str" || k.Explicit || k.Value == "<<" {
			return false
		}
		out[k.Value] = scalarText(n.Fields[i].Value)
	}
	return len(out) == len(n.Fields)
}

// scalarText returns the text of a scalar, "" for anything else.
func scalarText(n *manifest.Node) string {
	if n = n.Resolve(); n.IsNull() {
		return ""
	}
	return n.Value
}

// file reads the annotations that say where the object comes from.
func (o *Object) file() File {
	p, index := o.Annotations[pathAnnotation], o.Annotations[indexAnnotation]
	if p == "" {
		p, index = o.Annotations[legacyPathAnnotation], o.Annotations[legacyIndexAnnotation]
	}
	if p != "" && (o.Annotations[originAnnotation] == "" || p != o.inventedPath()) {
		i, _ := strconv.Atoi(index) // without a number, it is the first
		return File{Path: p, Index: i, Package: o.Annotations[PackageAnnotation]}
	}
	return originFile(o.Annotations[originAnnotation])
}

// inventedPath is the path that kustomize gives to an object between two
// functions, by kioutil.CreatePathAnnotationValue, where no file is.
func (o *Object) inventedPath() string {
	return path.Join(o.Namespace, strings.ToLower(o.Kind)+"_"+o.Name+".yaml")
}

// originFile reads the annotation that kustomize writes on request.
func originFile(text string) File {
	if text == "" {
		return File{}
	}
	n, err := manifest.Decode([]byte(text), 0)
	if err != nil {
		return File{} // not kustomize's; the annotation is not policed
	}
	return File{
		Path: n.Get("path").Text(),
		Repo: n.Get("repo").Text(),
		Ref:  n.Get("ref").Text(),
	}
}
