package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// checkPolicy is one that the Deployments satisfy.
const checkPolicy = `apiVersion: usergroup.dev/v1alpha1
kind: UserGroupPolicy
metadata: {name: bench}
spec:
  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 19999}]}
  runAsGroup: {rule: MustRunAs, ranges: [{min: 1000, max: 19999}]}
  fsGroup: {rule: MustRunAs, ranges: [{min: 1000, max: 19999}]}
`

// makeFiles makes files with so many Deployments each, a hundred files in a folder,
// and returns the arguments that check them.
func makeFiles(files, objects int) func(dir string) ([]string, int64, error) {
	return func(dir string) ([]string, int64, error) {
		tree, policy := filepath.Join(dir, "tree"), filepath.Join(dir, "policy.yaml")
		if err := os.MkdirAll(tree, 0o777); err != nil {
			return nil, 0, err
		}
		if err := os.WriteFile(policy, []byte(checkPolicy), 0o666); err != nil {
			return nil, 0, err
		}
		var size int64
		for i := range files {
			folder := filepath.Join(tree, fmt.Sprintf("%03d", i/100))
			if err := os.MkdirAll(folder, 0o777); err != nil {
				return nil, 0, err
			}
			n, err := writeDeployments(filepath.Join(folder, fmt.Sprintf("%d.yaml", i)), i*objects, objects)
			if err != nil {
				return nil, 0, err
			}
			size += n
		}
		return []string{"check", "--policy", policy, tree}, size, nil
	}
}

// writeDeployments writes n Deployments, numbered from first, as documents.
func writeDeployments(path string, first, n int) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	document := deploymentDocument()
	w := bufio.NewWriter(f)
	var size int64
	for i := range n {
		n, err := w.WriteString(strings.ReplaceAll(document, "@N@", fmt.Sprint(first+i)))
		if err != nil {
			return 0, err
		}
		size += int64(n)
	}
	return size, w.Flush()
}

// deploymentDocument is the Deployment of deploymentTemplate as a document.
func deploymentDocument() string {
	return "---\n" + strings.ReplaceAll(strings.TrimPrefix(deploymentTemplate, "- "), "\n  ", "\n")
}
