package kubewarden

import (
	"fmt"
	"slices"
	"strings"
)

// resource is a resource that user-group-psp judges or that this program judges
// besides, with the groups under which Kubernetes has served it.
type resource struct {
	name, kind string
	groups     []string
	versions   []string
}

// resources are the built-in workloads, in the order in which rules list them.
var resources = []resource{
	{"pods", "Pod", []string{""}, []string{"v1"}},
	{"podtemplates", "PodTemplate", []string{""}, []string{"v1"}},
	{"replicationcontrollers", "ReplicationController", []string{""}, []string{"v1"}},
	{"deployments", "Deployment", []string{"apps", "extensions"}, []string{"v1", "v1beta1", "v1beta2"}},
	{"replicasets", "ReplicaSet", []string{"apps", "extensions"}, []string{"v1", "v1beta1", "v1beta2"}},
	{"statefulsets", "StatefulSet", []string{"apps"}, []string{"v1", "v1beta1", "v1beta2"}},
	{"daemonsets", "DaemonSet", []string{"apps", "extensions"}, []string{"v1", "v1beta1", "v1beta2"}},
	{"jobs", "Job", []string{"batch"}, []string{"v1"}},
	{"cronjobs", "CronJob", []string{"batch"}, []string{"v1", "v1beta1"}},
}

// kinds translates the rules to the kinds of a selector; all is true where the
// rules do not limit the kinds. Each of notes names a part of a rule that
// selects nothing here, and says why.
//
// A manifest stands for the object that is created from it and updated to it,
// so a rule counts where its operations hold CREATE, UPDATE or *. Subresources
// are requests to a running cluster and never occur in a manifest; ephemeral
// containers that do are judged with their Pod. A rule for * applies to every
// kind that holds a pod template, as the cluster would ask the policy for it.
func kinds(rules []rule, exact bool) (out []string, all bool, notes []string) {
	for i, r := range rules {
		note := func(format string, args ...any) {
			notes = append(notes, fmt.Sprintf("spec.rules[%d]: ", i)+fmt.Sprintf(format, args...))
		}
		switch {
		case !r.writes():
			note("operations other than CREATE and UPDATE do not concern manifests")
			continue
		case r.Scope == "Cluster":
			note("no resource of scope Cluster holds a pod template")
			continue
		}
		for _, name := range r.Resources {
			switch {
			case name == "*" || name == "*/*":
				k, every := r.every(exact)
				out, all = append(out, k...), all || every
			case strings.Contains(name, "/"):
				note("the subresource %s does not occur in manifests", name)
			default:
				k := r.kinds(name, exact)
				if len(k) == 0 {
					note("%s is not a workload of the API groups and versions listed", name)
				}
				out = append(out, k...)
			}
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if missing := creators(out); !all && len(missing) > 0 && slices.Contains(out, "v1/Pod") {
		notes = append(notes, "spec.rules select Pods, and not "+strings.Join(missing, ", ")+": what these create is judged in the cluster only, as a Pod")
	}
	return out, all, notes
}

// creators lists the kinds that create Pods and are not selected in any form.
func creators(selected []string) []string {
	var out []string
	for _, res := range resources {
		if res.kind == "Pod" || res.kind == "PodTemplate" {
			continue
		}
		if !slices.ContainsFunc(selected, func(s string) bool {
			kind, _, _ := strings.Cut(s[strings.LastIndexByte(s, '/')+1:], ".")
			return kind == res.kind
		}) {
			out = append(out, res.kind)
		}
	}
	return out
}

// writes reports whether the rule is asked when an object is written.
func (r rule) writes() bool {
	return slices.ContainsFunc(r.Operations, func(o operation) bool {
		return o == "CREATE" || o == "UPDATE" || o == "*"
	})
}

// kinds returns what the rule selects of one resource. Matching is Equivalent
// unless asked to be Exact: then the API server converts a request for another
// version, or for a group that serves the same resource, to one listed.
func (r rule) kinds(name string, exact bool) []string {
	var out []string
	for _, res := range resources {
		if res.name != name || !r.names(res) {
			continue
		}
		for _, g := range res.groups {
			if !exact {
				out = append(out, kindIn(res.kind, g))
				continue
			}
			for _, v := range res.versions {
				if lists(r.APIGroups, g) && lists(r.APIVersions, v) {
					out = append(out, strings.TrimPrefix(g+"/"+v+"/"+res.kind, "/"))
				}
			}
		}
	}
	return out
}

// names reports whether the rule lists one of the groups and versions of a
// resource.
func (r rule) names(res resource) bool {
	listed := func(in []string) func(string) bool { return func(s string) bool { return lists(in, s) } }
	return slices.ContainsFunc(res.groups, listed(r.APIGroups)) && slices.ContainsFunc(res.versions, listed(r.APIVersions))
}

// every returns what the rule selects with the resource *; all is true where
// that is everything.
func (r rule) every(exact bool) (out []string, all bool) {
	if slices.Contains(r.APIGroups, "*") && slices.Contains(r.APIVersions, "*") {
		return nil, true
	}
	for _, res := range resources {
		out = append(out, r.kinds(res.name, exact)...)
	}
	return append(out, r.custom()...), false
}

// custom returns globs for whatever else the rule's groups hold.
func (r rule) custom() []string {
	var out []string
	for _, g := range r.APIGroups {
		for _, v := range r.APIVersions {
			if g != "" {
				out = append(out, g+"/"+v+"/*")
			}
		}
	}
	return out
}

// kindIn names a kind of one group in any version.
func kindIn(kind, group string) string {
	if group == "" {
		return "v1/" + kind
	}
	return kind + "." + group
}

// lists reports whether a list of a rule holds s or everything.
func lists(list []string, s string) bool {
	return slices.Contains(list, s) || slices.Contains(list, "*")
}
