package ownfile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/ownfile"
)

func TestDecode(t *testing.T) {
	type file struct {
		Policies []string `json:"policies"`
		FailOn   string   `json:"failOn"`
	}
	for _, test := range []struct {
		name, text, wrong string
		want              file
	}{
		{"good", "failOn: never\npolicies: [a.yaml]\n", "", file{[]string{"a.yaml"}, "never"}},
		{"JSON", `{"failOn": "never"}`, "", file{FailOn: "never"}},
		{"empty", "# nothing\n", "", file{}},
		{"unknown field", "failOn: never\n\npolices: [a.yaml]\n", `f.yaml: polices: unknown field, did you mean "policies" (line 3)`, file{FailOn: "never"}},
		{"another type", "policies: a.yaml\n", `f.yaml: policies: must be a list, is the string "a.yaml" (line 1)`, file{}},
		{
			"all that is wrong", "failOn: 1\npolicies: a.yaml\n",
			"f.yaml: failOn: must be a string, is the integer 1 (line 1)\nf.yaml: policies: must be a list, is the string \"a.yaml\" (line 2)",
			file{},
		},
		{"two documents", "failOn: never\n---\nfailOn: error\n", "f.yaml:3: must hold one document, holds 2", file{}},
		{"a list", "- a\n", "f.yaml: must be a mapping, is a list (line 1)", file{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got file
			wrong := ""
			if err := ownfile.Decode("f.yaml", []byte(test.text), &got); err != nil {
				wrong = err.Error()
			}
			if diff := cmp.Diff(test.wrong, wrong); diff != "" {
				t.Errorf("the error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the file (-want +got):\n%s", diff)
			}
		})
	}
}
