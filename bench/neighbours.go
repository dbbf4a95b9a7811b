package main

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// neighbour is a program of others that checks the same files by a policy that says
// the same, and finds the same objects.
type neighbour struct {
	name string
	tool string // below tools/bin
	args []string
	// found returns the names of the objects that break the policy.
	found func(output []byte) ([]string, error)
}

// policies are those of the neighbours: users, groups and fsGroup in 1000-19999, as
// checkPolicy says.
//
//go:embed neighbours/*.yaml
var policies embed.FS

// neighbours run in a folder with the policies and objects.yaml.
var neighbours = []neighbour{
	{
		name: "gator test", tool: "gator", found: foundByGator,
		args: []string{"test", "-f", "template.yaml", "-f", "constraint.yaml", "-f", "expansion.yaml", "-f", "objects.yaml", "-o", "json"},
	},
	{
		name: "kyverno apply", tool: "kyverno", found: foundByKyverno,
		args: []string{"apply", "clusterpolicy.yaml", "--resource", "objects.yaml", "--policy-report", "--output-format", "json"},
	},
}

// makeNeighbours writes n Deployments, a tenth of which break checkPolicy, with the
// policies of all, and returns the arguments that check them.
func makeNeighbours(n int) func(dir string) ([]string, int64, error) {
	return func(dir string) ([]string, int64, error) {
		if err := os.CopyFS(dir, policies); err != nil {
			return nil, 0, err
		}
		dir = filepath.Join(dir, "neighbours")
		if err := os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(checkPolicy), 0o666); err != nil {
			return nil, 0, err
		}
		var objects strings.Builder
		for i := range n {
			object := strings.ReplaceAll(deploymentDocument(), "@N@", fmt.Sprint(i))
			if i%10 == 0 {
				breach := breaches[i/10%len(breaches)]
				broken := strings.Replace(object, breach[0], breach[1], 1)
				if broken == object {
					return nil, 0, fmt.Errorf("a Deployment has no %q", breach[0])
				}
				object = broken
			}
			objects.WriteString(object)
		}
		file := filepath.Join(dir, "objects.yaml")
		err := os.WriteFile(file, []byte(objects.String()), 0o666)
		return []string{"check", "--no-config", "-o", "json", "--policy", filepath.Join(dir, "policy.yaml"), file}, int64(objects.Len()), err
	}
}

// breaches are ways to break checkPolicy: what is replaced in a Deployment, and by what.
var breaches = [][2]string{
	{"runAsUser: 1000", "runAsUser: 0"},
	{"        runAsUser: 1000\n", ""},
	{"runAsGroup: 1000", "runAsGroup: 20000"},
	{"fsGroup: 1000", "fsGroup: 999"},
	{"        fsGroup: 1000\n", ""},
	{"allowPrivilegeEscalation: false", "runAsUser: 0"},
}

// withNeighbours adds the neighbours that are built to the function, and says which
// are not. It fails where two do not find the same objects.
func withNeighbours(out io.Writer, function program, dir string) ([]program, error) {
	function.found = foundByUs
	ps := []program{function}
	for _, n := range neighbours {
		tool, err := filepath.Abs(filepath.Join("tools", "bin", n.tool))
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(tool); err != nil {
			fmt.Fprintf(out, "SKIPPED %s, which is not built: make neighbours\n", n.name)
			continue
		}
		ps = append(ps, program{name: n.name, path: tool, file: os.DevNull, args: n.args, dir: filepath.Join(dir, "neighbours"), found: n.found})
	}
	var want []string
	for i, p := range ps {
		cmd := exec.Command(p.path, p.args...)
		cmd.Dir = p.dir
		output, err := cmd.Output()
		if err := p.failed(err); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		got, err := p.found(output)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		slices.Sort(got)
		got = slices.Compact(got)
		if i == 0 {
			want = got
		}
		if len(got) == 0 || !slices.Equal(got, want) {
			return nil, fmt.Errorf("%s finds %d objects, %s %d, or others", p.name, len(got), ps[0].name, len(want))
		}
	}
	if len(ps) > 1 {
		fmt.Fprintf(out, "all find the same %d objects\n", len(want))
	}
	return ps, nil
}

// failed is the error of a run; exit code 1 of a program that is asked for what
// breaks a policy says that something does.
func (p program) failed(err error) error {
	var exit *exec.ExitError
	if p.found != nil && errors.As(err, &exit) && exit.ExitCode() == 1 {
		return nil
	}
	return err
}

func foundByUs(output []byte) ([]string, error) {
	var report struct {
		Results []struct{ Severity, Name string }
	}
	err := json.Unmarshal(output, &report)
	var names []string
	for _, r := range report.Results {
		if r.Severity == "error" {
			names = append(names, r.Name)
		}
	}
	return names, err
}

func foundByGator(output []byte) ([]string, error) {
	var violations []struct {
		ViolatingObject struct{ Metadata struct{ Name string } }
	}
	err := json.Unmarshal(output, &violations)
	var names []string
	for _, v := range violations {
		names = append(names, v.ViolatingObject.Metadata.Name)
	}
	return names, err
}

func foundByKyverno(output []byte) ([]string, error) {
	var report struct {
		Results []struct {
			Result    string
			Resources []struct{ Name string }
		}
	}
	_, text, ok := strings.Cut(string(output), "{") // after what it says to people
	if !ok {
		return nil, errors.New("no report")
	}
	err := json.NewDecoder(strings.NewReader("{" + text)).Decode(&report)
	var names []string
	for _, r := range report.Results {
		for _, o := range r.Resources {
			if r.Result != "pass" {
				names = append(names, o.Name)
			}
		}
	}
	return names, err
}
