package workload

import (
	"slices"
	"sync"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// crdKind is the kind of what says which fields a custom resource has.
const crdKind = "CustomResourceDefinition"

// schemas are CustomResourceDefinitions that teach a table the kinds it does not
// know. There may be thousands and a run needs few of them, so none is decoded
// before an object of its kind is asked for.
type schemas struct {
	items []*manifest.Item
	mu    sync.Mutex
	// telling are those that may say something of users and groups.
	telling func() []*manifest.Item
	rows    map[groupKind][]*row // of what was asked for; nil where no schema says anything
	all     map[groupKind][]*row // of every schema; nil until more than maxSearched kinds were asked for
}

// maxSearched is for how many kinds the text of all schemas is searched before they
// are decoded instead.
const maxSearched = 64

// IsSchema reports whether an item may hold a CustomResourceDefinition, for
// Table.Learn.
func IsSchema(it *manifest.Item) bool {
	head, _ := it.Head() // an error is reported where the item is judged
	return head.Kind == crdKind || isList(head.Kind) && it.Mentions(crdKind)
}

// Learn returns a table that also knows the kinds whose CustomResourceDefinitions
// are among the items. What a schema says is like a row whose operator fills in
// the rest, and a row of the table wins.
func (t *Table) Learn(items []*manifest.Item) *Table {
	var learnt []*manifest.Item
	if t.schemas != nil {
		learnt = slices.Clone(t.schemas.items)
	}
	for _, it := range items {
		if IsSchema(it) {
			learnt = append(learnt, it.Clone()) // a list that also holds workloads will change
		}
	}
	if len(learnt) == 0 {
		return t
	}
	out := t.clone(0)
	out.schemas = newSchemas(learnt)
	return out
}

func newSchemas(items []*manifest.Item) *schemas {
	return &schemas{
		items: items,
		telling: sync.OnceValue(func() []*manifest.Item {
			return slices.DeleteFunc(slices.Clone(items), func(it *manifest.Item) bool { return !it.Mentions("runAsUser") })
		}),
		rows: make(map[groupKind][]*row),
	}
}

// rowsOf returns what the schemas say of a kind.
func (s *schemas) rowsOf(t *Table, gk groupKind) []*row {
	s.mu.Lock()
	defer s.mu.Unlock()
	if rows, ok := s.rows[gk]; ok {
		return rows
	}
	if len(s.rows) >= maxSearched {
		if s.all == nil {
			s.all = s.read(t, func(*manifest.Item) bool { return true })
		}
		return s.all[gk]
	}
	rows := s.read(t, func(it *manifest.Item) bool { return it.Mentions(gk.kind) && it.Mentions(gk.group) })[gk]
	s.rows[gk] = rows
	return rows
}

// read returns what the schemas say of which some may be of interest.
func (s *schemas) read(t *Table, interesting func(*manifest.Item) bool) map[groupKind][]*row {
	rows := map[groupKind][]*row{}
	for _, it := range s.telling() {
		if !interesting(it) { // it need not be decoded
			continue
		}
		for _, k := range schemaKinds(t, it) {
			if r, err := parseRow(k); err == nil {
				gk := groupKind{k.Group, k.Kind}
				rows[gk] = append(rows[gk], r)
			}
		}
	}
	return rows
}

// Learnt returns a row for each kind that a schema says something of and no row
// knows. It decodes all of them.
func (t *Table) Learnt() []Kind {
	if t.schemas == nil {
		return nil
	}
	var out []Kind
	for _, it := range t.schemas.telling() {
		for _, k := range schemaKinds(t, it) {
			if t.Classify(k.Group+"/v1", k.Kind) == Unknown {
				out = append(out, k)
			}
		}
	}
	return out
}

// schemaKinds returns the rows that the CustomResourceDefinitions of an item make.
func schemaKinds(t *Table, it *manifest.Item) []Kind {
	root, err := it.Decode()
	if err != nil {
		return nil // which is reported where the item is judged
	}
	bare := *t
	bare.schemas = nil // they are being read
	var out []Kind
	for _, o := range bare.Objects(root) {
		if o.Kind != crdKind {
			continue
		}
		k := schemaKind(o.Node)
		if k.Source = it.Name(); k.Source == "" {
			k.Source = crdKind
		}
		if k.Kind != "" && len(k.Contexts)+len(k.ContainerPaths) > 0 {
			out = append(out, k)
		}
	}
	return out
}

// schemaKind reads a CustomResourceDefinition, of v1 or v1beta1, in all its versions.
func schemaKind(crd *manifest.Node) Kind {
	spec := crd.Get("spec")
	k := Kind{Group: stringIn(spec, "group"), Kind: stringIn(spec.Get("names"), "kind"), Operator: true}
	r := schemaReader{kind: &k, seen: map[listed]bool{}}
	r.read(spec.Get("validation").Get(schemaKey), nil)
	if versions := spec.Get("versions"); versions != nil {
		for _, v := range versions.Items {
			r.read(v.Get("schema").Get(schemaKey), nil)
		}
	}
	return k
}

// schemaReader collects the places of containers and security contexts.
type schemaReader struct {
	kind *Kind
	seen map[listed]bool // what is in the lists
}

// listed is a path in a list.
type listed struct {
	list *[]string
	path string
}

// read reads the schema of the value at a path, in which the index 0 stands for
// every element.
func (r *schemaReader) read(s *manifest.Node, path podspec.Path) {
	if s = s.Resolve(); s == nil {
		return
	}
	properties := s.Get("properties")
	switch {
	case isContextSchema(properties):
		r.add(&r.kind.Contexts, Pattern(path))
	case isContainerSchema(properties):
		r.add(&r.kind.ContainerPaths, Pattern(path))
	}
	for _, e := range properties.Entries() {
		if len(path) == 0 && e.Key == "metadata" || e.Key == "securityContext" && isContainerSchema(properties) {
			continue
		}
		r.read(e.Value, path.Key(e.Key))
	}
	r.read(s.Get("items"), path.Index(0))
	r.read(s.Get("additionalProperties"), path.Key(everyValue))
}

// everyValue is the key that stands for every value of a mapping in the path of a
// schema.
const everyValue = "\x00*"

// add adds a path once.
func (r *schemaReader) add(paths *[]string, p string) {
	if at := (listed{paths, p}); p != "" && !r.seen[at] {
		r.seen[at] = true
		*paths = append(*paths, p)
	}
}

// isContextSchema reports whether properties are those of a security context.
func isContextSchema(properties *manifest.Node) bool {
	user := properties.Get("runAsUser")
	if user == nil || user.Kind != manifest.Mapping {
		return false
	}
	t := stringIn(user, "type")
	return t != "object" && t != "array"
}

// isContainerSchema reports whether properties are those of a container.
func isContainerSchema(properties *manifest.Node) bool {
	return properties.Get("image") != nil && isContextSchema(properties.Get("securityContext").Get("properties")) &&
		properties.Get("securityContext").Get("properties").Get("fsGroup") == nil
}
