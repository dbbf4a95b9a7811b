// Package baseline accepts the findings that a repository has today, so that only
// new ones fail.
//
// A finding is known by what is said of which object and container, not by its
// line or the order of objects: a baseline survives both. An entry that no finding
// has any more is stale, and said.
package baseline

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/usergroup-dev/usergroup/internal/ownfile"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// kind and apiVersion of a baseline's file.
const (
	apiVersion = "usergroup.dev/v1alpha1"
	kind       = "Baseline"
)

// Baseline is a list of accepted findings.
type Baseline struct {
	APIVersion string  `json:"apiVersion"`
	Kind       string  `json:"kind"`
	Findings   []Entry `json:"findings"`
}

// Entry is one or more findings that are alike.
type Entry struct {
	Key
	// Count is how many findings are alike; 0 is 1.
	Count int `json:"count,omitempty"`
}

// Key is what a finding is known by.
type Key struct {
	File      string        `json:"file,omitempty"` // relative to the baseline's folder, with slashes
	Resource  string        `json:"resource,omitempty"`
	Container string        `json:"container,omitempty"`
	Reason    policy.Reason `json:"reason"`
	Policy    string        `json:"policy,omitempty"`
	Path      string        `json:"path,omitempty"` // without the index of the container
}

// String is the entry in one line.
func (e Entry) String() string {
	parts := []string{e.File, e.Resource, string(e.Reason)}
	if e.Container != "" {
		parts = append(parts, fmt.Sprintf("container %q", e.Container))
	}
	s := strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
	if e.Count > 1 {
		s += fmt.Sprintf(" (%d times)", e.Count)
	}
	return s
}

// keyOf is the key of a finding; dir is the folder of the baseline.
func keyOf(r report.Result, dir string) Key {
	return Key{
		File: relative(r.File.Path, dir), Resource: r.Resource.String(), Container: strings.Join(r.Containers, ","),
		Reason: r.Reason, Policy: r.Policy, Path: r.Field(),
	}
}

// relative is a path as seen from a folder, with slashes, so that it is the same
// wherever the command is run.
func relative(path, dir string) string {
	if path == "" {
		return ""
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	rel, err := filepath.Rel(dir, abs)
	if err != nil {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(rel)
}

// concerns reports whether a result is one that a baseline may accept: an error or
// a warning on an object. What is wrong with the input or the policy is never
// accepted.
func concerns(r report.Result) bool {
	return !r.Changed && r.Severity != policy.Info && r.Resource != (report.Resource{})
}

// Of returns the baseline of results, for a file at path.
func Of(results []report.Result, path string) (*Baseline, error) {
	dir, err := folder(path)
	if err != nil {
		return nil, err
	}
	counts := map[Key]int{}
	for _, r := range results {
		if concerns(r) {
			counts[keyOf(r, dir)]++
		}
	}
	b := &Baseline{APIVersion: apiVersion, Kind: kind, Findings: []Entry{}}
	for k, n := range counts {
		if n == 1 {
			n = 0
		}
		b.Findings = append(b.Findings, Entry{k, n})
	}
	slices.SortFunc(b.Findings, func(x, y Entry) int {
		return cmp.Or(
			cmp.Compare(x.File, y.File), cmp.Compare(x.Resource, y.Resource), cmp.Compare(x.Container, y.Container),
			cmp.Compare(x.Reason, y.Reason), cmp.Compare(x.Policy, y.Policy), cmp.Compare(x.Path, y.Path),
		)
	})
	return b, nil
}

func folder(path string) (string, error) {
	abs, err := filepath.Abs(path)
	return filepath.Dir(abs), err
}

// Marshal returns the bytes of the baseline's file.
func (b *Baseline) Marshal() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("# Findings that are accepted for now; usergroup check --write-baseline writes this file.\n")
	text, err := yaml.Marshal(b)
	out.Write(text)
	return out.Bytes(), err
}

// Read reads a baseline's file.
func Read(path string) (*Baseline, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var b Baseline
	if err := ownfile.Decode(path, data, &b); err != nil {
		return nil, err
	}
	if b.APIVersion != apiVersion || b.Kind != kind {
		return nil, fmt.Errorf("%s: must be a %s of %s, is %q of %q", path, kind, apiVersion, b.Kind, b.APIVersion)
	}
	var errs []error
	for i, e := range b.Findings {
		if e.Reason == "" || e.Count < 0 {
			errs = append(errs, fmt.Errorf("%s: findings[%d]: must have a reason, and a count that is not negative", path, i))
		}
	}
	return &b, errors.Join(errs...)
}

// Accept turns the results that the baseline at path has into accepted ones, which
// fail nothing, and returns the summary as it then is, and the stale entries: those
// that no result has, of files that were judged or that are gone.
func (b *Baseline) Accept(results []report.Result, summary report.Summary, path string, judged []string) (report.Summary, []Entry, error) {
	dir, err := folder(path)
	if err != nil {
		return summary, nil, err
	}
	left := map[Key]int{}
	for _, e := range b.Findings {
		left[e.Key] += max(1, e.Count)
	}
	for i := range results {
		r := &results[i]
		if !concerns(*r) {
			continue
		}
		k := keyOf(*r, dir)
		if left[k] == 0 {
			continue
		}
		left[k]--
		summary.Accept(r, "by the baseline")
	}
	files := map[string]bool{"": true}
	for _, f := range judged {
		files[relative(f, dir)] = true
	}
	var stale []Entry
	for _, e := range b.Findings {
		if n := left[e.Key]; n > 0 && (files[e.File] || isGone(filepath.Join(dir, filepath.FromSlash(e.File)))) {
			stale = append(stale, Entry{e.Key, n})
			left[e.Key] = 0
		}
	}
	return summary, stale, nil
}

func isGone(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, os.ErrNotExist)
}
