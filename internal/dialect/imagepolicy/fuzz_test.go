package imagepolicy_test

import (
	"context"
	"testing"
	"time"

	"github.com/usergroup-dev/usergroup/internal/dialect/imagepolicy"
	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
)

// FuzzPolicy proves that no CUE text makes decoding or evaluating panic or take
// much longer than the deadline.
func FuzzPolicy(f *testing.F) {
	for _, cue := range []string{
		noRootUser,
		"import \"strings\"\nspec: containers: [...{image: strings.HasPrefix(\"registry.example/\")}]",
		"import s \"list\"\na: s[\"Range\"](0, 1, 1)",
		"a: \"\\(b)\\(b)\"\nb: \"\\(1 + 2 * 3)\"",
		"config: [string]: config: User: !=\"0\" | *null",
		"#C: {name: string, ...}\nspec: containers: [for c in [#C] if c.name != _|_ {c}]",
		"a: 1e9 * 0x10\nlet x = a\n@attr(b)\nc?: x",
	} {
		f.Add(cue)
	}
	s := subjects(f, pod(rootWeb))[0]
	f.Fuzz(func(t *testing.T, cue string) {
		start := time.Now()
		node, err := parseQuietly(clusterImagePolicy("", replace("    data: |\n      \n", "    data: "+quote(cue)+"\n")))
		if err != nil {
			t.Skip("not a text that YAML can hold")
		}
		if ps, err := imagepolicy.Decode(node, strict.Options{}); err == nil {
			ps[0].Evaluators[0].Evaluate(context.Background(), s)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
	})
}
