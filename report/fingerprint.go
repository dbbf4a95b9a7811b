package report

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// fingerprints tells the results of a run apart in a way that survives the moving
// of lines and the order of objects: by what is said of which object and
// container, not by where that is. Of results that are alike in all this, each has
// its number.
type fingerprints map[string]int

// of returns the fingerprint of a result: 32 hexadecimal digits.
func (f fingerprints) of(r Result) string {
	key := strings.Join([]string{
		string(r.Reason), r.Policy, r.Rule, r.File.Path,
		r.Resource.APIVersion, r.Resource.Kind, r.Resource.Namespace, r.Resource.Name,
		r.Field(), strings.Join(r.Containers, ","),
	}, "\x00")
	if r.Resource == (Resource{}) {
		key += "\x00" + r.Message
	}
	n := f[key]
	f[key]++
	sum := sha256.Sum256([]byte(key + "\x00" + strconv.Itoa(n)))
	return hex.EncodeToString(sum[:16])
}

// Field is the path of the result without the index of its container, which another
// container moves; the container's name is in the result.
func (r Result) Field() string {
	for i, s := range r.Path {
		if s.Key == "" && len(r.Containers) == 1 && i > 0 && strings.HasSuffix(strings.ToLower(r.Path[i-1].Key), "containers") {
			return strings.TrimSuffix(r.Path[:i].String()+"[*]."+r.Path[i+1:].String(), ".")
		}
	}
	return r.Path.String()
}
