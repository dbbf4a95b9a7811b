// Package yamlvalue knows what a YAML value means to each of the programs that
// read it. It is the only place that knows: which keys merge, which key of a
// mapping wins, what is an integer, a boolean, null.
//
// A manifest is read more than once on its way to a cluster. kubectl and the API
// server read YAML with go-yaml v2 ([V2]), kustomize and kpt with go-yaml v3
// ([V3]), and text that is JSON with encoding/json, for which YAML's other
// readers agree with V2: there are no merge keys in JSON, and the last of two
// equal keys wins. Where they disagree a policy can be bypassed, so nothing here
// picks a winner silently: an [Entry] of a mapping has the value that each
// reader sees, and a [Flaw] where those differ, and so have [Node.Int],
// [Node.Bool] and [Node.Str].
//
//	e := container.Lookup("securityContext")
//	if e.Flaw != yamlvalue.Fine {
//		// readers disagree on e.Value
//	}
//	uid, flaw := e.Value.Get("runAsUser").Int()
//
// The package reads no text: internal/yamltext makes nodes of that.
package yamlvalue
