package imagepolicy

import (
	"errors"

	"cuelang.org/go/cue"
	// The packages that a policy may import: the keys of functions.
	_ "cuelang.org/go/pkg/list"
	_ "cuelang.org/go/pkg/math"
	_ "cuelang.org/go/pkg/net"
	_ "cuelang.org/go/pkg/regexp"
	_ "cuelang.org/go/pkg/strconv"
	_ "cuelang.org/go/pkg/strings"
	_ "cuelang.org/go/pkg/struct"
	_ "cuelang.org/go/pkg/time"
)

// newContext returns a context as cuecontext.New does, which links every package of
// CUE with its encoders of Protobuf, TOML, XML and OpenAPI: they cost each start of
// the program more than a millisecond, and no policy may import them (see
// docs/design/009-start-up.md). A cue.Runtime is the same type by another name, and
// building no instances prepares it.
func newContext() *cue.Context {
	ctx := new(cue.Context)
	_, _ = (*cue.Runtime)(ctx).BuildInstances(nil) //nolint:staticcheck // deprecated in favour of cuecontext
	return ctx
}

// errDebug: CUE reads the variable before the program begins, and some of its
// switches have policies pass that must not. Only cuecontext can set it aside.
var errDebug = errors.New("CUE_DEBUG is set, which changes what CUE lets pass: unset it")
