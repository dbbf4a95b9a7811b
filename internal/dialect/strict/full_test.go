package strict_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/internal/yamltext"
	"github.com/usergroup-dev/usergroup/podspec"
)

// An object with too many values gives one error for that, and none for what was not
// decoded any more.
func TestTooManyValues(t *testing.T) {
	t.Parallel()
	text := "ranges: [" + strings.Repeat("{min: 1, max: 2}, ", 40_000) + "{min: 1}]\n"
	node, err := yamltext.DecodeFull([]byte(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Ranges []struct {
			Min *int64 `json:"min"`
			Max *int64 `json:"max"`
		} `json:"ranges"`
	}
	d := strict.New(node, strict.Options{Data: []byte(text), Line: 1})
	d.Object(&out)
	for i, r := range out.Ranges {
		if r.Max == nil {
			d.Failf(podspec.Field("ranges").Index(i).Key("max"), "is required")
		}
	}
	var errs strict.Errors
	if !errors.As(d.Err(), &errs) || len(errs) != 1 || !strings.Contains(errs[0].Msg, "more than 100000 values") {
		t.Errorf("%d errors, want one: %s", len(errs), fmt.Sprintf("%.500v", d.Err()))
	}
}
