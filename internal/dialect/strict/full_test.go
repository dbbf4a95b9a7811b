package strict_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/manifest"
	"github.com/usergroup-dev/usergroup/podspec"
)

// ranged is an object with ranges.
type ranged struct {
	Ranges []struct {
		Min *int64 `json:"min"`
		Max *int64 `json:"max"`
	} `json:"ranges"`
}

// decodeRanges decodes an object with n ranges and one that lacks its max.
func decodeRanges(t *testing.T, n int) (ranged, *strict.Decoder) {
	t.Helper()
	text := "ranges: [" + strings.Repeat("{min: 1, max: 2}, ", n) + "{min: 1}]\n"
	node, err := manifest.Decode([]byte(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	var out ranged
	d := strict.New(node, strict.Options{Data: []byte(text), Line: 1})
	d.Object(&out)
	return out, d
}

// An object with too many values gives one error for that, and none for what was not
// decoded any more.
func TestTooManyValues(t *testing.T) {
	out, d := decodeRanges(t, 250_000)
	for i, r := range out.Ranges {
		if r.Max == nil {
			d.Failf(podspec.Field("ranges").Index(i).Key("max"), "is required")
		}
	}
	var errs strict.Errors
	if !errors.As(d.Err(), &errs) || len(errs) != 1 || !strings.Contains(errs[0].Msg, "more than 1048576 keys and values") {
		t.Errorf("%d errors, want one: %s", len(errs), fmt.Sprintf("%.500v", d.Err()))
	}
}

// TestManyRanges: an object may hold 200,000 ranges.
func TestManyRanges(t *testing.T) {
	out, d := decodeRanges(t, 200_000)
	if err := d.Err(); err != nil || len(out.Ranges) != 200_001 || *out.Ranges[199_999].Max != 2 {
		t.Errorf("%d ranges, %v", len(out.Ranges), err)
	}
}
