package workload

import (
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// maxText is how long a text may be that is looked into.
const maxText = 1 << 20

// text searches a string that holds YAML or JSON: the podSpecPatch of a Workflow,
// the manifests in a ConfigMap, the values of a chart. What is written there counts,
// and what is absent may come from elsewhere. A string within such a string is not
// looked into.
func (s *search) text(n *manifest.Node) {
	if s.templates == nil || s.inText || n.Tag != "!!str" || len(n.Value) > maxText || !saysUsers(n.Value) || s.visited[n] {
		return
	}
	s.visited[n] = true
	stream, err := manifest.ReadStream("", []byte(n.Value))
	if err != nil {
		return // a script, or a template that is still to be filled in
	}
	for _, it := range stream.Items {
		root, err := it.Decode()
		if err != nil {
			continue
		}
		objects := s.table.Objects(root)
		if len(objects) == 0 && root.Kind == manifest.Mapping { // the values of a chart, a part of an object
			objects = []Object{{Node: root}}
		}
		for _, o := range objects {
			s.found = append(s.found, s.inside(o)...)
		}
	}
}

// inside returns what an object within a string says, as partial pods.
func (s *search) inside(o Object) []*podspec.Pod {
	if s.table.Classify(o.APIVersion, o.Kind) == Ignored {
		return nil
	}
	at := s.path.Join(o.Path)
	rows := s.table.rowsOf(o.APIVersion, o.Kind)
	f := finder{table: s.table, version: version(o.APIVersion)}
	f.rows(o.Node, rows, at)
	pods := f.result()
	for _, p := range pods {
		p.Partial = true
	}
	if areClosed(rows) {
		return pods
	}
	in := newSearch(&f, at)
	in.templates, in.inText = new([]podspec.Path), true
	in.root(o.Node)
	return append(pods, in.found...)
}

// saysUsers reports whether a text mentions a field that tells a security context.
func saysUsers(text string) bool {
	return slices.ContainsFunc([]string{"runAs", "fsGroup", "supplementalGroups"}, func(word string) bool { return strings.Contains(text, word) })
}
