package hostile

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// Manifests writes a file of objects with pods, whose keys, values and documents are
// written in the ways that readers are known to disagree on.
func Manifests(r *rand.Rand) string {
	w := writer{Rand: r}
	var b strings.Builder
	b.WriteString(w.rarely("", "---\n", "--- ", "# c\n", "\ufeff", "%YAML 1.1\n---\n", "%TAG !e! tag:yaml.org,2002:\n---\n", "...\n", "---\n\ufeff", "\u00a0", "\u2028", "{}\n---\n", "~\n---\n"))
	for i := range 1 + r.IntN(3) {
		if i > 0 {
			b.WriteString(w.rarely("\n---\n", marks...))
		}
		b.WriteString(w.Object())
	}
	b.WriteString(w.rarely("\n", "", "\n---\n", "\n...\n", "\n...\nkind: Pod\n", " x\n", "\n---\n{\n", "\n--- x", "}\n", "\r\n", "\n\ufeff", "\n%YAML 1.1\n"))
	text := b.String()
	if r.IntN(5) == 0 {
		text = Mutate(r, text)
	}
	switch r.IntN(25) {
	case 0:
		text = strings.ReplaceAll(text, "\n", "\r\n")
	case 1:
		text = strings.Replace(text, "\n", w.oneOf("\r", "\u0085", "\u2028", "\r\r\n"), 1+r.IntN(3))
	case 2:
		text = utf16(text)
	}
	return text
}

// Items writes the items of a ResourceList in the same ways, indented for the key.
func Items(r *rand.Rand) string {
	w := writer{Rand: r}
	var b strings.Builder
	for range 1 + r.IntN(3) {
		text := w.Object()
		if r.IntN(5) == 0 {
			text = Mutate(r, text)
		}
		b.WriteString("- " + Indented(text, 2) + "\n")
	}
	return b.String()
}

// marks are between documents, to some.
var marks = []string{
	"\n--- # c\n", "\n---#c\n", "\n---\t\n", "\n...\n---\n", "\n...\n", "\n---\u00a0\n", "\n---\u0085\n", "\r---\n", "\u2028---\n", "\n ---\n", "\n--- !!map\n", "\n--- ",
	"\n---\n---\n", "\n...\n%YAML 1.1\n---\n", "\n", " ", ",\n", "\n---\ufeff\n",
}

// utf16 encodes text, little-endian with its mark.
func utf16(text string) string {
	var b []byte
	for _, c := range "\ufeff" + text {
		b = append(b, byte(c), byte(c>>8))
	}
	return string(b)
}

// writer writes values of random shapes.
type writer struct {
	*rand.Rand
	anchors int
}

// value is something to be written: a scalar as it is written, or a collection.
type value struct {
	props  string // with a blank behind each
	scalar string
	fields []field // of a mapping
	items  []value // of a list
}

type field struct {
	key   string // as it is written
	value value
}

// Object writes an object, or a List of objects, without a line break at the end.
func (w *writer) Object() string {
	w.anchors = 0
	v := w.object()
	if w.IntN(6) == 0 {
		list := value{fields: []field{
			{"apiVersion", value{scalar: "v1"}},
			{"kind", value{scalar: w.oneOf("List", "List", "PodList", "Pod", "ConfigMapList")}},
			{"items", value{items: []value{v, w.object()}}},
		}}
		v = list
	}
	if w.IntN(8) == 0 {
		return w.json(v)
	}
	flow := []int{0, 0, 20, 50, 100}[w.IntN(5)]
	return strings.TrimLeft(w.text(v, -1, flow), " \n")
}

// kinds are objects with pods, and what the keys on the way to their specs are.
var kinds = []struct{ apiVersion, kind, path string }{
	{"v1", "Pod", "spec"},
	{"v1", "Pod", "spec"},
	{"v1", "PodTemplate", "template spec"},
	{"v1", "ReplicationController", "spec template spec"},
	{"apps/v1", "Deployment", "spec template spec"},
	{"batch/v1", "Job", "spec template spec"},
	{"batch/v1", "CronJob", "spec jobTemplate spec template spec"},
	{"v1", "ConfigMap", "data"},
}

func (w *writer) object() value {
	k := kinds[w.IntN(len(kinds))]
	v := w.spec()
	path := strings.Fields(k.path)
	for i := len(path) - 1; i >= 0; i-- {
		fields := []field{{path[i], v}}
		if i == 0 {
			fields = []field{
				{"apiVersion", value{scalar: w.rarely(k.apiVersion, "V1", "'v1'", "", "~", "!!str v1", "!!binary djE=", "1", "apps/v1")}},
				{"kind", value{scalar: w.rarely(k.kind, "pod", "ConfigMap", "List", "'Pod'", `"P\x6fd"`, "!!str Pod", "! Pod", "!!binary UG9k", "|-\n  Pod", "~")}},
				{"metadata", value{fields: []field{{"name", value{scalar: "a"}}}}},
				fields[0],
			}
		}
		v = w.mapping(fields)
	}
	return v
}

func (w *writer) spec() value {
	fields := []field{{"containers", w.containers()}}
	if w.IntN(2) == 0 {
		fields = append(fields, field{"securityContext", w.context()})
	}
	if w.IntN(4) == 0 {
		fields = append(fields, field{w.oneOf("initContainers", "ephemeralContainers"), w.containers()})
	}
	return w.mapping(fields)
}

func (w *writer) containers() value {
	if w.IntN(15) == 0 {
		return w.odd()
	}
	var list value
	for i := range 1 + w.IntN(2) {
		fields := []field{{"name", value{scalar: fmt.Sprint("c", i)}}, {"image", value{scalar: "i"}}}
		if w.IntN(2) == 0 {
			fields = append(fields, field{"securityContext", w.context()})
		}
		if w.IntN(20) == 0 {
			fields = append(fields, field{"$patch", value{scalar: "delete"}})
		}
		list.items = append(list.items, w.mapping(fields))
	}
	return list
}

func (w *writer) context() value {
	if w.IntN(10) == 0 {
		return w.odd()
	}
	fields := []field{{"privileged", value{scalar: "false"}}}
	if w.IntN(4) > 0 {
		fields = append(fields, field{"runAsUser", value{scalar: w.id()}})
	}
	return w.mapping(fields)
}

// odd is a value of another type than it should be, or none.
func (w *writer) odd() value {
	return value{scalar: w.oneOf("", "~", "null", "{}", "[]", "''", "x", "!!null ''", "!!map {}", "! ", "!!str", "[{}]", "{a}")}
}

func (w *writer) id() string {
	return w.oneOf("1500", "1500", "1500", "0", "0", "0o2734", "02734", "0x5dc", "1_500", "+1500", "-0", "1.5e3", "1500.0", ".inf", "9223372036854775808", "18446744073709553116",
		"4294968796", "0b10111011100", "25:0", "1e400", "~", "", "yes", "'1500'", `"0"`, "!!int '1500'", "!!str 1500", "! 1500", "! '1500'", "!!float 1500", "!!int 1500.0", "!!binary MTUwMA==", "|-\n  1500",
		"!!int |-\n  1500", "!x 1500", "!!timestamp 1500", "0o+17", "08", "1499.9999999999999999", "1500 # c", "<<", "=")
}

// mapping is a mapping with the fields in any order, in one of a few of a strange
// kind: one more of them, spelled in another way, merged, or an alias.
func (w *writer) mapping(fields []field) value {
	v := value{fields: fields}
	w.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	if w.IntN(8) > 0 {
		return v
	}
	f := fields[w.IntN(len(fields))]
	other := f.value
	switch {
	case f.key == "runAsUser":
		other = value{scalar: w.id()}
	case f.key == "securityContext", other.scalar != "" && w.IntN(3) == 0:
		other = w.odd()
	}
	more := field{f.key, other}
	switch w.IntN(7) {
	case 0: // twice
	case 1:
		more.key = w.oneOf(strings.ToUpper(f.key), strings.ToLower(f.key), strings.ToUpper(f.key[:1])+f.key[1:], strings.ReplaceAll(f.key, "k", "\u212a"))
	case 2, 3:
		more.key = w.spelled(f.key)
	case 4:
		more = field{w.oneOf("<<", "<<", `"<<"`, "! <<", "!!merge x"), value{fields: []field{more}}}
	case 5:
		more = field{"<<", value{items: []value{{fields: []field{more}}, {fields: []field{f}}}}}
	case 6:
		w.anchors++
		name := fmt.Sprint("a", w.anchors)
		anchored := f.value
		anchored.props = "&" + name + " " + anchored.props
		for i := range v.fields {
			if v.fields[i].key == f.key {
				v.fields[i].value = anchored
			}
		}
		more = field{w.oneOf("other", f.key), value{scalar: "*" + name + " "}}
	}
	at := w.IntN(len(fields) + 1)
	if w.IntN(3) == 0 { // instead
		at = len(fields)
		for i := range fields {
			if fields[i].key == f.key && more.key != "other" {
				fields[i] = more
				return v
			}
		}
	}
	v.fields = append(fields[:at:at], append([]field{more}, fields[at:]...)...)
	return v
}

// spelled is a key written in a rare way, which may be another key.
func (w *writer) spelled(key string) string {
	return w.oneOf(`"`+key+`"`, "'"+key+"'", fmt.Sprintf(`"\x%02x%s"`, key[0], key[1:]), "!!str "+key, "! "+key, "!x "+key, "&k "+key, "? "+key+"\n", "? |-\n    "+key+"\n",
		key+" ", key+"\t", key+"\u00a0", `"`+key+`\0"`, "["+key+"]")
}

// text writes v behind a key or a dash at a column. So many of a hundred collections
// are in braces.
func (w *writer) text(v value, column, flow int) string {
	switch {
	case v.fields == nil && v.items == nil:
		return " " + v.props + strings.ReplaceAll(v.scalar, "\n", "\n"+strings.Repeat(" ", max(column, 0)))
	case w.IntN(100) < flow:
		return " " + v.props + w.flow(v, column)
	}
	var b strings.Builder
	b.WriteString(strings.TrimRight(" "+v.props, " "))
	if v.items != nil {
		in := max(column, 0) + w.IntN(2)*2
		for _, it := range v.items {
			item := w.text(it, in, flow)
			if it.fields != nil && it.props == "" {
				item = " " + strings.TrimLeft(item, " \n")
			}
			b.WriteString("\n" + strings.Repeat(" ", in) + "-" + item)
		}
		return b.String()
	}
	in := column + 2
	if column < 0 {
		in = 0
	}
	for _, f := range v.fields {
		b.WriteString("\n" + strings.Repeat(" ", in))
		if explicit, ok := strings.CutSuffix(f.key, "\n"); ok {
			b.WriteString(strings.ReplaceAll(explicit, "\n", "\n"+strings.Repeat(" ", in)) + "\n" + strings.Repeat(" ", in) + ":")
		} else {
			b.WriteString(f.key + ":")
		}
		b.WriteString(w.text(f.value, in, flow))
		if w.IntN(60) == 0 {
			b.WriteString(w.oneOf(" # c", "\t# c", " #", "\n# c", "\n\n", "\n\t", "  "))
		}
	}
	return b.String()
}

// flow writes v in braces or brackets.
func (w *writer) flow(v value, column int) string {
	var parts []string
	for _, it := range v.items {
		parts = append(parts, strings.TrimLeft(w.text(it, column, 100), " "))
	}
	for _, f := range v.fields {
		parts = append(parts, strings.TrimSuffix(f.key, "\n")+":"+w.text(f.value, column, 100))
	}
	text := strings.Join(parts, w.rarely(", ", ",", " ,", ",\n"+strings.Repeat(" ", column+4)))
	if v.fields != nil {
		return "{" + text + "}"
	}
	return "[" + text + "]"
}

// json writes v as JSON; what that cannot say is a string.
func (w *writer) json(v value) string {
	var parts []string
	for _, it := range v.items {
		parts = append(parts, w.json(it))
	}
	for _, f := range v.fields {
		key, _ := json.Marshal(strings.Trim(f.key, `"'`))
		parts = append(parts, string(key)+": "+w.json(f.value))
	}
	switch {
	case v.fields != nil:
		return "{" + strings.Join(parts, ", ") + "}"
	case v.items != nil:
		return "[" + strings.Join(parts, ",\n\t") + "]"
	case json.Valid([]byte(v.scalar)):
		return v.scalar
	}
	text, _ := json.Marshal(v.scalar)
	return string(text)
}

// rarely returns mostly the first, and one of the others in one of twenty cases.
func (w *writer) rarely(first string, others ...string) string {
	if w.IntN(20) > 0 {
		return first
	}
	return w.oneOf(others...)
}

func (w *writer) oneOf(texts ...string) string { return texts[w.IntN(len(texts))] }
