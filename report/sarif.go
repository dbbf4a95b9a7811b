package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/usergroup-dev/usergroup/policy"
)

// SARIF renders findings as SARIF 2.1.0, the format of code scanning services.
// Reasons are the rules. Every finding has a position in a file, because GitHub
// refuses a report in which one has none: its own, or that of the policy.
// Exemptions are suppressed findings. Changes that were made are left out.
type SARIF struct{}

// Write renders the run.
func (SARIF) Write(w io.Writer, run Run) error {
	s := sarifWriter{run: run, index: map[policy.Reason]int{}, seen: fingerprints{}}
	results := []sarifResult{}
	kept, left := worst(run.Results, maxSARIF)
	for _, r := range kept {
		results = append(results, s.result(r))
	}
	ran := sarifInvocation{Successful: run.Exit != exitInvalid, ExitCode: run.Exit}
	if left > 0 {
		ran.Notifications = []sarifNotification{{Level: "warning", Message: sarifText{
			fmt.Sprintf("%s left out: GitHub accepts %d", Count(left, "result"), maxSARIF),
		}}}
	}
	if s.rules == nil {
		s.rules = []sarifRule{}
	}
	return writeJSON(w, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs: []sarifRun{{
			Tool: sarifTool{sarifDriver{
				Name: "usergroup", Version: sarifVersion(run.Version),
				InformationURI: "https://github.com/usergroup-dev/usergroup", Rules: s.rules,
			}},
			Invocations: []sarifInvocation{ran},
			ColumnKind:  "unicodeCodePoints",
			Results:     results,
		}},
	})
}

// maxSARIF is how many results GitHub takes in a run.
const maxSARIF = 25_000

// worst returns at most n of the findings, in their order: errors before warnings,
// and those before the rest. left is how many it leaves out.
func worst(results []Result, n int) (kept []Result, left int) {
	var all counts
	for _, r := range results {
		all.add(r)
	}
	room := map[policy.Severity]int{}
	for _, s := range []struct {
		severity policy.Severity
		n        int
	}{{policy.Error, all.errors}, {policy.Warning, all.warnings}, {policy.Info, all.infos}} {
		room[s.severity] = min(s.n, n)
		n -= room[s.severity]
	}
	for _, r := range results {
		switch {
		case r.Changed:
		case room[r.Severity] > 0:
			room[r.Severity]--
			kept = append(kept, r)
		default:
			left++
		}
	}
	return kept, left
}

// sarifWriter collects the rules of the results.
type sarifWriter struct {
	run   Run
	rules []sarifRule
	index map[policy.Reason]int
	seen  fingerprints
}

func (s *sarifWriter) result(r Result) sarifResult {
	reason := r.Reason
	if reason == "" {
		reason = policy.NotEvaluated
	}
	out := sarifResult{
		RuleID: string(reason), RuleIndex: s.rule(reason), Level: sarifLevel(r.Severity),
		Message:      sarifText{sarifMessage(r.Message)},
		Locations:    []sarifLocation{s.location(r)},
		Fingerprints: map[string]string{"usergroup/v1": s.seen.of(r)},
		Properties: sarifProperties{
			Policy: Clean(r.Policy), Rule: Clean(r.Rule), Origin: string(r.Origin), Image: Clean(r.Image),
		},
	}
	for _, c := range r.Containers {
		out.Properties.Containers = append(out.Properties.Containers, Clean(c))
	}
	if r.Reason == policy.Exempted || r.Accepted != "" {
		out.Suppressions = []sarifSuppression{{Kind: "external", Status: "accepted", Justification: Clean(r.Message)}}
	}
	if r.Detail != nil && len(r.Detail.Fix) > 0 {
		out.Fixes = []sarifFix{s.fix(r)}
	}
	return out
}

// rule returns the index of a reason among the rules, and adds it.
func (s *sarifWriter) rule(reason policy.Reason) int {
	if n, ok := s.index[reason]; ok {
		return n
	}
	rule := ruleOf(reason)
	n := len(s.rules)
	s.index[reason] = n
	s.rules = append(s.rules, sarifRule{
		ID:      string(reason),
		Short:   sarifText{rule.Title + "."},
		Full:    sarifText{rule.Title + ". " + rule.Help},
		Help:    sarifHelp{Text: rule.Help + " See " + reason.URL(), Markdown: rule.Help + "\n\n[" + string(reason) + "](" + reason.URL() + ")"},
		HelpURI: reason.URL(),
		Properties: sarifRuleProperties{
			Tags: []string{"kubernetes", "security"}, Precision: "very-high",
		},
	})
	return n
}

func (s *sarifWriter) location(r Result) sarifLocation {
	f := s.run.source(r)
	if f.Line <= 0 {
		f.Line = 1
	}
	if f.Column <= 0 {
		f.Column, f.EndColumn = 1, 1
	}
	loc := sarifLocation{Physical: sarifPhysical{
		Artifact: sarifArtifact{s.run.Checkout.uri(f.Path)},
		Region: sarifRegion{
			StartLine: f.Line, StartColumn: f.Column, EndLine: f.Line, EndColumn: max(f.EndColumn, f.Column),
			Snippet: sarifSnippet(r.Detail),
		},
	}}
	if loc.Physical.Artifact.URI == "" { // nothing was read: the run as a whole
		loc.Physical.Artifact.URI = "."
	}
	if ref := r.Resource.String(); ref != "" {
		name := ref
		if len(r.Path) > 0 {
			name += " " + r.Path.String()
		}
		loc.Logical = []sarifLogical{{FullyQualifiedName: Clean(name), Kind: "resource"}}
	}
	return loc
}

// sarifSnippet is the marked text, which the region delimits.
func sarifSnippet(d *Detail) *sarifText {
	if d == nil || d.Source.Marked >= len(d.Source.Lines) {
		return nil
	}
	line := []rune(d.Source.Lines[d.Source.Marked])
	from, to := min(d.Source.From, len(line)), min(d.Source.To, len(line))
	if from >= to {
		return nil
	}
	return &sarifText{Clean(string(line[from:to]))}
}

func (s *sarifWriter) fix(r Result) sarifFix {
	change := sarifChange{Artifact: sarifArtifact{s.run.Checkout.uri(r.File.Path)}}
	for _, h := range r.Detail.Fix {
		region := sarifRegion{StartLine: h.Line, StartColumn: h.Column, EndLine: h.Line + len(h.Old), EndColumn: 1}
		if n := len(h.Old); n == 0 {
			region.EndColumn = h.Column
		} else if last := h.Old[n-1]; !strings.HasSuffix(last, "\n") {
			region.EndLine--
			region.EndColumn = 1 + utf8.RuneCountInString(last)
			if n == 1 {
				region.EndColumn += h.Column - 1
			}
		}
		change.Replacements = append(change.Replacements, sarifReplacement{
			Deleted: region, Inserted: &sarifText{strings.ToValidUTF8(strings.Join(h.New, ""), "\ufffd")},
		})
	}
	text := "apply the change that usergroup fix makes"
	if r.Proposed != nil && r.Path.Last() != "" {
		text = "set " + r.Path.Last() + " to " + Value(r.Proposed)
	}
	return sarifFix{Description: sarifText{Clean(text)}, Changes: []sarifChange{change}}
}

func sarifLevel(s policy.Severity) string {
	if s == policy.Info {
		return "note"
	}
	return string(s)
}

// sarifMessage is text as a message: what would be read as a link is escaped.
func sarifMessage(s string) string {
	s = Clean(s)
	if strings.Contains(s, "](") {
		s = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(s)
	}
	return s
}

// sarifVersion is a version that begins with a number, as versions in SARIF are to
// be compared.
func sarifVersion(version string) string {
	if number := strings.TrimPrefix(version, "v"); number != "" && number[0] >= '0' && number[0] <= '9' {
		return number
	}
	return "0.0.0-devel"
}
