package fn_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	appsv1beta1 "k8s.io/api/apps/v1beta1"
	appsv1beta2 "k8s.io/api/apps/v1beta2"
	batchv1 "k8s.io/api/batch/v1"
	batchv1beta1 "k8s.io/api/batch/v1beta1"
	corev1 "k8s.io/api/core/v1"
	extensionsv1beta1 "k8s.io/api/extensions/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	k8syaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/usergroup-dev/usergroup/internal/corpus"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// corpusSpecs are the specs of the policies that the corpus is sent through.
var corpusSpecs = []struct{ name, spec string }{
	{"MustRunAs", `
  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 65535}]}
  runAsGroup: {rule: MustRunAs, ranges: [{min: 1001, max: 65535}]}
  supplementalGroups: {rule: MustRunAs, ranges: [{min: 1002, max: 65535}]}
  fsGroup: {rule: MustRunAs, ranges: [{min: 1003, max: 65535}]}
`},
	{"MustRunAs on containers", `
  placement: Containers
  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 65535}]}
  runAsGroup: {rule: MustRunAs, ranges: [{min: 1001, max: 65535}]}
`},
	{"MustRunAs on the pod", `
  placement: Pod
  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 65535}]}
  runAsGroup: {rule: MustRunAs, ranges: [{min: 1001, max: 65535}]}
`},
	{"MustRunAsNonRoot", `
  runAsUser: {rule: MustRunAsNonRoot}
  supplementalGroups: {rule: RunAsAny, requireStrict: true}
`},
	{"MustBeUnset", `
  runAsUser: {rule: MustBeUnset}
  runAsGroup: {rule: MustBeUnset}
  supplementalGroups: {rule: MustBeUnset}
  fsGroup: {rule: MustBeUnset}
`},
}

// overwriteSpec cannot be judged only, so that it is not among corpusSpecs.
const overwriteSpec = `
  runAsUser: {rule: MustRunAs, overwrite: true, ranges: [{min: 4000, max: 4000}]}
  runAsGroup: {rule: MustRunAs, overwrite: true, ranges: [{min: 4001, max: 4001}]}
  supplementalGroups: {rule: MustRunAs, overwrite: true, ranges: [{min: 4002, max: 4002}]}
  fsGroup: {rule: MustRunAs, overwrite: true, ranges: [{min: 4003, max: 4003}]}
`

// corpusPolicy is the policy of a spec with more fields in it.
func corpusPolicy(t *testing.T, spec, more string) []*policy.Policy {
	t.Helper()
	return policies(t, "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: corpus}\nspec:"+spec+more)
}

// TestCorpus enforces policies on real manifests. What has no finding leaves
// byte for byte. What is changed differs, parsed, by the reported changes and by
// nothing else, is what the API server accepts, changes no more in a second run,
// and passes the same policy where that only judges.
func TestCorpus(t *testing.T) {
	files := corpusFiles(t)
	for _, c := range corpusSpecs {
		t.Run(c.name, func(t *testing.T) {
			enforce := corpusPolicy(t, c.spec, "")
			judge := corpusPolicy(t, c.spec, "  validateOnly: true\n")
			changed := 0
			for _, f := range files {
				outcome, out := apply(t, enforce, f.text)
				changed += outcome.Summary.Changed
				checkChanges(t, f, outcome.Results, out)
				checkSecondRun(t, f, enforce, out)
				checkPasses(t, f, judge, out, changedObjects(outcome.Results))
			}
			if changed < 5 {
				t.Errorf("%d objects of %d files changed, so that nothing was tested", changed, len(files))
			}
			t.Logf("%d files, %d objects changed", len(files), changed)
		})
	}
	t.Run("overwrite", func(t *testing.T) {
		enforce := corpusPolicy(t, overwriteSpec, "")
		for _, f := range files {
			outcome, out := apply(t, enforce, f.text)
			checkChanges(t, f, outcome.Results, out)
			checkSecondRun(t, f, enforce, out)
		}
	})
}

// checkChanges compares a file before and after, with a YAML reader that is not
// ours.
func checkChanges(t *testing.T, f corpusFile, results []report.Result, out string) {
	t.Helper()
	if len(results) == 0 && out != f.text {
		t.Errorf("%s: changed without a word", f.name)
	}
	before, after := yamlDocuments(t, f.text), yamlDocuments(t, out)
	if len(before) != len(after) {
		t.Errorf("%s: %d documents before, %d after", f.name, len(before), len(after))
		return
	}
	changes := changesByObject(results)
	for i := range before {
		if before[i] == after[i] {
			continue
		}
		var want, got map[string]any
		if err := yaml.Unmarshal([]byte(before[i]), &want); err != nil {
			t.Logf("left out: %s, which kubectl does not read: %v", f.name, err)
			return
		}
		if err := yaml.Unmarshal([]byte(after[i]), &got); err != nil {
			t.Errorf("%s: what was written is not read: %v", f.name, err)
			return
		}
		for _, o := range objectsIn(want) {
			ref := resourceOf(o)
			for _, c := range changes[ref] {
				change(o, c.Path, c.Proposed)
			}
			delete(changes, ref)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: differs by more or less than the reported changes (-reported +written)\n%s", f.name, d)
		}
		checkTyped(t, f, before[i], after[i])
	}
	for ref := range changes {
		t.Errorf("%s: %s is said to be changed and is not", f.name, ref)
	}
}

// checkSecondRun demands that a policy has nothing to change in its own output.
func checkSecondRun(t *testing.T, f corpusFile, ps []*policy.Policy, out string) {
	t.Helper()
	outcome, again := apply(t, ps, out)
	if outcome.Summary.Changed > 0 || again != out {
		t.Errorf("%s: a second run changes %d objects: %s", f.name, outcome.Summary.Changed, cmp.Diff(out, again))
	}
}

// checkPasses demands that a policy finds no error in the given objects, and
// changes none.
func checkPasses(t *testing.T, f corpusFile, ps []*policy.Policy, text string, objects map[report.Resource]bool) {
	t.Helper()
	outcome, out := apply(t, ps, text)
	if out != text {
		t.Errorf("%s: validateOnly changes what it judges", f.name)
	}
	for _, r := range outcome.Results {
		if r.Severity == policy.Error && objects[r.Resource] {
			t.Errorf("%s: %s was fixed and does not pass: %s: %s", f.name, r.Resource, r.Path, r.Message)
		}
	}
}

// checkTyped demands that a changed document is one that the API server reads,
// field by field, unless it was not before.
func checkTyped(t *testing.T, f corpusFile, before, after string) {
	t.Helper()
	was, is := decodeTyped(before), decodeTyped(after)
	if is.err != nil && (was.err == nil || was.err.Error() != is.err.Error()) {
		t.Errorf("%s: strict decoding: before %v, after %v", f.name, was.err, is.err)
	}
	if is.err == nil {
		checkIDs(t, f.name, is.tree)
	}
}

// typed is a document as the API's own type, printed by that type, or why it is
// none.
type typed struct {
	tree any
	err  error
}

func decodeTyped(text string) typed {
	var head struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	if err := yaml.Unmarshal([]byte(text), &head); err != nil {
		return typed{err: err}
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, appsv1.AddToScheme, appsv1beta1.AddToScheme, appsv1beta2.AddToScheme,
		batchv1.AddToScheme, batchv1beta1.AddToScheme, extensionsv1beta1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return typed{err: err}
		}
	}
	object, err := scheme.New(schema.FromAPIVersionAndKind(head.APIVersion, head.Kind))
	if err != nil {
		return typed{err: err}
	}
	if err := yaml.UnmarshalStrict([]byte(text), object); err != nil {
		return typed{err: err}
	}
	data, err := json.Marshal(object)
	if err != nil {
		return typed{err: err}
	}
	var tree any
	return typed{tree, errors.Join(json.Unmarshal(data, &tree))}
}

// checkIDs demands of every security context below a value that its ids are in
// the range of the API server, and that containerd starts the pod.
func checkIDs(t *testing.T, name string, tree any) {
	t.Helper()
	switch v := tree.(type) {
	case []any:
		for _, e := range v {
			checkIDs(t, name, e)
		}
	case map[string]any:
		groups, _ := v["supplementalGroups"].([]any)
		for _, id := range append(groups, v["runAsUser"], v["runAsGroup"], v["fsGroup"]) {
			if n, ok := id.(float64); id != nil && (!ok || n < 0 || n > podspec.MaxID) {
				t.Errorf("%s: the API server refuses the id %v", name, id)
			}
		}
		for _, e := range v {
			checkIDs(t, name, e)
		}
	}
}

// TestCorpusForetold sends the corpus through Warn and Audit: they change nothing
// and report the places and values that Enforce changes.
func TestCorpusForetold(t *testing.T) {
	files := corpusFiles(t)
	specs := append(slices.Clone(corpusSpecs), struct{ name, spec string }{"overwrite", overwriteSpec})
	for _, c := range specs {
		t.Run(c.name, func(t *testing.T) {
			enforce := corpusPolicy(t, c.spec, "")
			modes := map[policy.Severity][]*policy.Policy{
				policy.Warning: corpusPolicy(t, c.spec, "  mode: Warn\n"),
				policy.Info:    corpusPolicy(t, c.spec, "  mode: Audit\n"),
			}
			for _, f := range files {
				enforced, _ := apply(t, enforce, f.text)
				want := changesByObject(enforced.Results)
				for severity, ps := range modes {
					foretold, out := apply(t, ps, f.text)
					if out != f.text {
						t.Errorf("%s: mode of severity %s changes what it judges", f.name, severity)
					}
					checkForetold(t, f, severity, strings.Contains(c.spec, "placement: Pod"), want, foretold.Results)
				}
			}
		})
	}
}

// checkForetold compares what was changed with what would be. An object that
// Enforce refuses as a whole is not in want. Where containers are to inherit the
// pod's new value, it is proposed for each of them, too.
func checkForetold(t *testing.T, f corpusFile, worst policy.Severity, inherits bool, want map[report.Resource][]report.Result, foretold []report.Result) {
	t.Helper()
	got := map[report.Resource]map[string]any{}
	for _, r := range foretold {
		if r.Severity == policy.Error || worst == policy.Info && r.Severity != policy.Info && r.Policy != "" {
			t.Errorf("%s: mode of severity %s has a finding of severity %s: %s", f.name, worst, r.Severity, r.Message)
		}
		if got[r.Resource] == nil {
			got[r.Resource] = map[string]any{}
		}
		if r.Proposed != nil || r.Reason == policy.UnsetRequired {
			got[r.Resource][r.Path.String()] = r.Proposed
		}
	}
	for ref, changes := range want {
		places := map[string]any{}
		for _, c := range changes {
			places[c.Path.String()] = c.Proposed
		}
		if inherits {
			maps.DeleteFunc(got[ref], func(at string, _ any) bool {
				_, written := places[at]
				return !written && strings.Contains(at, "ontainers[")
			})
		}
		if d := cmp.Diff(places, got[ref]); d != "" {
			t.Errorf("%s: %s: severity %s (-enforced +foretold)\n%s", f.name, ref, worst, d)
		}
	}
}

// changesByObject sorts the changes among results.
func changesByObject(results []report.Result) map[report.Resource][]report.Result {
	changes := map[report.Resource][]report.Result{}
	for _, r := range results {
		if r.Changed {
			changes[r.Resource] = append(changes[r.Resource], r)
		}
	}
	return changes
}

func changedObjects(results []report.Result) map[report.Resource]bool {
	objects := map[report.Resource]bool{}
	for _, r := range results {
		if r.Changed {
			objects[r.Resource] = true
		}
	}
	return objects
}

// change makes a reported change on a parsed object: it sets the value at the
// path, with the mappings above it where they are absent or null, or removes it
// where the value is nil.
func change(o map[string]any, at podspec.Path, value any) {
	var here any = o
	for _, s := range at[:len(at)-1] {
		if s.Key == "" {
			here = here.([]any)[s.Index]
			continue
		}
		m := here.(map[string]any)
		if m[s.Key] == nil {
			m[s.Key] = map[string]any{}
		}
		here = m[s.Key]
	}
	m := here.(map[string]any)
	switch value := value.(type) {
	case nil:
		delete(m, at.Last())
	case int64:
		m[at.Last()] = float64(value)
	case []int64:
		var list []any
		for _, id := range value {
			list = append(list, float64(id))
		}
		m[at.Last()] = list
	default:
		m[at.Last()] = value
	}
}

// objectsIn returns an object, or those in a List.
func objectsIn(object map[string]any) []map[string]any {
	items, ok := object["items"].([]any)
	if kind, _ := object["kind"].(string); !ok || !strings.HasSuffix(kind, "List") {
		return []map[string]any{object}
	}
	var objects []map[string]any
	for _, it := range items {
		if m, ok := it.(map[string]any); ok {
			objects = append(objects, objectsIn(m)...)
		}
	}
	return objects
}

func resourceOf(o map[string]any) report.Resource {
	text := func(m map[string]any, key string) string { s, _ := m[key].(string); return s }
	meta, _ := o["metadata"].(map[string]any)
	return report.Resource{
		APIVersion: text(o, "apiVersion"), Kind: text(o, "kind"),
		Namespace: text(meta, "namespace"), Name: text(meta, "name"),
	}
}

// yamlDocuments splits a file as kubectl does.
func yamlDocuments(t *testing.T, text string) []string {
	t.Helper()
	var documents []string
	r := k8syaml.NewYAMLReader(bufio.NewReader(bytes.NewReader([]byte(text))))
	for {
		doc, err := r.Read()
		if err == io.EOF {
			return documents
		}
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, string(doc))
	}
}

// corpusFile is a file of real manifests.
type corpusFile struct{ name, text string }

// corpusFiles reads the corpus, and skips the test where there is none. Files
// that are not YAML, such as templates, are left out; the pipeline refuses them.
func corpusFiles(t *testing.T) []corpusFile {
	t.Helper()
	var files []corpusFile
	for _, f := range corpus.Files(t) {
		if _, err := manifest.ReadStream(f.Name, f.Data); err != nil {
			t.Logf("left out: %v", err)
			continue
		}
		files = append(files, corpusFile{f.Name, string(f.Data)})
	}
	return files
}
