package workload_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/podspec"
)

// TestRandomPods is FuzzReadPod on pod specs made of the very constructs that
// readers disagree on: duplicate keys, tags, merge keys, aliases and spellings.
func TestRandomPods(t *testing.T) {
	w := writer{rand.New(rand.NewPCG(1, 2))}
	compared := 0
	for range 2000 {
		text := w.pod()
		root, err := yamltext.DecodeFull([]byte(text), 0)
		if err != nil {
			continue
		}
		pod := workload.ReadPod(root, podspec.Field("spec"), podspec.Field("metadata"))
		if len(allProblems(pod)) > 0 {
			continue
		}
		for _, r := range readers {
			spec, err := r.read([]byte(text))
			if err != nil {
				continue
			}
			compared++
			if diff := cmp.Diff(view(spec), viewOf(pod)); diff != "" {
				t.Fatalf("%s reads\n%s\n(-what it reads +what we read):\n%s", r.name, text, diff)
			}
		}
	}
	if compared < 500 {
		t.Errorf("compared %d pods only", compared)
	}
}

// writer writes random pod specs in flow style.
type writer struct{ *rand.Rand }

// pod defines two anchors of securityContexts, one of them merging the other,
// and uses them.
func (w writer) pod() string {
	fields := []string{
		"securityContext: " + w.context("*a", "*b"),
		"containers: " + w.containers(),
	}
	if w.IntN(4) == 0 {
		fields = append(fields, "os: {name: windows}")
	}
	if w.IntN(4) == 0 {
		fields = append(fields, "hostUsers: "+w.oneOf("true", "false", "null"))
	}
	if w.IntN(4) == 0 {
		fields = append(fields, "initContainers: "+w.containers())
	}
	w.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	return fmt.Sprintf("{a: &a %s, b: &b %s, %s}\n", w.mapping(), w.context("*a"), strings.Join(fields, ", "))
}

func (w writer) containers() string {
	var out []string
	for i := range w.IntN(3) {
		out = append(out, fmt.Sprintf("{name: c%d, image: registry.example/c, securityContext: %s}", i, w.context("*a", "*b")))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// context writes a securityContext, perhaps by way of one of the aliases.
func (w writer) context(aliases ...string) string {
	switch w.IntN(8) {
	case 0:
		return "null"
	case 1:
		return w.oneOf(aliases...)
	case 2, 3:
		return w.mapping()
	case 4:
		return w.mapping("<<: [" + strings.Join(aliases, ", ") + "]")
	case 5:
		return w.mapping("<<: "+w.oneOf(aliases...), "<<: "+w.oneOf(aliases...))
	}
	return w.mapping("<<: " + w.oneOf(aliases...))
}

// mapping writes a mapping with some of the fields of a securityContext and
// those given, in any order.
func (w writer) mapping(fields ...string) string {
	for range w.IntN(3) {
		fields = append(fields, w.field())
	}
	w.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	return "{" + strings.Join(fields, ", ") + "}"
}

func (w writer) field() string {
	switch key := w.oneOf("runAsUser", "runAsUser", "runAsGroup", "runAsNonRoot", "runasuser", "!x runAsUser", "!!str runAsUser", `"runAsUser"`, "!!binary cnVuQXNVc2Vy", "!!merge x"); key {
	case "runAsNonRoot":
		return key + ": " + w.oneOf("true", "false", "True", "yes", "n", "null", `"true"`, "!!bool yes", `!!bool "true"`)
	case "!!merge x":
		return key + ": {runAsUser: 0}"
	default:
		return key + ": " + w.id()
	}
}

// id writes something like an integer.
func (w writer) id() string {
	if w.IntN(2) == 0 {
		return fmt.Sprint(w.IntN(2000))
	}
	text := w.oneOf("", "", "", "-", "+") + w.oneOf("", "", "0", "0x", "0o", "0b", ".", "_")
	for range 1 + w.IntN(4) {
		text += w.oneOf("0", "1", "7", "9", "_", ".", "e", "+", "-")
	}
	return w.oneOf("", "", "", "!!int ", "!!float ", "!!str ") + text
}

func (w writer) oneOf(texts ...string) string { return texts[w.IntN(len(texts))] }
