package lock

import (
	"bytes"
	"errors"
	"fmt"

	"sigs.k8s.io/yaml"
)

// file is a lock file.
type file struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   metadata `json:"metadata"`
	Images     []Entry  `json:"images"`
}

// metadata is what hosts read and write of an object.
type metadata struct {
	Name        string            `json:"name,omitempty"`
	Namespace   string            `json:"namespace,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Parse reads a lock file: one YAML or JSON document. Unknown and repeated keys,
// values of a wrong type and entries that cannot be true are errors, all entries
// judged before any is returned.
func Parse(data []byte) (*Lock, error) {
	var f file
	if err := yaml.UnmarshalStrict(data, &f); err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if f.APIVersion != APIVersion || f.Kind != Kind {
		return nil, fmt.Errorf("lock: must be %s %s, is %q %q", APIVersion, Kind, f.APIVersion, f.Kind)
	}
	l, err := New(f.Images)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	return l, nil
}

// header is the beginning of every lock file.
const header = `apiVersion: ` + APIVersion + `
kind: ` + Kind + `
metadata:
  name: images
  annotations:
    config.kubernetes.io/local-config: "true"
`

// Marshal writes the lock file. Equal locks give equal bytes, and an image is
// one run of lines, so that a change of one image is a change of its lines.
func (l *Lock) Marshal() ([]byte, error) {
	b := bytes.NewBufferString(header)
	if len(l.Entries) == 0 {
		b.WriteString("images: []\n")
		return b.Bytes(), nil
	}
	b.WriteString("images:\n")
	var errs []error
	for _, e := range l.Entries {
		errs = append(errs, e.write(b))
	}
	return b.Bytes(), errors.Join(errs...)
}

// write writes an entry with its keys in the order of the type, which the
// library would sort.
func (e Entry) write(b *bytes.Buffer) error {
	indent := "- "
	var errs []error
	field := func(name string, v any, write bool) {
		if !write {
			return
		}
		s, err := yaml.Marshal(v) // quotes what would be read as something else
		errs = append(errs, err)
		fmt.Fprintf(b, "%s%s: %s", indent, name, s)
		indent = "  "
	}
	field("image", e.Image, true)
	field("digest", e.Digest, e.Digest != "")
	field("platform", e.Platform, true)
	field("os", e.OS, true)
	field("user", e.User, true)
	field("uid", e.UID, e.UID != nil)
	field("gid", e.GID, e.GID != nil)
	return errors.Join(errs...)
}
