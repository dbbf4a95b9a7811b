package report

import (
	"cmp"
	"io"
	"slices"
	"strings"
)

// Running is one container with the pod it is in: a row of the list that says who
// runs as what.
type Running struct {
	*Workload
	*Container
}

// RunningOf lists the containers of workloads, in their order.
func RunningOf(workloads []Workload) []Running {
	var rows []Running
	for i := range workloads {
		w := &workloads[i]
		for j := range w.Containers {
			rows = append(rows, Running{w, &w.Containers[j]})
		}
	}
	return rows
}

// MayBeRoot reports whether nothing keeps the container from running as root: it
// does, or what is written is not valid, or nobody says.
func (r Running) MayBeRoot() bool {
	switch r.RunsAs() {
	case RunsAsRoot, RunsAsInvalid, RunsAsAnyone:
		return true
	}
	return false
}

// risks are what containers run as, the worst first.
var risks = []RunsAs{RunsAsRoot, RunsAsInvalid, RunsAsAnyone, RunsAsNonRoot, RunsAsUser}

// Orders are the names of the orders that a list may have: the worst first, by
// object, or as the manifests are.
func Orders() []string { return []string{"risk", "object", "file"} }

// Sort sorts rows in one of Orders; rows that are equal in it keep their order.
func Sort(rows []Running, order string) {
	byObject := func(a, b Running) int {
		return cmp.Or(
			strings.Compare(a.Resource.Namespace, b.Resource.Namespace),
			strings.Compare(a.Resource.Kind, b.Resource.Kind),
			strings.Compare(a.Resource.Name, b.Resource.Name),
		)
	}
	switch order {
	case "risk":
		slices.SortStableFunc(rows, func(a, b Running) int {
			return cmp.Or(slices.Index(risks, a.RunsAs())-slices.Index(risks, b.RunsAs()), byObject(a, b))
		})
	case "object":
		slices.SortStableFunc(rows, byObject)
	}
}

// RunningFormat is a row of the table of formats for such a list.
type RunningFormat struct {
	Name, Doc string
	Write     func(w io.Writer, rows []Running, style Text) error
}

// RunningFormats returns the formats for such a list, the default first.
func RunningFormats() []RunningFormat {
	return []RunningFormat{
		{"table", "one row per container, for people", writeRunningTable},
		{"json", "an array of objects", writeRunningJSON},
		{"csv", "comma-separated values with a header", writeRunningCSV},
	}
}
