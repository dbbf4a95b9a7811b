package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// library is something that the program links, or could, for what it costs a program
// that does nothing else. A function reads its standard input.
type library struct {
	name    string
	imports []string
}

// cue is what the ClusterImagePolicy dialect links of CUE.
var cue = []string{
	"cuelang.org/go/cue", "cuelang.org/go/pkg/list", "cuelang.org/go/pkg/math", "cuelang.org/go/pkg/net", "cuelang.org/go/pkg/regexp",
	"cuelang.org/go/pkg/strconv", "cuelang.org/go/pkg/strings", "cuelang.org/go/pkg/struct", "cuelang.org/go/pkg/time",
}

// others are what the program links besides CUE.
var others = []string{
	"github.com/google/go-containerregistry/pkg/v1/remote", "github.com/spf13/cobra",
	"k8s.io/pod-security-admission/policy", "sigs.k8s.io/kustomize/api/krusty",
}

var libraries = []library{
	{name: "nothing"},
	{"cobra", others[1:2]},
	{"YAML", []string{"go.yaml.in/yaml/v3"}},
	{"registry client", others[:1]},
	{"kustomize", others[3:]},
	{"Pod Security Standards", others[2:3]},
	{"apd, the decimals of CUE", []string{"github.com/cockroachdb/apd/v3"}},
	{"CUE, as linked", cue},
	{"cuecontext: all of CUE", []string{"cuelang.org/go/cue/cuecontext"}},
	{"CUE and the registry client", slices.Concat(cue, others[:1])},
	{"all as linked but CUE", others},
	{"all as linked but kustomize", slices.Concat(cue, others[:3])},
	{"all as linked", slices.Concat(cue, others)},
}

// startUp prints what each library costs a program from its start to its exit, and
// what the function and the SDK's no-op cost on a list of no objects.
func startUp(out io.Writer, runs int) error {
	return withPrograms(func(dir string, programs []program) error {
		return startOf(out, runs, dir, programs[:2])
	})
}

// startOf is startUp for the function and the SDK's no-op.
func startOf(out io.Writer, runs int, dir string, programs []program) error {
	file := filepath.Join(dir, "empty.yaml")
	if _, err := writeInput(file, "empty"); err != nil {
		return err
	}
	for i := range programs {
		programs[i].file = file
	}
	for i, l := range libraries {
		p, err := buildProbe(l, filepath.Join(dir, fmt.Sprintf("probe%d", i)))
		if err != nil {
			return err
		}
		programs = append(programs, p)
	}
	samples, err := measure(programs, runs)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "program\twall ms\tcpu ms\tpage faults\tkB before main\tMB\tto the SDK no-op\t\n")
	measured := summarize(samples)
	for i, m := range measured {
		early, size, err := weigh(programs[i])
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%d\t%.0f\t%.1f\t%.2f\t\n", programs[i].name, ms(m.wall), ms(m.cpu), m.faults,
			float64(early)/1e3, float64(size)/1e6, float64(m.wall)/float64(measured[1].wall))
	}
	return w.Flush()
}

// buildProbe compiles a program that imports a library and does nothing.
func buildProbe(l library, path string) (program, error) {
	var source strings.Builder
	source.WriteString("package main\n\n")
	for _, path := range l.imports {
		fmt.Fprintf(&source, "import _ %q\n", path)
	}
	source.WriteString("\nfunc main() {}\n")
	if err := os.WriteFile(path+".go", []byte(source.String()), 0o666); err != nil {
		return program{}, err
	}
	return program{name: l.name, path: path, file: os.DevNull}, compile(path+".go", path)
}

// weigh returns how many bytes the packages of a program allocate before main, as the
// runtime tells, and the size of its file.
func weigh(p program) (early, size int64, err error) {
	info, err := os.Stat(p.path)
	if err != nil {
		return 0, 0, err
	}
	f, err := os.Open(p.file)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	var trace bytes.Buffer
	cmd := exec.Command(p.path, p.args...)
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	cmd.Stdin, cmd.Stderr = f, &trace
	if err := cmd.Run(); err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(trace.String()) {
		// init cmp @0.12 ms, 0.01 ms clock, 2048 bytes, 3 allocs
		if before, _, ok := strings.Cut(line, " bytes, "); ok && strings.HasPrefix(line, "init ") {
			n, err := strconv.ParseInt(before[strings.LastIndexByte(before, ' ')+1:], 10, 64)
			if err != nil {
				return 0, 0, err
			}
			early += n
		}
	}
	return early, info.Size(), nil
}
