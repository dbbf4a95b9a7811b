package workload

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// Bounds of what is looked into.
const (
	maxText  = 1 << 20 // the length of a string
	maxTexts = 3       // how many strings are within one another
)

// text searches a string under a key that holds YAML or JSON: the podSpecPatch of a
// Workflow, the manifests in a ConfigMap, the values of a chart, a JSON patch. What is
// written there counts, and what is absent may come from elsewhere.
func (s *search) text(n *manifest.Node, key string) {
	if s.templates == nil || s.inTexts == maxTexts || len(n.Value) > maxText || !saysUsers(n.Value) {
		return
	}
	s.visited[n] = true
	for _, root := range documents(n.Value) {
		objects := s.table.Objects(root)
		if len(objects) == 0 {
			s.part(root, key)
		}
		for _, o := range objects {
			if len(o.Within) == 0 {
				s.found = append(s.found, s.inside(o)...)
			}
		}
	}
}

// documents returns the documents of a text, nil for a script. A template that is not
// YAML is read as what it may become: without the lines that are nothing but actions,
// and with a word in place of every other one.
func documents(text string) []*manifest.Node {
	roots, ok := decodeAll(text)
	if !ok {
		text = actionLine().ReplaceAllString(text, "")
		roots, _ = decodeAll(action().ReplaceAllString(text, "x"))
	}
	return roots
}

// Actions of a template, and lines of nothing else.
var (
	action     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\{.*?\}\}`) })
	actionLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^\s*\{\{.*\}\}\s*$`) })
)

// decodeAll returns the documents of a text, and whether all of it is YAML.
func decodeAll(text string) (roots []*manifest.Node, ok bool) {
	stream, err := manifest.ReadStream("", []byte(text))
	if err != nil {
		return nil, false
	}
	for _, it := range stream.Items {
		root, err := it.Decode()
		if err != nil {
			return nil, false
		}
		roots = append(roots, root)
	}
	return roots, true
}

// part searches a document within a string under a key that is not an object: the
// values of a chart, a part of an object, a patch.
func (s *search) part(root *manifest.Node, key string) {
	in := newSearch(&finder{table: s.table}, s.path)
	in.templates, in.inTexts = new([]podspec.Path), s.inTexts+1
	if isContext(key, root) {
		in.report(root, nil)
	} else {
		in.value(root, key)
	}
	s.found = append(s.found, in.found...)
}

// inside returns what an object within a string says, as partial pods.
func (s *search) inside(o Object) []*podspec.Pod {
	if s.table.Classify(o.APIVersion, o.Kind) == Ignored {
		return nil
	}
	at := s.path.Join(o.Path)
	rows := s.table.rowsOf(o.APIVersion, o.Kind)
	f := finder{table: s.table, memory: s.memory, version: version(o.APIVersion)}
	f.rows(o.Node, rows, at)
	pods := f.result()
	for _, p := range pods {
		p.Partial = true
	}
	if areClosed(rows) {
		return pods
	}
	in := newSearch(&f, at)
	in.templates, in.inTexts = new([]podspec.Path), s.inTexts+1
	in.root(o.Node)
	return append(pods, in.found...)
}

// saysUsers reports whether a text may mention a field that tells users and groups.
func saysUsers(text string) bool {
	return slices.ContainsFunc(userWords, func(word string) bool { return strings.Contains(text, word) })
}

// userWords are in every text that says users and groups: parts of the fields, and how
// escapes of their letters begin.
var userWords = []string{"unAs", "sGroup", "SGroup", "_runas", "_fsgroup", "supplementalGroups", "postgresUID", "postgresGID", `\u00`, `\x`}

// SaysUsers reports whether an item may say something of users and groups: every
// security context has one of these words, and so have operators' own fields and strings
// that hold manifests.
func SaysUsers(it *manifest.Item) bool { return slices.ContainsFunc(userWords, it.Mentions) }

// secret searches the data of a Secret, which are in base64: they may be manifests that
// a ClusterResourceSet applies.
func (s *search) secret(obj *manifest.Node) {
	for _, e := range obj.Get("data").Entries() {
		text, err := base64.StdEncoding.DecodeString(e.Value.Text())
		if err != nil {
			continue
		}
		s.path = append(s.path, podspec.Step{Key: "data"}, podspec.Step{Key: e.Key})
		s.text(&manifest.Node{Kind: manifest.Scalar, Tag: "!!str", Value: string(text)}, e.Key)
		s.path = s.path[:len(s.path)-2]
	}
}
