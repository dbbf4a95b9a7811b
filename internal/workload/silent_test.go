package workload_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/workload"
	"github.com/usergroup-dev/usergroup/podspec"
)

// TestNothingIsSilent: wherever a security context is in an object, and whatever the
// mappings around it say that they are, it is found.
func TestNothingIsSilent(t *testing.T) {
	table := workload.Builtin()
	for seed := range uint64(500) {
		w := disguiser{rand: rand.New(rand.NewPCG(seed, 1))}
		kind := []string{"example.com/v1, kind: Unknown", "kafka.strimzi.io/v1, kind: Kafka", "argoproj.io/v1alpha1, kind: Workflow", "v1, kind: ConfigMap"}[seed%4]
		text := "{apiVersion: " + kind + ", metadata: {name: a}, spec: " + w.value(4) + "}"
		found := map[int64]bool{}
		for _, o := range table.Objects(decode(t, text)) {
			if c := table.Classify(o.APIVersion, o.Kind); c == workload.List || c == workload.Ignored {
				continue
			}
			f := table.Find(nil, o.Node, o.APIVersion, o.Kind, nil)
			for _, p := range append(f.Pods, f.Loose...) {
				for _, sc := range contextsOf(p) {
					found[sc.RunAsUser.V] = true
				}
			}
		}
		for id := range w.ids {
			if written := fmt.Sprintf("runAsUser: %d}", id+1); strings.Contains(text, written) && !found[int64(id)+1] {
				t.Fatalf("%s is not found in %s", written, text)
			}
		}
	}
}

// contextsOf returns the security contexts of a pod and of its containers.
func contextsOf(p *podspec.Pod) []podspec.SecurityContext {
	contexts := []podspec.SecurityContext{p.SecurityContext}
	for _, c := range p.Containers {
		contexts = append(contexts, c.SecurityContext)
	}
	return contexts
}

// disguiser writes values with security contexts, each of a user of its own.
type disguiser struct {
	rand *rand.Rand
	ids  int // the last user
}

func (w *disguiser) context() string {
	w.ids++
	return fmt.Sprintf("{runAsUser: %d}", w.ids)
}

// value returns a value of at most the given depth.
func (w *disguiser) value(depth int) string {
	if depth == 0 {
		return "{securityContext: " + w.context() + "}"
	}
	var fields []string
	for i := range 1 + w.rand.IntN(3) {
		switch w.rand.IntN(10) {
		case 0:
			fields = append(fields, "podSecurityContext: "+w.context())
		case 1:
			fields = append(fields, fmt.Sprintf("list%d: [1, %s, %s]", i, w.value(depth-1), w.context()))
		case 2:
			fields = append(fields, fmt.Sprintf("sidecars%d: [{name: a, securityContext: %s}]", i, w.context()))
		case 3:
			fields = append(fields, fmt.Sprintf("main%d: {image: x, securityContext: %s, more: %s}", i, w.context(), w.value(depth-1)))
		case 4:
			fields = append(fields, fmt.Sprintf("pod%d: {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: x, securityContext: %s}]}, extra: %s}", i, w.context(), w.value(depth-1)))
		case 5:
			fields = append(fields, fmt.Sprintf("list%d: {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, x: %s}], extra: %s}", i, w.value(depth-1), w.value(depth-1)))
		case 6:
			more := w.value(depth - 1)
			w.ids++
			fields = append(fields, fmt.Sprintf("owner%d: {more: %s, runAsUser: %d}", i, more, w.ids))
		default:
			fields = append(fields, fmt.Sprintf("field%d: %s", i, w.value(depth-1)))
		}
	}
	if w.rand.IntN(4) == 0 {
		fields = append(fields, "spec: "+w.value(depth-1))
	}
	if says := []string{"", "apiVersion: v1, kind: Pod", "apiVersion: batch/v1, kind: CronJob", "apiVersion: kyverno.io/v1, kind: Policy", "apiVersion: kafka.strimzi.io/v1, kind: Kafka", "apiVersion: v1, kind: ConfigMap"}[w.rand.IntN(6)]; says != "" {
		if strings.Contains(says, "kyverno") {
			fields = slices.DeleteFunc(fields, func(f string) bool { return strings.HasPrefix(f, "spec:") }) // of patterns
		}
		fields = append(fields, says, "metadata: {name: a}")
	}
	return "{" + strings.Join(dedupe(fields), ", ") + "}"
}

// dedupe leaves out a field whose key is there already.
func dedupe(fields []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, f := range fields {
		key, _, _ := strings.Cut(f, ":")
		if !seen[key] {
			seen[key] = true
			out = append(out, f)
		}
	}
	return out
}
