package workload

import (
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// ReadPod reads a pod spec that is at path, in memory of its own.
func ReadPod(spec *manifest.Node, path, metadataPath podspec.Path) *podspec.Pod {
	return (*Memory)(nil).pod(spec, path, metadataPath)
}
