package strict

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/internal/closest"
)

// DidYouMean returns `, did you mean "runAsUser"` where a known field is close
// to the key, else nothing.
func DidYouMean(key string, fields []Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	if best := closest.To(key, names); best != "" {
		return fmt.Sprintf(", did you mean %q", best)
	}
	return ""
}
