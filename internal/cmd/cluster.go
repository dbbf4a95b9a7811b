package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/usergroup-dev/usergroup/internal/tree"
	"github.com/usergroup-dev/usergroup/internal/workload"
)

// plugin is the name by which kubectl calls the program: kubectl usergroup.
const plugin = "kubectl-usergroup"

// IsPlugin reports whether the program was called as a plugin of kubectl, by the
// name that it was called by.
func IsPlugin(program string) bool {
	return strings.TrimSuffix(filepath.Base(program), ".exe") == plugin
}

// fromCluster is what the objects of a cluster are called where files are.
const fromCluster = "cluster"

// cluster reads objects through kubectl, which knows the contexts, the credentials
// and the proxies.
type cluster struct {
	all                            bool
	namespace, context, kubeconfig string
}

// addCluster adds the flags that say what of a cluster is read where no files are
// named, for a plugin of kubectl.
func (f *treeFlags) addCluster(flags *pflag.FlagSet, s Streams) {
	if !s.Plugin {
		return
	}
	c := &cluster{}
	f.cluster = c
	flags.BoolVarP(&c.all, "all-namespaces", "A", false, "read all namespaces")
	flags.StringVarP(&c.namespace, "namespace", "n", "", "namespace to read (default: that of the context)")
	flags.StringVar(&c.context, "context", "", "context of kubectl (default: the current one)")
	flags.StringVar(&c.kubeconfig, "kubeconfig", "", "file of kubectl's configuration")
}

// read returns the objects of every known kind that the cluster serves, and the
// Namespaces, which policies select by.
func (c *cluster) read(ctx context.Context, limit int64) ([]byte, error) {
	served, err := c.kubectl(ctx, "api-resources", "--verbs=list", "--no-headers")
	if err != nil {
		return nil, err
	}
	resources := knownResources(string(served))
	if len(resources) == 0 {
		return nil, errors.New("the cluster serves no known kind")
	}
	scope := []string{"--all-namespaces"}
	switch {
	case c.all && c.namespace != "":
		return nil, errors.New("--all-namespaces and --namespace cannot be used together")
	case c.namespace != "":
		scope = []string{"--namespace", c.namespace}
	case !c.all:
		scope = nil
	}
	objects, err := c.kubectl(ctx, append([]string{"get", strings.Join(resources, ","), "--output=yaml"}, scope...)...)
	if err == nil && limit > 0 && int64(len(objects)) > limit {
		err = tree.TooLarge(limit)
	}
	return objects, err
}

// knownResources returns, of the lines of kubectl api-resources, the resources of
// known kinds: deployments.v1.apps. The columns are name, short names (which may be
// missing), API version, namespaced, kind.
func knownResources(lines string) []string {
	kinds := workload.Builtin().Kinds()
	var out []string
	for line := range strings.Lines(lines) {
		f := strings.Fields(line)
		if len(f) < 4 {
			continue
		}
		name, apiVersion, kind := f[0], f[len(f)-3], f[len(f)-1]
		group, version, ok := strings.Cut(apiVersion, "/")
		if !ok {
			group, version = "", apiVersion
		}
		known := kind == "Namespace" && group == "" || slices.ContainsFunc(kinds, func(k workload.Kind) bool {
			return k.Kind == kind && (k.Group == group || k.Group == "*")
		})
		if known {
			out = append(out, name+"."+version+"."+group)
		}
	}
	return out
}

// kubectl runs kubectl and returns what it prints. Where it fails it may have
// printed a part: that is not an answer.
func (c *cluster) kubectl(ctx context.Context, args ...string) ([]byte, error) {
	verb := args[0]
	if c.context != "" {
		args = append(args, "--context", c.context)
	}
	if c.kubeconfig != "" {
		args = append(args, "--kubeconfig", c.kubeconfig)
	}
	var out, log bytes.Buffer
	p := exec.CommandContext(ctx, "kubectl", args...)
	p.Stdout, p.Stderr = &out, &log
	if err := p.Run(); err != nil {
		if said := strings.TrimSpace(log.String()); said != "" {
			err = fmt.Errorf("%w\n%s", err, said)
		}
		return nil, fmt.Errorf("kubectl %s: %w", verb, err)
	}
	return out.Bytes(), nil
}
