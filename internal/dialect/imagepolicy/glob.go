package imagepolicy

import (
	"regexp"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/podspec"
)

// glob selects images: * stands for any run of characters without a slash, **
// for any run at all. It is matched against the whole of the full reference,
// with the default registry and tag written out, and then against the reference
// as it is. Globs are those of policy-controller's pkg/apis/glob.
type glob struct {
	re *regexp.Regexp
}

// globChars are the characters a glob may hold.
var globChars = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9\-_:/*.@]+$`) })

// compileGlobs compiles the globs of a policy.
func compileGlobs(d *strict.Decoder, at podspec.Path, patterns []imagePattern) []glob {
	if len(patterns) == 0 {
		d.Failf(at, "must hold at least one glob")
	}
	var out []glob
	for i, p := range patterns {
		at := at.Index(i).Key("glob")
		switch {
		case p.Glob == "":
			d.Failf(at, "is required")
		case !globChars().MatchString(p.Glob):
			d.Failf(at, "must hold only letters, digits and -_:/*.@, is %q", p.Glob)
		default:
			out = append(out, newGlob(p.Glob))
		}
	}
	return out
}

// newGlob compiles a glob of globChars. The two shortest ones mean the default
// registry.
func newGlob(pattern string) glob {
	switch pattern {
	case "*":
		pattern = name.DefaultRegistry + "/library/*"
	case "*/*":
		pattern = name.DefaultRegistry + "/*/*"
	}
	parts := strings.Split(pattern, "**")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(regexp.QuoteMeta(p), `\*`, `[^/]*`)
	}
	return glob{regexp.MustCompile("^" + strings.Join(parts, ".*") + "$")}
}

// matches reports whether the glob selects the reference, which stands for full
// in a manifest.
func (g glob) matches(full, reference string) bool {
	return g.re.MatchString(full) || g.re.MatchString(reference)
}

// selectsImage reports whether any glob selects the reference as it is written in a
// manifest; an error says that it is none.
func (e *evaluator) selectsImage(reference string) (bool, error) {
	ref, err := name.ParseReference(reference, name.WeakValidation)
	if err != nil {
		return false, err
	}
	for _, g := range e.globs {
		if g.matches(ref.Name(), reference) {
			return true, nil
		}
	}
	return false, nil
}
