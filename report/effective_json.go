package report

import (
	"io"
)

// jsonRunning is a row as JSON has it; docs/commands/effective.md describes it.
type jsonRunning struct {
	RunsAs     RunsAs        `json:"runsAs"`
	APIVersion string        `json:"apiVersion"`
	Kind       string        `json:"kind"`
	Namespace  string        `json:"namespace,omitempty"`
	Name       string        `json:"name"`
	Container  string        `json:"container"`
	List       string        `json:"list"` // containers, initContainers or ephemeralContainers
	Image      string        `json:"image,omitempty"`
	Windows    bool          `json:"windows,omitempty"`
	User       jsonEffective `json:"user"`
	Group      jsonEffective `json:"group"`
	NonRoot    jsonEffective `json:"nonRoot"`
	Groups     jsonEffective `json:"supplementalGroups"`
	FSGroup    jsonEffective `json:"fsGroup"`
	Path       string        `json:"path"`
	File       string        `json:"file,omitempty"`
	Line       int           `json:"line,omitempty"`
}

// jsonEffective is a value with its origin; both are absent where nobody says.
type jsonEffective struct {
	Value  any    `json:"value,omitempty"`
	Text   string `json:"text,omitempty"` // what is written, where it is not a valid value
	Origin string `json:"origin,omitempty"`
	Path   string `json:"path,omitempty"`
}

func (e Effective) json() jsonEffective {
	j := jsonEffective{Value: e.Value, Origin: string(e.Origin), Path: e.Path.Shown().String()}
	if e.Invalid() {
		j.Text = e.Text
	}
	return j
}

func writeRunningJSON(w io.Writer, rows []Running, _ Text) error {
	out := make([]jsonRunning, len(rows))
	for i, r := range rows {
		out[i] = jsonRunning{
			RunsAs: r.RunsAs(), APIVersion: r.Resource.APIVersion, Kind: r.Resource.Kind,
			Namespace: r.Resource.Namespace, Name: r.Resource.Name,
			Container: r.Container.Name, List: r.Container.Kind.Field(), Image: r.Image, Windows: r.Windows,
			User: r.User.json(), Group: r.Group.json(), NonRoot: r.NonRoot.json(),
			Groups: r.Groups.json(), FSGroup: r.FSGroup.json(),
			Path: r.Container.Path.Shown().String(), File: r.Container.File.Path, Line: r.Container.File.Line,
		}
	}
	return writeJSON(w, out)
}
