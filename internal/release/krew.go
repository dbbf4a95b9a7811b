package release

import (
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// home is where the releases are.
const home = "https://github.com/usergroup-dev/usergroup"

// url is the address of a file of the release.
func (c Contents) url(name string) string {
	return home + "/releases/download/" + c.Version + "/" + name
}

// krewPlugin is the manifest of a plugin for krew, the fields that are needed.
type krewPlugin struct {
	APIVersion string       `json:"apiVersion"`
	Kind       string       `json:"kind"`
	Metadata   krewMetadata `json:"metadata"`
	Spec       krewSpec     `json:"spec"`
}

type krewMetadata struct {
	Name string `json:"name"`
}

type krewSpec struct {
	Version          string         `json:"version"`
	Homepage         string         `json:"homepage"`
	ShortDescription string         `json:"shortDescription"`
	Description      string         `json:"description"`
	Platforms        []krewPlatform `json:"platforms"`
}

type krewPlatform struct {
	Selector krewSelector `json:"selector"`
	URI      string       `json:"uri"`
	SHA256   string       `json:"sha256"`
	Files    []krewFile   `json:"files"`
	Bin      string       `json:"bin"`
}

type krewSelector struct {
	MatchLabels map[string]string `json:"matchLabels"`
}

type krewFile struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// krew returns the manifest with which krew installs "kubectl usergroup".
func (c Contents) krew(sums map[string]string) ([]byte, error) {
	p := krewPlugin{
		APIVersion: "krew.googlecontainertools.github.com/v1alpha2", Kind: "Plugin",
		Metadata: krewMetadata{Name: "usergroup"},
		Spec: krewSpec{
			Version: c.Version, Homepage: home,
			ShortDescription: "Show and check which users containers run as",
			Description: "Lists which users and groups the containers of a cluster run as, and where each\n" +
				"comes from (kubectl usergroup effective -A), and checks them against a policy\n" +
				"(kubectl usergroup check -A --policy FILE). It reads through kubectl, and changes\nnothing.\n",
		},
	}
	for _, platform := range slices.Sorted(maps.Keys(sums)) {
		goos, arch, _ := strings.Cut(platform, "/")
		bin := binaryName(platform)
		p.Spec.Platforms = append(p.Spec.Platforms, krewPlatform{
			Selector: krewSelector{map[string]string{"os": goos, "arch": arch}},
			URI:      c.url(c.archiveName(platform)), SHA256: sums[platform],
			Files: []krewFile{{bin, "."}, {"LICENSE", "."}}, Bin: bin,
		})
	}
	return yaml.Marshal(p)
}
