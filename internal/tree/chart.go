package tree

import (
	"os"
	"path/filepath"
	"strings"
)

// chartFile makes a folder a Helm chart.
const chartFile = "Chart.yaml"

// isOfChart reports whether a chart's own file or folder is for Helm alone: what
// is left, above all crds, holds manifests as they are.
func isOfChart(name string, folder bool) bool {
	if folder {
		return name == "templates"
	}
	return name == chartFile || strings.HasPrefix(name, "values") && isManifest(name)
}

// chartOf returns the folder of the chart that the absolute path is a template
// of, "" for none.
func chartOf(abs string) string {
	for dir := abs; ; {
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		if filepath.Base(dir) == "templates" && isFile(filepath.Join(parent, chartFile)) {
			return parent
		}
		dir = parent
	}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
