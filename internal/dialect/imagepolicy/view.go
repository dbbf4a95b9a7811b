package imagepolicy

import (
	"fmt"
	"strconv"
	"strings"

	"cuelang.org/go/cue/literal"

	"github.com/usergroup-dev/usergroup/internal/podindex"
	"github.com/usergroup-dev/usergroup/podspec"
	"github.com/usergroup-dev/usergroup/policy"
)

// view is an object as a policy sees it, with the places where its parts are
// in the object that findings are about.
type view struct {
	input          map[string]any
	spec, metadata podspec.Path
}

// views returns what the policy is for: the pod that the object is or makes,
// the object itself, or both.
func (e *evaluator) views(s policy.Subject) ([]view, error) {
	var out []view
	pod, err := s.PodJSON()
	if err != nil {
		return nil, err
	}
	if e.selectsObject(pods, labelsOf(pod)) {
		// The controller gives a policy no typemeta for a Pod.
		out = append(out, view{e.include(pod, nil), s.Pod.Path, s.Pod.MetadataPath})
	}
	t := typeOf(s.Object)
	if t == pods || !e.selectsObject(t, s.Object.Labels) {
		return out, nil
	}
	obj, err := s.JSON()
	if err != nil {
		return nil, err
	}
	typeMeta := map[string]any{"apiVersion": s.Object.APIVersion, "kind": s.Object.Kind}
	return append(out, view{e.include(obj, typeMeta), podspec.Field("spec"), podspec.Field("metadata")}), nil
}

// include returns the parts of an object that the policy asks for.
func (e *evaluator) include(obj, typeMeta map[string]any) map[string]any {
	input := map[string]any{}
	if e.policy == nil {
		return input
	}
	for _, part := range []struct {
		key    string
		asked  bool
		value  any
		exists bool
	}{
		{"spec", e.policy.IncludeSpec, obj["spec"], obj["spec"] != nil},
		{"metadata", e.policy.IncludeObjectMeta, obj["metadata"], obj["metadata"] != nil},
		{"typemeta", e.policy.IncludeTypeMeta, typeMeta, typeMeta != nil},
	} {
		if part.asked && part.exists {
			input[part.key] = part.value
		}
	}
	return input
}

// labelsOf returns the labels of a pod in its JSON.
func labelsOf(pod map[string]any) map[string]string {
	meta, _ := pod["metadata"].(map[string]any)
	labels, _ := meta["labels"].(map[string]any)
	out := make(map[string]string, len(labels))
	for k, v := range labels {
		if s, ok := v.(string); ok {
			out[k] = s
		}
	}
	return out
}

// locate returns where a path of CUE leads in the object, and what is there.
// ok is false where it leads elsewhere: to an image's configuration, or to what
// only the policy has.
func (v view) locate(path []string) (at podspec.Path, value any, ok bool) {
	if len(path) == 0 {
		return nil, nil, false
	}
	switch path[0] {
	case "spec":
		at = v.spec
	case "metadata":
		at = v.metadata
	case "typemeta":
	default:
		return nil, nil, false
	}
	value = v.input[path[0]]
	for _, label := range path[1:] {
		at, value = step(at, value, label)
	}
	return at, value, true
}

// step goes one label further. A number is an index only where a list is,
// because it may be the name of a field as well.
func step(at podspec.Path, value any, label string) (podspec.Path, any) {
	if list, isList := value.([]any); isList {
		if i, err := strconv.Atoi(label); err == nil {
			if i < len(list) {
				return at.Index(i), list[i]
			}
			return at.Index(i), nil
		}
	}
	if strings.HasPrefix(label, `"`) {
		if s, err := literal.Unquote(label); err == nil {
			label = s
		}
	}
	m, _ := value.(map[string]any)
	return at.Key(label), m[label]
}

// scalar returns a value that a finding may show, nil for any other.
func scalar(value any) any {
	switch value.(type) {
	case int64, bool, string:
		return value
	}
	return nil
}

// String renders the violation as CUE does, with its path.
func (x violation) String() string {
	if len(x.path) == 0 {
		return x.text
	}
	return strings.Join(x.path, ".") + ": " + x.text
}

// selected is an image that the policy is for.
type selected struct {
	ref       string
	path      podspec.Path
	who       string   // has the image: container "web"
	container []string // its name; empty for a volume
}

// images returns the images of the pod that the globs select, and what is wrong
// with those that are not references. Like the controller it counts a volume's
// image among them.
func (e *evaluator) images(s policy.Subject) ([]selected, []policy.Finding) {
	var out []selected
	var findings []policy.Finding
	for _, img := range append(containerImages(s.Pod), volumeImages(s)...) {
		ok, err := e.selectsImage(img.ref)
		switch {
		case err != nil:
			f := e.imageFinding(policy.ImagePolicyViolation, img, err.Error())
			f.Current = img.ref
			findings = append(findings, f)
		case ok:
			out = append(out, img)
		}
	}
	return out, findings
}

// containerImages returns the images of the containers.
func containerImages(pod *podspec.Pod) []selected {
	var out []selected
	for i := range pod.Containers {
		c := &pod.Containers[i]
		out = append(out, selected{c.Image, c.Path.Key("image"), fmt.Sprintf("%s %q", c.Kind, c.Name), []string{c.Name}})
	}
	return out
}

// volumeImages returns the images that are mounted as volumes.
func volumeImages(s policy.Subject) []selected {
	var out []selected
	pod, _ := s.PodJSON() // an error has been reported with the views
	spec, _ := pod["spec"].(map[string]any)
	volumes, _ := spec["volumes"].([]any)
	for i, v := range volumes {
		volume, _ := v.(map[string]any)
		img, _ := volume["image"].(map[string]any)
		if ref, _ := img["reference"].(string); ref != "" {
			at := s.Pod.Path.Key("volumes").Index(i).Key("image", "reference")
			out = append(out, selected{ref, at, fmt.Sprintf("volume %q", volume["name"]), nil})
		}
	}
	return out
}

// whoAt names the container that a path leads into, "pod" or "object".
func whoAt(pod *podspec.Pod, in *podindex.Index, at podspec.Path) (who string, containers []string) {
	if c := in.At(at); c != nil {
		return fmt.Sprintf("%s %q", c.Kind, c.Name), []string{c.Name}
	}
	for _, p := range []podspec.Path{pod.Path, pod.MetadataPath} {
		if at.Within(p) {
			return "pod", nil
		}
	}
	return "object", nil
}
