package workload

import (
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// values adds what the mapping n says of users outside of a security context: in the
// fields that some operators have in its place, and, where nothing is known of the
// object, as the value of a field that it names or that its key is a path of.
func (s *search) values(n *manifest.Node) {
	var pod *podspec.Pod // nil where there is no such value, as in most mappings
	set := func(key, field string) {
		if pod == nil {
			pod = &podspec.Pod{Path: s.path.Key(), Partial: true}
		}
		s.setValue(pod, n, key, field)
	}
	for i := range n.Fields {
		key, v := n.Fields[i].Key.Resolve().Text(), n.Fields[i].Value
		if field := operatorField(key); field != "" && (isInteger(v) || s.templates != nil && saysID(v)) && s.take(v) {
			set(key, field)
		}
		if field := lastField(key); s.templates != nil && field != "" && v.Resolve().Kind == manifest.Scalar {
			set(key, field)
		}
	}
	if field := namedField(n); s.templates != nil && field != "" {
		set("value", field)
	}
	if pod != nil {
		s.add(pod)
	}
}

// operatorField returns the field of a security context that an operator's own field
// becomes; "" for none: spiloRunAsUser of Zalando's Postgres, spilo_runasuser in the
// operator's configuration, securityContextFsGroup of Che, postgresUID of CloudNativePG.
func operatorField(key string) string {
	switch {
	case key == "postgresUID" || endsIn(key, "RunAsUser"):
		return "runAsUser"
	case key == "postgresGID" || endsIn(key, "RunAsGroup"):
		return "runAsGroup"
	case endsIn(key, "FSGroup"):
		return "fsGroup"
	}
	return ""
}

// endsIn reports whether a key is one word, longer than a field, that ends in it in any
// case.
func endsIn(key, field string) bool {
	n := len(key) - len(field)
	return n > 0 && strings.EqualFold(key[n:], field) && !strings.ContainsAny(key, "./")
}

// saysID reports whether a string says an integer, as Che has them. That is warned of and
// not judged: what is judged may be written, as an integer.
func saysID(v *manifest.Node) bool {
	v = v.Resolve()
	_, err := parseInt(v.Value)
	return err == nil && v.Kind == manifest.Scalar
}

// namedField returns the field of a security context that a mapping gives a value; ""
// for none: an operation of a JSON patch with its path, a parameter of a chart with its
// name.
func namedField(n *manifest.Node) string {
	if v := n.Get("value"); v == nil || v.Kind != manifest.Scalar || stringIn(n, "op") == "test" {
		return ""
	}
	for _, key := range []string{"path", "name"} {
		if field := lastField(stringIn(n, key)); field != "" {
			return field
		}
	}
	return ""
}

// lastField returns the field of a security context at which a path ends; "" for none.
func lastField(path string) string {
	switch field := path[strings.LastIndexAny(path, "./")+1:]; field {
	case path:
	case "runAsUser", "runAsGroup", "fsGroup", "runAsNonRoot":
		return field
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
