package image_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/image"
)

// TestParseUser has what containerd's WithUser makes of every form of USER: it
// reads both halves with strconv.Atoi, starts the container with a number in
// 0..2147483647, and looks everything else up as a name. What is out of range and
// so could only be a name is malformed here.
func TestParseUser(t *testing.T) {
	t.Parallel()
	number := func(text string, id int64) image.Part { return image.Part{Kind: image.Numeric, ID: id, Text: text} }
	name := func(text string) image.Part { return image.Part{Kind: image.Named, Text: text} }
	bad := func(text string) image.Part { return image.Part{Kind: image.Malformed, Text: text} }
	empty := image.Part{Kind: image.Empty}
	for s, want := range map[string]image.User{
		"":                     {},
		"0":                    {User: number("0", 0)},
		"-0":                   {User: number("-0", 0)},
		"00":                   {User: number("00", 0)},
		"+5":                   {User: number("+5", 5)},
		"+0":                   {User: number("+0", 0)},
		"01000":                {User: number("01000", 1000)},
		"2147483647":           {User: number("2147483647", 2147483647)},
		"2147483648":           {User: bad("2147483648")},
		"99999999999999999999": {User: bad("99999999999999999999")},
		"-1":                   {User: bad("-1")},
		"1000:2000":            {User: number("1000", 1000), Group: number("2000", 2000)},
		"1000:+5":              {User: number("1000", 1000), Group: number("+5", 5)},
		"1000:-1":              {User: number("1000", 1000), Group: bad("-1")},
		"root":                 {User: name("root")},
		"app:staff":            {User: name("app"), Group: name("staff")},
		"app:50":               {User: name("app"), Group: number("50", 50)},
		"+":                    {User: name("+")},
		"1e3":                  {User: name("1e3")},
		"0x5dc":                {User: name("0x5dc")},
		"1_000":                {User: name("1_000")},
		"1500 ":                {User: name("1500 ")},
		"65533:":               {User: number("65533", 65533), Group: empty},
		":5":                   {User: empty, Group: number("5", 5)},
		":":                    {User: empty, Group: empty},
		"1:2:3":                {User: bad("1:2:3"), Group: bad("1:2:3")},
		"a::":                  {User: bad("a::"), Group: bad("a::")},
	} {
		if diff := cmp.Diff(want, image.ParseUser(s)); diff != "" {
			t.Errorf("%q: %s", s, diff)
		}
	}
}
