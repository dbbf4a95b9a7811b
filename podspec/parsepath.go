package podspec

import (
	"fmt"
	"strconv"
	"strings"
)

// ParsePath reads what Path.String renders.
func ParsePath(s string) (Path, error) {
	var p Path
	for rest := s; rest != ""; {
		if quoted, ok := strings.CutPrefix(rest, `["`); ok {
			text, err := strconv.QuotedPrefix(rest[1:])
			if err != nil {
				return nil, fmt.Errorf("path %q: a key in brackets is not quoted", s)
			}
			key, err := strconv.Unquote(text)
			if err != nil {
				return nil, fmt.Errorf("path %q: %w", s, err)
			}
			if rest, ok = strings.CutPrefix(quoted[len(text)-1:], "]"); !ok {
				return nil, fmt.Errorf("path %q: a bracket is not closed", s)
			}
			p = append(p, Step{Key: key})
			continue
		}
		if inner, ok := strings.CutPrefix(rest, "["); ok {
			number, after, closed := strings.Cut(inner, "]")
			i, err := strconv.Atoi(number)
			if err != nil || !closed || i < 0 {
				return nil, fmt.Errorf("path %q: %q is not an index", s, number)
			}
			p, rest = append(p, Step{Index: i}), after
			continue
		}
		if len(p) > 0 {
			after, ok := strings.CutPrefix(rest, ".")
			if !ok {
				return nil, fmt.Errorf("path %q: a dot is missing before %q", s, rest)
			}
			rest = after
		}
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		if end == 0 {
			return nil, fmt.Errorf("path %q: a key is empty", s)
		}
		p, rest = append(p, Step{Key: rest[:end]}), rest[end:]
	}
	return p, nil
}
