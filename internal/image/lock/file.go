package lock

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

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
	if err := decode(data, &f); err != nil {
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

// decode decodes YAML by way of JSON that knows nothing of what it is decoded
// into: yaml.UnmarshalStrict would make a string of a number, and of 01000 the
// string 512.
func decode(data []byte, f *file) error {
	if manyDocuments(data) {
		return errors.New("must be a single YAML document")
	}
	j, err := yaml.YAMLToJSONStrict(data)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(j))
	d.DisallowUnknownFields()
	if err := d.Decode(f); err != nil {
		return err
	}
	return checkKeys(j)
}

// manyDocuments reports whether a document begins after another: the library
// would read the first and say nothing.
func manyDocuments(data []byte) bool {
	content := false
	for line := range bytes.Lines(data) {
		if bytes.HasPrefix(line, []byte("---")) && content {
			return true
		}
		line = bytes.TrimSpace(line)
		content = content || len(line) > 0 && line[0] != '#' && !bytes.HasPrefix(line, []byte("---"))
	}
	return false
}

// checkKeys refuses keys in another case, which package json takes for the same
// and nobody else does.
func checkKeys(j []byte) error {
	var top map[string]json.RawMessage
	var images struct {
		Images []map[string]json.RawMessage `json:"images"`
	}
	if err := errors.Join(json.Unmarshal(j, &top), json.Unmarshal(j, &images)); err != nil {
		return err
	}
	var errs []error
	known := func(where string, keys map[string]json.RawMessage, names ...string) {
		for k := range keys {
			if !slices.Contains(names, k) {
				errs = append(errs, fmt.Errorf("%sunknown field %q", where, k))
			}
		}
	}
	known("", top, "apiVersion", "kind", "metadata", "images")
	for i, e := range images.Images {
		known(fmt.Sprintf("images[%d]: ", i), e, "image", "digest", "platform", "os", "user", "uid", "gid")
	}
	return errors.Join(errs...)
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
		s, err := scalar(v)
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

// scalar writes a value and a line break, quoted where it would be read as
// something else.
func scalar(v any) ([]byte, error) {
	s, ok := v.(string)
	if ok && strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		// The library writes some characters that it does not read. Go's
		// escapes are YAML's.
		return []byte(strconv.QuoteToASCII(s) + "\n"), nil
	}
	return yaml.Marshal(v)
}
