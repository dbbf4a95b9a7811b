package workload

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/podspec"
)

// pattern is a parsed path of pod specs.
type pattern []segment

// segment is one step of a pattern.
type segment struct {
	kind segmentKind
	key  string // of a keySegment
}

type segmentKind uint8

const (
	keySegment   segmentKind = iota // the value of one key of a mapping
	eachSegment                     // [*]: every element of a list
	valueSegment                    // *: every value of a mapping
)

// parsePattern parses a dotted path: spec.jobs[*].template.spec. A key that is
// not plain is written in brackets and quotes, as podspec.Path writes it.
func parsePattern(text string) (pattern, error) {
	if text == "" {
		return nil, errors.New("must not be empty")
	}
	var p pattern
	for rest := text; rest != ""; {
		seg, tail, err := parseSegment(rest, len(p) == 0)
		if err != nil {
			return nil, fmt.Errorf("%q: %w at %q", text, err, rest)
		}
		p, rest = append(p, seg), tail
	}
	return p, nil
}

// parseSegment parses the first segment of text and returns what follows it.
func parseSegment(text string, first bool) (seg segment, tail string, err error) {
	if tail, ok := strings.CutPrefix(text, "[*]"); ok {
		return segment{kind: eachSegment}, tail, nil
	}
	if inner, ok := strings.CutPrefix(text, "["); ok {
		return parseQuoted(inner)
	}
	if !first {
		var ok bool
		if text, ok = strings.CutPrefix(text, "."); !ok {
			return seg, "", errors.New("must have a dot")
		}
	}
	end := strings.IndexAny(text, ".[")
	if end < 0 {
		end = len(text)
	}
	key := text[:end]
	switch {
	case key == "*":
		return segment{kind: valueSegment}, text[end:], nil
	case key == "":
		return seg, "", errors.New("must have a key")
	case strings.ContainsAny(key, `]*" `):
		return seg, "", fmt.Errorf("must have a key, * or [*], has %q,", key)
	}
	return segment{key: key}, text[end:], nil
}

// parseQuoted parses what follows the bracket of ["key"].
func parseQuoted(text string) (seg segment, tail string, err error) {
	quoted, err := strconv.QuotedPrefix(text)
	if err == nil {
		var ok bool
		if tail, ok = strings.CutPrefix(text[len(quoted):], "]"); ok {
			if seg.key, _ = strconv.Unquote(quoted); seg.key != "" { // which cannot fail
				return seg, tail, nil
			}
		}
	}
	return seg, "", errors.New(`must have [*] or ["key"]`)
}

// Pattern renders the path of a pod spec as podSpecPaths takes it: with [*] in
// the place of each index.
func Pattern(p podspec.Path) string {
	var b strings.Builder
	for i, s := range p {
		switch s.Key {
		case "":
			b.WriteString("[*]")
			continue
		case everyValue:
			b.WriteString(".*")
			continue
		}
		text := podspec.Field(s.Key).String()
		if i > 0 && !strings.HasPrefix(text, "[") {
			b.WriteByte('.')
		}
		b.WriteString(text)
	}
	return b.String()
}
