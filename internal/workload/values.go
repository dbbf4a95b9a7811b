package workload

import (
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// values adds what the mapping n says of users outside of a security context: in the
// fields that some operators have in its place, and, where nothing is known of the
// object, as the value of a field that it names.
func (s *search) values(n *manifest.Node) {
	pod := podspec.Pod{Path: s.path.Key(), Partial: true}
	found := false
	for i := range n.Fields {
		key := n.Fields[i].Key.Resolve().Text()
		if field := operatorField(key); isTyped(field, n.Fields[i].Value) && s.take(n.Fields[i].Value) {
			s.setValue(&pod, n, key, field)
			found = true
		}
	}
	if s.templates != nil {
		if field := namedField(n); field != "" {
			s.setValue(&pod, n, "value", field)
			found = true
		}
	}
	if found {
		s.add(&pod)
	}
}

// operatorField returns the field of a security context that an operator's own field
// becomes; "" for none: spiloRunAsUser of Zalando's Postgres, postgresUID of
// CloudNativePG.
func operatorField(key string) string {
	switch {
	case key == "postgresUID" || strings.HasSuffix(key, "RunAsUser"):
		return "runAsUser"
	case key == "postgresGID" || strings.HasSuffix(key, "RunAsGroup"):
		return "runAsGroup"
	case strings.HasSuffix(key, "FSGroup"):
		return "fsGroup"
	}
	return ""
}

// namedField returns the field of a security context that a mapping gives a value; ""
// for none: an operation of a JSON patch with its path, a parameter of a chart with its
// name.
func namedField(n *manifest.Node) string {
	if v := n.Get("value"); v == nil || v.Kind != manifest.Scalar || stringIn(n, "op") == "test" {
		return ""
	}
	for _, key := range []string{"path", "name"} {
		text := stringIn(n, key)
		switch field := text[strings.LastIndexAny(text, "./")+1:]; field {
		case text:
		case "runAsUser", "runAsGroup", "fsGroup", "runAsNonRoot":
			return field
		}
	}
	return ""
}

// setValue sets a field of a security context to the value under a key of n.
func (s *search) setValue(pod *podspec.Pod, n *manifest.Node, key, field string) {
	at := s.path.Key(key)
	switch field {
	case "runAsUser":
		pod.RunAsUser = value(n, key, at, parseID)
	case "runAsGroup":
		pod.RunAsGroup = value(n, key, at, parseID)
	case "fsGroup":
		pod.FSGroup = value(n, key, at, parseID)
	case "runAsNonRoot":
		pod.RunAsNonRoot = value(n, key, at, parseBool)
	}
}

// unquote takes the strings in a pod for what they say: the values of a chart and the
// parameters of a template are written into a text.
func unquote(pod *podspec.Pod) {
	contexts := []*podspec.SecurityContext{&pod.SecurityContext}
	for i := range pod.Containers {
		contexts = append(contexts, &pod.Containers[i].SecurityContext)
	}
	for _, sc := range contexts {
		unquoteValue(&sc.RunAsUser, parseInt)
		unquoteValue(&sc.RunAsGroup, parseInt)
		unquoteValue(&sc.RunAsNonRoot, strconv.ParseBool)
	}
	unquoteValue(&pod.FSGroup, parseInt)
}

func unquoteValue[T any](v *podspec.Value[T], parse func(string) (T, error)) {
	if v.State != podspec.Invalid || v.Problem.Code != podspec.InvalidType {
		return
	}
	text, err := strconv.Unquote(v.Raw)
	if err != nil {
		return
	}
	if parsed, err := parse(text); err == nil {
		*v = podspec.Value[T]{State: podspec.Set, V: parsed, Raw: v.Raw, Path: v.Path}
	}
}

func parseInt(text string) (int64, error) { return strconv.ParseInt(text, 10, 64) }
