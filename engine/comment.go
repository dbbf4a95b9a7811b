package engine

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// AllowComment begins a comment that exempts one finding, where a policy lets it:
//
//	# usergroup:allow CannotUseRootUserID the vendor's image binds port 80
//
// at the end of the line that the finding is on, or on lines of its own directly
// above. The reason is not optional.
const AllowComment = "usergroup:allow"

// allowed turns the findings of a policy that comments in the text of an object
// exempt into infos, which say why. Nothing is written for them: neither where they
// are, nor on the pod, from where their container would inherit.
func allowed(o workload.Object, text []byte, findings []policy.Finding) []policy.Finding {
	if !bytes.Contains(text, []byte(AllowComment)) {
		return findings
	}
	var values finder
	said := comments{text: text}
	var exempted []string // the last keys of their paths
	for i := range findings {
		f := &findings[i]
		if f.Severity == policy.Info || f.Path == nil {
			continue
		}
		why := podspec.Shown(said.on(values.find(o.Node, f.Path).start, f.Reason))
		if why == "" {
			continue
		}
		exempt := *f
		exempt.Reason, exempt.Severity = policy.Exempted, policy.Info
		exempt.Message = fmt.Sprintf("exempt from %s by a comment: %s (%s)", f.Reason, why, f.Message)
		exempt.Fix, exempt.Foretold, exempt.Proposed = nil, nil, nil
		if key := f.Path.Last(); !slices.Contains(exempted, key) {
			exempted = append(exempted, key)
		}
		findings[i] = exempt
	}
	for i := range findings { // what the pod's containers would inherit
		findings[i].Fix = slices.DeleteFunc(slices.Clone(findings[i].Fix), func(c policy.Change) bool {
			return slices.Contains(exempted, c.Edit.Path.Last()) && ofPod(c.Edit.Path)
		})
	}
	return findings
}

// ofPod reports whether a path leads to a pod's own securityContext.
func ofPod(at podspec.Path) bool {
	n := len(at)
	return n >= 2 && at[n-2].Key == "securityContext" && (n < 3 || at[n-3].Key != "")
}

// comments finds the comments of a text. Of the last line it keeps what it has found:
// all of an object may be on one.
type comments struct {
	text       []byte
	start, end int                      // of the line
	why        map[policy.Reason]string // nil before the first
}

// on is commentOn for an offset.
func (c *comments) on(offset int, reason policy.Reason) string {
	if c.why == nil || offset < c.start || offset > c.end {
		line, _, _ := bytes.Cut(c.text[offset:], []byte("\n"))
		c.start, c.end = bytes.LastIndexByte(c.text[:offset], '\n')+1, offset+len(line)
		c.why = map[policy.Reason]string{}
	}
	why, ok := c.why[reason]
	if !ok {
		why = commentOn(c.text, c.start, reason)
		c.why[reason] = why
	}
	return why
}

// commentOn returns the reason that a comment on the line that begins at start, or on
// lines of comments directly above, gives for a finding; "" where none does.
func commentOn(text []byte, start int, reason policy.Reason) string {
	line, _, _ := bytes.Cut(text[start:], []byte("\n"))
	if why := reasonIn(line, reason); why != "" {
		return why
	}
	for start > 0 {
		end := start - 1
		start = bytes.LastIndexByte(text[:end], '\n') + 1
		line = bytes.TrimSpace(text[start:end])
		if !bytes.HasPrefix(line, []byte("#")) {
			return ""
		}
		if why := reasonIn(line, reason); why != "" {
			return why
		}
	}
	return ""
}

// reasonIn returns the reason that a comment of a line gives.
func reasonIn(line []byte, reason policy.Reason) string {
	_, comment, ok := bytes.Cut(line, []byte("# "+AllowComment+" ")) // a line may be megabytes long
	if !ok {
		return ""
	}
	code, why, _ := strings.Cut(strings.TrimSpace(string(comment)), " ")
	if code != string(reason) {
		return ""
	}
	return strings.TrimSpace(why)
}
