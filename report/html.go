package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"sync"

	"github.com/usergroup-dev/usergroup/policy"
)

// HTML renders one page that needs no network: who runs as what, a row for each
// container, and the findings below, with filters and a search. What manifests say
// is escaped by html/template, and the page's own policy lets nothing run but the
// script that it came with.
type HTML struct{}

var (
	//go:embed page/page.html
	pageHTML string
	//go:embed page/page.css
	pageCSS string
	//go:embed page/page.js
	pageJS string

	// page is parsed when a report is written: all else is quicker without it.
	page = sync.OnceValue(func() *template.Template { return template.Must(template.New("page").Parse(pageHTML)) })
)

// contentSecurityPolicy allows the page's own style and script, by their hashes,
// and nothing else.
func contentSecurityPolicy() string {
	return fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'",
		sourceHash(pageCSS), sourceHash(pageJS))
}

func sourceHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// pageView is what the template shows. All of its strings are clean.
type pageView struct {
	Policy  string
	CSS     template.CSS
	JS      template.JS
	Title   string
	Version string
	Summary Summary

	Verdict, VerdictText      string
	Containers, WorkloadCount string // "3 containers"; "" for none
	Legend                    []legendView
	Severities                []legendView
	Workloads                 []workloadView
	Objects                   []objectView
}

// legendView is a kind of thing that is counted and can be filtered by.
type legendView struct {
	Key, Label  string
	Count       int
	From, Share string // of a bar, in hundredths
}

// objectView is an object with its findings.
type objectView struct {
	ID, Title, File string
	Findings        []findingView
}

type findingView struct {
	Class, Word, Message         string
	Reason, URL                  string
	Position, Path, By, Proposed string
	Source, Fix                  []lineView
}

// lineView is a line of source. Mark is the part that a finding is about.
type lineView struct {
	Class, Number       string
	Before, Mark, After string
}

// Write renders the run.
func (HTML) Write(w io.Writer, run Run) error {
	v := pageView{
		Policy: contentSecurityPolicy(), CSS: template.CSS(pageCSS), JS: template.JS(pageJS),
		Title:   "usergroup: " + Count(run.Summary.Errors, "error") + ", " + Count(run.Summary.Warnings, "warning"),
		Version: Clean(run.Version), Summary: run.Summary,
	}
	v.Verdict, v.VerdictText = verdict(run)
	anchors := v.addObjects(run.Results)
	v.addWorkloads(run, anchors)
	v.addSeverities(run.Results)
	b := bufio.NewWriterSize(w, 1<<16) // a template writes in crumbs
	if err := page().Execute(b, v); err != nil {
		return err
	}
	return b.Flush()
}

func verdict(run Run) (class, text string) {
	switch {
	case run.Exit == exitInvalid && run.Summary.Checked == 0:
		return "error", "not judged"
	case run.Exit == exitInvalid:
		return "error", "not everything could be checked"
	case run.Summary.Errors > 0:
		return "error", Count(run.Summary.Errors, "error")
	case run.Summary.Warnings > 0:
		return "warning", Count(run.Summary.Warnings, "warning")
	}
	return "", "no errors"
}

// addObjects adds the results by object, and returns the anchors of the objects.
func (v *pageView) addObjects(results []Result) map[objectKey]string {
	index := map[objectKey]int{}
	anchors := map[objectKey]string{}
	for _, r := range results {
		k := keyOf(r)
		n, ok := index[k]
		if !ok {
			n = len(v.Objects)
			index[k] = n
			anchors[k] = fmt.Sprintf("o%d", n)
			v.Objects = append(v.Objects, objectView{ID: anchors[k], Title: titleOf(r), File: Clean(r.File.Path)})
		}
		v.Objects[n].Findings = append(v.Objects[n].Findings, findingOf(r))
	}
	return anchors
}

func titleOf(r Result) string {
	switch ref := r.Resource.String(); {
	case ref != "":
		return Clean(ref)
	case r.File.Path != "":
		return "File"
	case r.Policy != "":
		return "Policy " + Clean(r.Policy)
	}
	return "Policy"
}

func findingOf(r Result) findingView {
	f := findingView{
		Class: string(r.Severity), Word: string(r.Severity), Message: Clean(r.Message), Path: Clean(r.Path.String()),
	}
	if r.Changed {
		f.Class, f.Word = "changed", "changed"
	}
	if r.File.Path != "" {
		f.Position = position(r.File)
	}
	if r.Policy != "" {
		f.By = policyOf(r)
	}
	if r.Reason != "" && !r.Changed {
		f.Reason, f.URL = string(r.Reason), r.Reason.URL()
	}
	if r.Detail == nil {
		f.Proposed = Clean(Value(r.Proposed))
		return f
	}
	f.Source = sourceLines(r.Detail.Source)
	f.Fix = fixLines(r.Detail.Fix)
	if f.Fix == nil {
		f.Proposed = Clean(Value(r.Proposed))
	}
	return f
}

func sourceLines(s Snippet) []lineView {
	var out []lineView
	for i, text := range s.Lines {
		l := lineView{Number: fmt.Sprint(s.First + i), Before: line(text)}
		if i == s.Marked {
			runes := []rune(l.Before)
			from := min(max(s.From, 0), len(runes))
			to := min(max(s.To, from), len(runes))
			l.Class = "at"
			l.Before, l.Mark, l.After = string(runes[:from]), string(runes[from:to]), string(runes[to:])
		}
		out = append(out, l)
	}
	return out
}

func fixLines(hunks []Hunk) []lineView {
	var out []lineView
	for _, h := range hunks {
		if len(h.Old) == 0 && h.Before != "" {
			out = append(out, lineView{Number: fmt.Sprint(h.Line - 1), Before: "  " + line(h.Before)})
		}
		for i, l := range h.Old {
			out = append(out, lineView{Class: "del", Number: fmt.Sprint(h.Line + i), Before: "- " + line(l)})
		}
		for _, l := range h.New {
			out = append(out, lineView{Class: "add", Before: "+ " + line(l)})
		}
	}
	return out
}

func (v *pageView) addSeverities(results []Result) {
	n := map[string]int{}
	for _, r := range results {
		if r.Changed {
			n["changed"]++
		} else {
			n[string(r.Severity)]++
		}
	}
	for _, s := range []struct{ key, label string }{
		{string(policy.Error), "errors"}, {string(policy.Warning), "warnings"}, {string(policy.Info), "infos"}, {"changed", "changes"},
	} {
		if n[s.key] > 0 {
			v.Severities = append(v.Severities, legendView{Key: s.key, Label: s.label, Count: n[s.key]})
		}
	}
}
