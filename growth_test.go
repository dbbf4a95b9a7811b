package main

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// growth is one dimension in which an input may grow, and how it is made.
type growth struct {
	name  string
	n     int                     // the smallest size, which is doubled twice
	args  []string                // of usergroup, run where the files are
	files func(n int) [][2]string // names and contents; "-> there" makes a link
}

// TestGrowth: twice the input is twice the work, in each dimension. Work is counted,
// not timed: how often each block of statements ran, as a binary built for coverage
// says. What does not depend on the size, such as the start, cancels out: compared is
// what the second doubling adds with what the first did. That is 2 for what is linear,
// a little more for sorting, and 4 for what is quadratic, in a single block as well as
// in all of them. What is printed is compared likewise.
//
// USERGROUP_GROWTH names more packages to count in, such as slices,strings,bytes,
// which takes a minute to build.
func TestGrowth(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a binary")
	}
	bin := filepath.Join(t.TempDir(), "usergroup")
	pkgs := strings.TrimSuffix("./...,"+os.Getenv("USERGROUP_GROWTH"), ",")
	if out, err := exec.Command("go", "build", "-cover", "-covermode=atomic", "-coverpkg="+pkgs, "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	covdata, err := exec.Command("go", "tool", "-n", "covdata").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range growths {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			var work [3]work
			for i := range work {
				work[i] = g.run(t, bin, strings.TrimSpace(string(covdata)), g.n<<i)
			}
			checkGrowth(t, g.n, work)
		})
	}
}

// checkGrowth compares the work for n, 2n and 4n.
func checkGrowth(t *testing.T, n int, work [3]work) {
	t.Helper()
	first, second := work[1].total-work[0].total, work[2].total-work[1].total
	switch {
	case first < 10*n:
		t.Errorf("%d more are only %d statements: that is not what it is about", n, first)
	case float64(second) > 2.5*float64(first):
		t.Errorf("%d, %d and %d statements for %d, %d and %d: that is not linear", work[0].total, work[1].total, work[2].total, n, 2*n, 4*n)
	}
	const often = 16 // a block that runs less often for each one may do so n times a quarter
	for block, last := range work[2].blocks {
		first, second := work[1].blocks[block]-work[0].blocks[block], last-work[1].blocks[block]
		if last > often*4*n && float64(second) > 3.2*float64(first) {
			t.Errorf("%d, %d and %d times for %d, %d and %d: %s", work[0].blocks[block], work[1].blocks[block], last, n, 2*n, 4*n, block)
		}
	}
}

// work is what a run did.
type work struct {
	total  int            // statements
	blocks map[string]int // how often each block of statements ran
}

// run runs the program once.
func (g growth) run(t *testing.T, bin, covdata string, n int) work {
	t.Helper()
	dir, cover := t.TempDir(), t.TempDir()
	for _, f := range g.files(n) {
		path := filepath.Join(dir, f[0])
		err := os.MkdirAll(filepath.Dir(path), 0o777)
		if target, ok := strings.CutPrefix(f[1], "-> "); ok {
			err = cmp.Or(err, os.Symlink(target, path))
		} else {
			err = cmp.Or(err, os.WriteFile(path, []byte(f[1]), 0o666))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(bin, g.args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOCOVERDIR="+cover, "GOMAXPROCS=1")
	if len(g.args) == 0 {
		in, err := os.Open(filepath.Join(dir, "in.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		c.Stdin = in
	}
	out, _ := c.CombinedOutput() // the exit code follows
	if code := c.ProcessState.ExitCode(); code != 0 && code != 1 && g.name != brokenLinks {
		t.Fatalf("%d: exit code %d\n%.2000s", n, code, out)
	}
	profile := filepath.Join(cover, "profile")
	if out, err := exec.Command(covdata, "textfmt", "-i", cover, "-o", profile).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w := readWork(t, profile)
	w.blocks["bytes printed"] = len(out)
	return w
}

// readWork reads a coverage profile: a line names a block, the number of its
// statements and how often it ran.
func readWork(t *testing.T, profile string) work {
	t.Helper()
	f, err := os.Open(profile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := work{blocks: map[string]int{}}
	for s := bufio.NewScanner(f); s.Scan(); {
		fields := strings.Fields(s.Text())
		if len(fields) != 3 {
			continue // the mode
		}
		size, err1 := strconv.Atoi(fields[1])
		count, err2 := strconv.Atoi(fields[2])
		if err := cmp.Or(err1, err2); err != nil {
			t.Fatalf("%q: %v", s.Text(), err)
		}
		w.total += size * count
		w.blocks[fields[0]] += count
	}
	return w
}

// repeat writes n parts, each with its number for every %[1]d.
func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// growPolicy is a policy with these lines below its spec.
func growPolicy(name, spec string) string {
	return "apiVersion: usergroup.dev/v1alpha1\nkind: UserGroupPolicy\nmetadata: {name: " + name + "}\nspec:\n" + spec
}

const (
	// brokenLinks cannot be read, which is exit code 2.
	brokenLinks = "links to nowhere"

	growRule    = "  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1999}]}\n"
	growManyPod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%[1]d, namespace: n%[1]d, annotations: {a: b}}\nspec:\n  containers:\n  - {name: c, image: i%[1]d}\n"
	growPodHead = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n"
	growPod     = growPodHead + "  containers:\n  - {name: c, image: i}\n"
)

func pair(policy, in string) [][2]string {
	return [][2]string{{"policy.yaml", policy}, {"in.yaml", in}}
}

var (
	growFix   = []string{"fix", "--policy", "policy.yaml", "--stdout", "--print-refused", "in.yaml"}
	growCheck = []string{"check", "--policy", "policy.yaml", "in.yaml"}
)

var growths = []growth{
	{"objects", 100, growFix, func(n int) [][2]string { return pair(growPolicy("p", growRule), repeat(n, growManyPod)) }},
	{"objects in a List", 100, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), "apiVersion: v1\nkind: List\nitems:\n"+
			repeat(n, "- apiVersion: v1\n  kind: Pod\n  metadata: {name: p%[1]d}\n  spec:\n    containers:\n    - {name: c, image: i}\n"))
	}},
	{"objects in a line of JSON", 100, growFix, func(n int) [][2]string {
		pods := repeat(n, `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p%[1]d"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}, `)
		return pair(growPolicy("p", growRule), `{"apiVersion": "v1", "kind": "List", "items": [`+strings.TrimSuffix(pods, ", ")+"]}\n")
	}},
	{"items", 100, nil, func(n int) [][2]string {
		return pair("", "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n  apiVersion: usergroup.dev/v1alpha1\n  kind: UserGroupPolicy\n  metadata: {name: p}\n  spec:\n  "+growRule+
			"items:\n"+repeat(n, "- apiVersion: v1\n  kind: Pod\n  metadata: {name: p%[1]d}\n  spec:\n    containers:\n    - {name: c, image: i}\n"))
	}},
	{"items in a line of JSON", 100, nil, func(n int) [][2]string {
		pods := repeat(n, `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p%[1]d"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}, `)
		return pair("", `{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": {"apiVersion": "usergroup.dev/v1alpha1", "kind": "UserGroupPolicy", "metadata": {"name": "p"}, `+
			`"spec": {"runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 1000, "max": 1999}]}}}, "items": [`+strings.TrimSuffix(pods, ", ")+"]}\n")
	}},
	{"items within strings", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"+
			repeat(n, "  k%[1]d: |\n    apiVersion: v1\n    kind: Pod\n    metadata: {name: p%[1]d}\n    spec:\n      containers:\n      - {name: c, image: i}\n"))
	}},
	{"other objects", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), repeat(n, "---\napiVersion: v1\nkind: Service\nmetadata: {name: s%[1]d}\nspec: {type: A}\n"))
	}},
	{"files", 100, []string{"fix", "--policy", "policy.yaml", "in"}, func(n int) [][2]string {
		out := [][2]string{{"policy.yaml", growPolicy("p", growRule)}}
		for i := range n {
			out = append(out, [2]string{fmt.Sprintf("in/%d.yaml", i), growPod})
		}
		return out
	}},
	{"folders", 50, []string{"check", "--policy", "policy.yaml", "in"}, func(n int) [][2]string {
		out := [][2]string{{"policy.yaml", growPolicy("p", growRule)}}
		for i := range n {
			out = append(out, [2]string{fmt.Sprintf("in/%d/a.yaml", i), growPod}, [2]string{fmt.Sprintf("in/%d/.gitignore", i), "b\n"})
		}
		return out
	}},
	{"patterns of an ignore file", 20, []string{"check", "--policy", "policy.yaml", "in"}, func(n int) [][2]string {
		out := [][2]string{{"policy.yaml", growPolicy("p", growRule)}, {"in/.gitignore", repeat(n, "x%[1]d\n")}}
		for i := range 20 {
			out = append(out, [2]string{"in/" + strings.Repeat("d/", i) + "a.yaml", growPod})
		}
		return out
	}},
	{"folders within folders", 20, []string{"check", "--policy", "policy.yaml", "in"}, func(n int) [][2]string {
		return [][2]string{{"policy.yaml", growPolicy("p", growRule)}, {"in/" + strings.Repeat("d/", n) + "a.yaml", growPod}}
	}},
	{"containers", 100, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPodHead+"  containers:\n"+repeat(n, "  - name: c%[1]d\n    image: i%[1]d\n"))
	}},
	{"containers that inherit", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPodHead+"  securityContext: {runAsUser: 0}\n  containers:\n"+repeat(n, "  - {name: c%[1]d, image: i}\n"))
	}},
	{"containers that break a rule", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPodHead+"  containers:\n"+repeat(n, "  - {name: c%[1]d, image: i, securityContext: {runAsUser: 0}}\n"))
	}},
	{"containers overwritten", 100, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", "  runAsUser: {rule: MustRunAs, overwrite: true, ranges: [{min: 1000, max: 1999}]}\n  runAsGroup: {rule: MustBeUnset}\n"),
			growPodHead+"  containers:\n"+repeat(n, "  - {name: c%[1]d, image: i, securityContext: {runAsUser: 0, runAsGroup: 1}}\n"))
	}},
	{"containers under a Pod Security level", 50, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", "  podSecurity: {scope: All, enforce: {level: restricted}}\n"),
			growPodHead+"  containers:\n"+repeat(n, "  - {name: c%[1]d, image: i}\n")+"  volumes:\n"+repeat(n, "  - {name: v%[1]d, hostPath: {path: /}}\n"))
	}},
	{"containers under CUE", 50, growCheck, func(n int) [][2]string {
		return pair("apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: p}\nspec:\n  match: [{version: v1, resource: pods}]\n  images: [{glob: \"**\"}]\n  authorities: [{static: {action: pass}}]\n"+
			"  policy: {type: cue, includeSpec: true, data: 'spec: containers: [...{securityContext: runAsUser: !=0}]'}\n",
			growPodHead+"  containers:\n"+repeat(n, "  - {name: c%[1]d, image: i%[1]d, securityContext: {runAsUser: 0}}\n"))
	}},
	{"containers with images", 50, []string{"check", "-o", "compact", "--policy", "policy.yaml", "--offline", "in.yaml"}, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  validateContainerImageConfiguration: true\n"), growPodHead+"  containers:\n"+repeat(n, "  - {name: c%[1]d, image: i%[1]d}\n"))
	}},
	{"images in a lock", 50, []string{"check", "-o", "compact", "--policy", "policy.yaml", "--offline", "--image-lock", "lock.yaml", "in.yaml"}, func(n int) [][2]string {
		return append(pair(growPolicy("p", growRule+"  validateContainerImageConfiguration: true\n"), growPodHead+"  containers:\n"+repeat(n, "  - {name: c%[1]d, image: 'i%[1]d:1'}\n")),
			[2]string{"lock.yaml", "apiVersion: usergroup.dev/v1alpha1\nkind: ImageUserLock\nmetadata: {name: l}\nimages:\n" + repeat(n, "- image: i%[1]d:1\n  digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n  platform: linux/amd64\n  os: linux\n  user: \"0\"\n")})
	}},
	{"workload within a workload", 30, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), "apiVersion: jobset.x-k8s.io/v1alpha2\nkind: JobSet\nmetadata: {name: a}\nspec:\n  replicatedJobs:\n"+
			repeat(n, "  - name: j%[1]d\n    template: {spec: {template: {spec: {containers: [{name: c, image: i, securityContext: {runAsUser: 0}}]}}}}\n"))
	}},
	{"ranges", 500, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", "  runAsUser:\n    rule: MayRunAs\n    ranges:\n"+repeat(n, "    - {min: 1%[1]d0, max: 1%[1]d1}\n")), growPod)
	}},
	{"ranges that are wrong", 200, []string{"policy", "lint", "policy.yaml"}, func(n int) [][2]string {
		return pair(growPolicy("p", "  runAsUser:\n    rule: MayRunAs\n    ranges:\n"+repeat(n, "    - {min: %[1]d, max: %[1]d}\n")), growPod)
	}},
	{"ranges and ids", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", "  runAsUser:\n    rule: MayRunAs\n    ranges:\n"+repeat(n, "    - {min: 1%[1]d0, max: 1%[1]d1}\n")),
			growPodHead+"  containers:\n"+repeat(n, "  - {name: c%[1]d, image: i, securityContext: {runAsUser: 1%[1]d1}}\n"))
	}},
	{"ranges of a Namespace", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", "  supplementalGroups: {rule: MayRunAs, rangesFrom: OpenShiftNamespace}\n"),
			"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: n\n  annotations:\n    openshift.io/sa.scc.supplemental-groups: \"9/1"+repeat(n, ",1%[1]d0/2")+"\"\n"+
				repeat(n, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%[1]d, namespace: n}\nspec:\n  securityContext: {supplementalGroups: [5]}\n  containers:\n  - {name: c, image: i}\n"))
	}},
	{"exclusions", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  exclude:\n"+repeat(n, "  - {names: [x%[1]d], reason: r}\n")), growPod)
	}},
	{"exclusions of images", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  exclude:\n"+repeat(n, "  - {images: ['i%[1]d*'], reason: r}\n")), growPod)
	}},
	{"names selected", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  match:\n    names:\n"+repeat(n, "    - x%[1]d\n")), growPod)
	}},
	{"comments that exempt", 50, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  allowExemptionComments: true\n"),
			growPodHead+"  containers:\n"+repeat(n, "  - name: c%[1]d\n    image: i\n    securityContext:\n      runAsUser: 0 # usergroup:allow UserIDOutsideRanges a reason\n"))
	}},
	{"namespaces", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  match: {namespaceSelector: {matchLabels: {a: b}}}\n"),
			repeat(n, "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: n%[1]d, labels: {a: b}}\n")+repeat(n, growManyPod))
	}},
	{"labels of a namespace", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  match: {namespaceSelector: {matchLabels: {l1: b}}}\n"),
			"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: n\n  labels:\n"+repeat(n, "    l%[1]d: b\n"))
	}},
	{"labels of a namespace and objects", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  match: {namespaceSelector: {matchLabels: {l1: b}}}\n"),
			"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: n\n  labels:\n"+repeat(n, "    l%[1]d: b\n")+
				repeat(n, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%[1]d, namespace: n}\nspec:\n  containers:\n  - {name: c, image: i}\n"))
	}},
	{"findings that a long comment exempts", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  allowExemptionComments: true\n"),
			growPodHead+repeat(n, "  # %[1]d\n")+"  # usergroup:allow UserIDOutsideRanges "+strings.Repeat("a reason ", 3*n)+"\n"+repeat(n, "  # %[1]d\n")+
				"  containers: ["+repeat(n, "{name: c%[1]d, image: i, securityContext: {runAsUser: 0}}, ")+"]\n")
	}},
	{"annotations", 200, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  annotate: true\n  match: {annotations: {a1: b}}\n"),
			"apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  annotations:\n"+repeat(n, "    a%[1]d: b\n")+"spec:\n  containers:\n  - {name: c, image: i}\n")
	}},
	{"exemptions in an annotation", 200, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  allowExemptionAnnotation: true\n"),
			"apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  annotations: {usergroup.dev/exempt-from: 'q"+repeat(n, ",p%[1]d")+"'}\nspec:\n  containers:\n  - {name: c, image: i}\n")
	}},
	{"groups", 200, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", "  supplementalGroups: {rule: MustRunAs, overwrite: true, ranges: [{min: 1, max: 5}]}\n"),
			growPodHead+"  securityContext:\n    supplementalGroups:\n"+repeat(n, "    - %[1]d\n")+"  containers:\n  - {name: c, image: i}\n")
	}},
	{"groups that break a rule", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", "  supplementalGroups: {rule: MayRunAs, ranges: [{min: 1, max: 5}]}\n"),
			growPodHead+"  securityContext:\n    supplementalGroups:\n"+repeat(n, "    - 1%[1]d\n")+"  containers:\n  - {name: c, image: i}\n")
	}},
	{"depth", 100, slices.Concat(growFix, []string{"--max-depth", "9000"}), func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPodHead+"  x: "+strings.Repeat("[", n)+strings.Repeat("]", n)+"\n  containers:\n  - {name: c, image: i}\n")
	}},
	{"depth of mappings", 100, slices.Concat(growFix, []string{"--max-depth", "9000"}), func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPodHead+"  x: "+strings.Repeat("{a: ", n)+strings.Repeat("}", n)+"\n  containers:\n  - {name: c, image: i}\n")
	}},
	{"depth of an unknown kind", 100, slices.Concat(growCheck, []string{"--max-depth", "9000"}), func(n int) [][2]string {
		return pair(growPolicy("p", growRule), "apiVersion: a.b/v1\nkind: X\nspec: "+strings.Repeat("{x: 0, a: ", n)+"{securityContext: {runAsUser: 0}}"+strings.Repeat("}", n)+"\n")
	}},
	{"deep contexts in an unknown kind", 50, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), "apiVersion: a.b/v1\nkind: X\nspec: "+strings.Repeat("{a: ", 150)+"["+strings.Repeat("{securityContext: {runAsUser: 0}}, ", n)+"]"+strings.Repeat("}", 150)+"\n")
	}},
	{"keys", 200, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPodHead+repeat(n, "  k%[1]d: v\n")+"  containers:\n  - {name: c, image: i}\n")
	}},
	{"keys of a container", 200, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPodHead+"  containers:\n  - name: c\n    image: i\n"+repeat(n, "    k%[1]d: v\n"))
	}},
	{"duplicate keys", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPodHead+"  containers:\n  - name: c\n    image: i\n    securityContext:\n"+repeat(n, "      runAsUser: %[1]d\n"))
	}},
	{"lines of a string", 200, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPod+"  x: |\n"+repeat(n, "    line %[1]d\n"))
	}},
	{"lines of comments", 200, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPodHead+"  containers:\n  - name: c\n"+repeat(n, "    # %[1]d\n")+"    image: i\n"+repeat(n, "    # %[1]d\n"))
	}},
	{"aliases", 100, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPodHead+"  containers:\n  - {name: &a c, image: i}\n"+repeat(n, "  - {name: c%[1]d, image: *a}\n"))
	}},
	{"aliases of a security context", 100, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPodHead+"  x: &a {runAsNonRoot: true}\n  containers:\n"+repeat(n, "  - {name: c%[1]d, image: i, securityContext: *a}\n"))
	}},
	{"anchors", 100, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPodHead+"  containers:\n"+repeat(n, "  - {name: &n%[1]d c%[1]d, image: *n%[1]d}\n"))
	}},
	{"merge keys", 100, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPodHead+"  x: &a {image: i}\n  containers:\n"+repeat(n, "  - {<<: *a, name: c%[1]d}\n"))
	}},
	{"policies", 50, growFix, func(n int) [][2]string {
		return pair(repeat(n, "---\n"+growPolicy("p%[1]d", growRule)), growPod)
	}},
	{"policies for others", 50, growCheck, func(n int) [][2]string {
		return pair(repeat(n, "---\n"+growPolicy("p%[1]d", "  runAsUser: {rule: MustRunAs, ranges: [{min: 1%[1]d, max: 1%[1]d}]}\n  match: {names: [x%[1]d]}\n")), growPod)
	}},
	{"policies in conflict", 50, growCheck, func(n int) [][2]string {
		return pair(repeat(n, "---\n"+growPolicy("p%[1]d", "  runAsUser: {rule: MustRunAs, ranges: [{min: 1%[1]d, max: 1%[1]d}]}\n")), growPod)
	}},
	{"policies for a container each", 50, growCheck, func(n int) [][2]string {
		return pair(repeat(n, "---\n"+growPolicy("p%[1]d", "  runAsUser: {rule: MustRunAs, ranges: [{min: 1%[1]d, max: 1%[1]d}]}\n  placement: Containers\n  match: {names: [x], containers: [c%[1]d]}\n")), growPod)
	}},
	{"kinds of the policy", 50, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  podSpecPaths:\n"+repeat(n, "  - {group: g.example, kind: K%[1]d, paths: [spec.a.b]}\n")), growPod)
	}},
	{"paths of the policy", 50, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  podSpecPaths:\n  - group: g.example\n    kind: K\n    paths:\n"+repeat(n, "    - spec.a%[1]d.b\n")), growPod)
	}},
	{"pod specs of one object", 100, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  podSpecPaths:\n  - group: g.example\n    kind: K\n    paths:\n"+repeat(n, "    - spec.a%[1]d\n")),
			"apiVersion: g.example/v1\nkind: K\nmetadata: {name: a}\nspec:\n"+repeat(n, "  a%[1]d: {containers: [{name: c, image: i}]}\n"))
	}},
	{"depth of a path below which contexts are", 200, slices.Concat(growCheck, []string{"--max-depth", "9000"}), func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  podSpecPaths: [{group: g.example, kind: K, below: [spec"+strings.Repeat(".a", n)+"]}]\n"),
			"apiVersion: g.example/v1\nkind: K\nmetadata: {name: a}\nspec: "+strings.Repeat("{a: ", n)+"{securityContext: {runAsUser: 0}}"+strings.Repeat("}", n)+"\n")
	}},
	{"depth of a definition", 100, slices.Concat(growCheck, []string{"--max-depth", "9000"}), func(n int) [][2]string {
		return pair(growPolicy("p", growRule), "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: xs.a.b}\nspec:\n  group: a.b\n  names: {kind: X}\n  versions:\n  - name: v1\n    schema: {openAPIV3Schema: {properties: {spec: "+
			strings.Repeat("{properties: {p: ", n)+"{properties: {securityContext: {properties: {runAsUser: {type: integer}}}}}"+strings.Repeat("}}", n)+
			"}}}\n---\napiVersion: a.b/v1\nkind: X\nmetadata: {name: a}\nspec: "+strings.Repeat("{p: ", n)+"{securityContext: {runAsUser: 0}}"+strings.Repeat("}", n)+"\n")
	}},
	{"a glob and a name that is generated", 500, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  match: {names: ['"+strings.Repeat("*a", n)+"b']}\n  exclude: [{names: ['"+strings.Repeat("?*", n)+"b'], reason: r}]\n"),
			strings.Replace(growPod, "name: p", "generateName: "+strings.Repeat("a", n), 1))
	}},
	{"unknown kinds", 50, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), repeat(n, "---\napiVersion: a.b/v1\nkind: X%[1]d\nmetadata: {name: a}\nspec: {securityContext: {runAsUser: 0}}\n"))
	}},
	{"contexts in an unknown kind", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), "apiVersion: a.b/v1\nkind: X\nmetadata: {name: a}\nspec:\n"+repeat(n, "  a%[1]d: {securityContext: {runAsUser: 0}}\n"))
	}},
	{"definitions", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), repeat(n, "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: xs.a.b}\nspec:\n  group: a.b\n  names: {kind: X%[1]d}\n  versions:\n  - name: v1\n    schema: {openAPIV3Schema: {properties: {spec: {properties: {securityContext: {properties: {runAsUser: {type: integer}}}}}}}}\n")+
			repeat(n, "---\napiVersion: a.b/v1\nkind: X%[1]d\nmetadata: {name: a}\nspec: {securityContext: {runAsUser: 0}}\n"))
	}},
	{"properties of a definition", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: xs.a.b}\nspec:\n  group: a.b\n  names: {kind: X}\n  versions:\n  - name: v1\n    schema: {openAPIV3Schema: {properties: {spec: {properties: {\n"+
			repeat(n, "      p%[1]d: {properties: {securityContext: {properties: {runAsUser: {type: integer}}}}},\n")+"      a: {type: string}}}}}}\n---\napiVersion: a.b/v1\nkind: X\nmetadata: {name: a}\nspec:\n"+repeat(n, "  p%[1]d: {securityContext: {runAsUser: 0}}\n"))
	}},
	{"reports", 50, []string{"check", "--policy", "policy.yaml", "-o", "json=a", "-o", "sarif=b", "-o", "junit=c", "-o", "html=d", "-o", "markdown=e", "-o", "gitlab=f", "-o", "github=g", "-o", "compact=h", "in.yaml"}, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), repeat(n, growManyPod)+growPodHead+"  containers:\n"+repeat(n, "  - {name: c%[1]d, image: i, securityContext: {runAsUser: 0}}\n"))
	}},
	{"baseline", 50, []string{"check", "--policy", "policy.yaml", "--write-baseline", "b.json", "in.yaml"}, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), repeat(n, growManyPod)+"---\n"+growPodHead+"  containers:\n"+repeat(n, "  - {name: c%[1]d, image: i, securityContext: {runAsUser: 0}}\n"))
	}},
	{"diff", 50, []string{"diff", "--policy", "policy.yaml", "in.yaml"}, func(n int) [][2]string { return pair(growPolicy("p", growRule), repeat(n, growManyPod)) }},
	{"effective", 50, []string{"effective", "in.yaml"}, func(n int) [][2]string {
		return pair("", repeat(n, growManyPod)+"---\n"+growPodHead+"  containers:\n"+repeat(n, "  - {name: c%[1]d, image: i, securityContext: {runAsUser: 0}}\n"))
	}},
	{"init", 50, []string{"init", "in.yaml"}, func(n int) [][2]string {
		return pair("", growPodHead+"  containers:\n"+repeat(n, "  - {name: c%[1]d, image: i, securityContext: {runAsUser: 1%[1]d0}}\n"))
	}},
	{"convert", 50, []string{"convert", "in.yaml"}, func(n int) [][2]string {
		return pair("", repeat(n, "---\napiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: p%[1]d}\nspec:\n  runAsUser: {rule: MustRunAs, ranges: [{min: 1, max: 2}]}\n  seLinux: {rule: RunAsAny}\n  supplementalGroups: {rule: RunAsAny}\n  fsGroup: {rule: RunAsAny}\n"))
	}},
	{"a long name and findings", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), "apiVersion: v1\nkind: Pod\nmetadata: {name: "+strings.Repeat("p", 20*n)+"}\nspec:\n  containers:\n"+
			repeat(n, "  - {name: c%[1]d, image: i, securityContext: {runAsUser: 0}}\n"))
	}},
	{"a long key and findings", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), "apiVersion: a.b/v1\nkind: X\nmetadata: {name: a}\nspec:\n  ? "+strings.Repeat("k", 20*n)+"\n  :\n"+
			strings.Repeat("  - {securityContext: {runAsUser: 0}}\n", n))
	}},
	{"aliases of a long image", 100, []string{"effective", "-o", "json", "in.yaml"}, func(n int) [][2]string {
		return pair("", growPodHead+"  x: &a "+strings.Repeat("i", 20*n)+"\n  containers:\n"+repeat(n, "  - {name: c%[1]d, image: *a}\n"))
	}},
	{"init and ephemeral containers", 50, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPodHead+"  initContainers:\n"+repeat(n, "  - {name: i%[1]d, image: i}\n")+"  ephemeralContainers:\n"+repeat(n, "  - {name: e%[1]d, image: i}\n"))
	}},
	{"Lists within a List", 50, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n"+
			repeat(n, "  - {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: p%[1]d}, spec: {containers: [{name: c, image: i}]}}]}\n"))
	}},
	{"results that are there", 100, nil, func(n int) [][2]string {
		return pair("", "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n  apiVersion: usergroup.dev/v1alpha1\n  kind: UserGroupPolicy\n  metadata: {name: p}\n  spec:\n  "+growRule+
			"items:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\nresults:\n"+repeat(n, "- message: m%[1]d\n  severity: info\n"))
	}},
	{"documents of nothing", 1000, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), strings.Repeat("---\n", n)+growPod)
	}},
	{"explicit keys", 100, growFix, func(n int) [][2]string {
		return pair(growPolicy("p", growRule), growPodHead+"  x:\n"+repeat(n, "    ? k%[1]d\n    : v\n")+"  containers:\n  - {name: c, image: i}\n")
	}},
	{"labels selected", 100, growCheck, func(n int) [][2]string {
		return pair(growPolicy("p", growRule+"  match:\n    labelSelector:\n      matchLabels:\n"+repeat(n, "        l%[1]d: a\n")), growPod)
	}},
	{"links to files", 100, []string{"check", "--policy", "policy.yaml", "in"}, func(n int) [][2]string {
		out := [][2]string{{"policy.yaml", growPolicy("p", growRule)}, {"in/a.yaml", growPod}}
		for i := range n {
			out = append(out, [2]string{fmt.Sprintf("in/%d.yaml", i), "-> a.yaml"})
		}
		return out
	}},
	{brokenLinks, 50, []string{"check", "--policy", "policy.yaml", "in"}, func(n int) [][2]string {
		out := [][2]string{{"policy.yaml", growPolicy("p", growRule)}, {"in/a.yaml", growPod}}
		for i := range n {
			out = append(out, [2]string{fmt.Sprintf("in/%d.yaml", i), "-> nowhere"})
		}
		return out
	}},
	{"containers of a kustomization", 100, []string{"check", "--policy", "policy.yaml", "-o", "json", "--kustomize", "in"}, func(n int) [][2]string {
		return [][2]string{
			{"policy.yaml", growPolicy("p", growRule)},
			{"in/kustomization.yaml", "resources: [a.yaml]\n"},
			{"in/a.yaml", growPodHead + "  containers:\n" + repeat(n, "  - {name: c%[1]d, image: i, securityContext: {runAsUser: 0}}\n")},
		}
	}},
	{"images of a layout", 50, []string{"check", "-o", "compact", "--policy", "policy.yaml", "--offline", "--image-layout", "layout", "in.yaml"}, func(n int) [][2]string {
		out := pair(growPolicy("p", growRule+"  validateContainerImageConfiguration: true\n"), growPodHead+"  containers:\n"+repeat(n, "  - {name: c%[1]d, image: 'i%[1]d:1'}\n"))
		blob := func(mediaType, text string) string {
			digest := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
			out = append(out, [2]string{"layout/blobs/sha256/" + digest, text})
			return fmt.Sprintf(`"mediaType": %q, "digest": "sha256:%s", "size": %d`, mediaType, digest, len(text))
		}
		var index []string
		for i := range n {
			config := blob("application/vnd.oci.image.config.v1+json", fmt.Sprintf(`{"os": "linux", "architecture": "amd64", "config": {"User": "%d"}}`, i))
			manifest := blob("application/vnd.oci.image.manifest.v1+json", `{"schemaVersion": 2, "config": {`+config+`}, "layers": []}`)
			index = append(index, fmt.Sprintf(`{%s, "annotations": {"io.containerd.image.name": "docker.io/library/i%d:1"}}`, manifest, i))
		}
		return append(out, [2]string{"layout/index.json", `{"schemaVersion": 2, "manifests": [` + strings.Join(index, ", ") + "]}"})
	}},
}
