package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode"

	"github.com/usergroup-dev/usergroup/internal/yamltext"
)

// splitJSON finds the values of JSON text with more than one. It returns nil, or
// one value, for anything else. kubectl reads text that begins with a brace as
// JSON as long as it can, and takes white space of Unicode for blank before it;
// where that is not what YAML makes of the text, it is an error.
func splitJSON(data []byte, start int, clean bool) ([]span, error) {
	first := start + len(data[start:]) - len(bytes.TrimLeftFunc(data[start:], unicode.IsSpace))
	if first == len(data) || data[first] != '{' && data[first] != '[' {
		return nil, nil
	}
	if len(bytes.TrimLeft(data[start:first], " \t\r\n")) > 0 {
		return nil, errReadDifferently(data, start, "as JSON and as YAML")
	}
	if clean {
		if end, ok := yamltext.SkipFlow(data, first); ok && len(bytes.TrimSpace(data[end:])) == 0 {
			return nil, nil
		}
	}
	var spans []span
	var value json.RawMessage
	where := yamltext.NewPositions(data[start:], false, 0)
	dec := json.NewDecoder(bytes.NewReader(data[first:]))
	for {
		if err := dec.Decode(&value); errors.Is(err, io.EOF) {
			return spans, nil
		} else if err != nil {
			if len(spans) > 0 && !endsItsLine(data, spans[len(spans)-1].end) {
				return nil, errReadDifferently(data, first, "as JSON and as YAML")
			}
			return nil, nil
		}
		end := first + int(dec.InputOffset())
		begin := end - len(value)
		_, column := where.At(begin - start)
		spans = append(spans, span{start: begin, end: end, column: column, marker: -1})
	}
}

// endsItsLine reports whether nothing but a comment follows b[i] on its line.
func endsItsLine(b []byte, i int) bool {
	line, _, _ := bytes.Cut(b[i:], []byte("\n"))
	rest := bytes.TrimLeft(line, " \t")
	rest = bytes.TrimSuffix(rest, []byte("\r"))
	return len(rest) == 0 || rest[0] == '#' && len(rest) < len(line)
}
