package fn

import (
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
	"github.com/usergroup-dev/usergroup/report"
)

// appendResult appends a result as an element of a YAML block sequence, in the
// form of the Kubernetes Resource Model (config.kubernetes.io/v1). It is
// written by hand because a large run has thousands of results, which a YAML
// encoder takes longer to print than the whole policy takes to enforce.
func appendResult(b []byte, r *report.Result) []byte {
	b = append(b, "- message: "...)
	b = appendString(b, r.Message)
	b = append(b, "  severity: "...)
	b = append(b, r.Severity...)
	b = append(b, '\n')
	if ref := r.Resource; ref != (report.Resource{}) {
		b = append(b, "  resourceRef:\n"...)
		b = appendField(b, "    apiVersion: ", ref.APIVersion)
		b = appendField(b, "    kind: ", ref.Kind)
		b = appendField(b, "    name: ", ref.Name)
		b = appendField(b, "    namespace: ", ref.Namespace)
	}
	if len(r.Path) > 0 {
		b = append(b, "  field:\n"...)
		b = appendField(b, "    path: ", r.Path.String())
		b = appendValue(b, "    currentValue: ", r.Current)
		b = appendValue(b, "    proposedValue: ", r.Proposed)
	}
	if r.File.Path != "" {
		b = append(b, "  file:\n"...)
		b = appendField(b, "    path: ", r.File.Path)
		if r.File.Index > 0 {
			b = append(b, "    index: "...)
			b = strconv.AppendInt(b, int64(r.File.Index), 10)
			b = append(b, '\n')
		}
	}
	start := len(b)
	b = append(b, "  tags:\n"...)
	empty := len(b)
	for _, t := range tags(r) {
		b = appendField(b, "    "+t.key+": ", t.value)
	}
	if len(b) == empty {
		b = b[:start]
	}
	return b
}

type tag struct{ key, value string }

// tags lists the tags of a result in the order they are printed; empty values
// are left out by the printer.
func tags(r *report.Result) [6]tag {
	return [6]tag{
		{"container", strings.Join(r.Containers, ",")},
		{"image", r.Image},
		{"origin", string(r.Origin)},
		{"policy", r.Policy},
		{"reason", string(r.Reason)},
		{"rule", r.Rule},
	}
}

// Tags returns the tags of a result, as they are in the results of a ResourceList.
// A tag without a value is left out.
func Tags(r *report.Result) map[string]string {
	out := map[string]string{}
	for _, t := range tags(r) {
		if t.value != "" {
			out[t.key] = t.value
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// appendField appends a string field, or nothing where the string is empty.
func appendField(b []byte, key, value string) []byte {
	if value == "" {
		return b
	}
	b = append(b, key...)
	return appendString(b, value)
}

func appendValue(b []byte, key string, v any) []byte {
	switch v := v.(type) {
	case nil:
		return b
	case string:
		b = append(b, key...)
		return appendString(b, v)
	default:
		b = append(b, key...)
		b = append(b, report.Value(v)...)
		return append(b, '\n')
	}
}

// appendString appends a string as a YAML scalar and ends the line.
func appendString(b []byte, s string) []byte { return append(yamlvalue.AppendString(b, s), '\n') }
