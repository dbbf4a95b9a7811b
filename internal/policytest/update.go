package policytest

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"sigs.k8s.io/kustomize/kyaml/yaml"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// update makes a test want what came of it.
func (s *Suite) update(t *Test, got judgement, write func(string, []byte) error) error {
	t.Results = nil
	for _, r := range got.results {
		if r.Reason == policy.NothingMatched {
			continue
		}
		want := Result{Severity: r.Severity, Reason: r.Reason, Resource: resource(r.Resource), Path: r.Path.String()}
		if len(r.Containers) > 0 {
			want.Container = r.Containers[0]
		}
		t.Results = append(t.Results, want)
	}
	if t.Fixed == "" {
		return nil
	}
	if old, err := os.ReadFile(s.at(t.Fixed)); err == nil && bytes.Equal(old, got.fixed) {
		return nil
	}
	return write(s.at(t.Fixed), got.fixed)
}

// save writes the results of the tests into the suite's file, whose comments stay.
func (s *Suite) save(write func(string, []byte) error) error {
	data, err := os.ReadFile(s.path)
	if err != nil {
		return err
	}
	doc, err := yaml.Parse(string(data))
	if err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	tests, err := doc.Pipe(yaml.Lookup("tests"))
	if err != nil {
		return err
	}
	nodes, err := tests.Elements()
	if err != nil {
		return err
	}
	for i, n := range nodes {
		if err := setResults(n, s.Tests[i].Results); err != nil {
			return fmt.Errorf("%s: %w", s.path, err)
		}
	}
	text, err := doc.String()
	if err != nil || text == string(data) {
		return err
	}
	return write(s.path, []byte(text))
}

// setResults sets the results of a test.
func setResults(test *yaml.RNode, results []Result) error {
	if len(results) == 0 {
		return test.PipeE(yaml.Clear("results"))
	}
	text, err := sigsyaml.Marshal(results)
	if err != nil {
		return err
	}
	list, err := yaml.Parse(string(text))
	if err != nil {
		return err
	}
	return test.PipeE(yaml.SetField("results", list))
}

// difference is a unified diff without its first line, which is the library's own.
func difference(name string, want, got []byte) string {
	_, text, _ := bytes.Cut(diff.Diff("want/"+name, want, "got/"+name, got), []byte("\n"))
	return cleanLines(string(text))
}

// cleanLines makes the lines of a diff safe to show.
func cleanLines(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, report.Clean(strings.TrimSuffix(line, "\n")))
	}
	return strings.Join(lines, "\n")
}
