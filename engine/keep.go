package engine

import (
	"slices"
	"strings"
	"unique"

	"github.com/usergroup-dev/usergroup/report"
)

// kept returns a result that can be kept until the end of a run: it shares no
// memory with the object that it is about, which would be kept with it. What many
// results have in common is kept once.
func kept(r report.Result) report.Result {
	r.Resource.APIVersion = shared(r.Resource.APIVersion)
	r.Resource.Kind = shared(r.Resource.Kind)
	r.Resource.Namespace = shared(r.Resource.Namespace)
	r.Resource.Name = strings.Clone(r.Resource.Name)
	r.Path = slices.Clone(r.Path)
	for i := range r.Path {
		r.Path[i].Key = shared(r.Path[i].Key)
	}
	r.Containers = slices.Clone(r.Containers)
	for i := range r.Containers {
		r.Containers[i] = shared(r.Containers[i])
	}
	r.Image = shared(r.Image)
	if s, ok := r.Current.(string); ok {
		r.Current = strings.Clone(s)
	}
	return r
}

func shared(s string) string { return unique.Make(s).Value() }
