package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// junitElement is what a schema of JUnit XML says of one element.
type junitElement struct {
	within           string
	required, others []string // attributes
	children         []string // in this order where ordered is set
	ordered          bool
}

// junitSchema is what both junit-10.xsd of Jenkins' xunit plugin and
// jenkins-junit.xsd of its JUnit plugin accept, of what is written here.
var junitSchema = map[string]junitElement{
	"testsuites": {required: []string{"name", "tests", "failures", "errors", "time"}, children: []string{"testsuite"}},
	"testsuite": {
		within: "testsuites", required: []string{"name", "tests", "failures", "errors"},
		others: []string{"skipped", "time"}, children: []string{"testcase"},
	},
	"testcase":   {within: "testsuite", required: []string{"name", "classname", "time"}, children: []string{"error", "failure", "system-out"}, ordered: true},
	"failure":    {within: "testcase", others: []string{"message", "type"}},
	"error":      {within: "testcase", others: []string{"message", "type"}},
	"system-out": {within: "testcase"},
}

// TestJUnitSchema: every report is valid for Jenkins, and its counts are true.
func TestJUnitSchema(t *testing.T) {
	invalid := report.Run{Exit: 2, Results: []report.Result{{Severity: policy.Error, Message: "m", Reason: policy.InvalidConfig}}}
	for name, run := range map[string]report.Run{"usual": run(), "hostile": hostileRun(), "empty": {}, "invalid": invalid} {
		counts := map[string]int{}
		declared := map[string]string{}
		d := xml.NewDecoder(strings.NewReader(renderRun(t, report.JUnit{}, run)))
		var stack []string
		last := map[int]int{} // position of the last child, by depth
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			switch token := token.(type) {
			case xml.StartElement:
				checkElement(t, token, stack, last)
				counts[token.Name.Local]++
				if token.Name.Local == "testsuite" {
					for _, a := range token.Attr {
						declared[a.Name.Local] = a.Value
					}
				}
				stack = append(stack, token.Name.Local)
			case xml.EndElement:
				delete(last, len(stack))
				stack = stack[:len(stack)-1]
			}
		}
		for attr, element := range map[string]string{"tests": "testcase", "failures": "failure", "errors": "error"} {
			if declared[attr] != strconv.Itoa(counts[element]) {
				t.Errorf("%s: %s=%q, but there are %d", name, attr, declared[attr], counts[element])
			}
		}
		if name == "invalid" && counts["error"] != 1 || name == "usual" && counts["failure"] != 1 || counts["testcase"] == 0 {
			t.Errorf("%s: %v", name, counts)
		}
	}
}

func checkElement(t *testing.T, e xml.StartElement, stack []string, last map[int]int) {
	t.Helper()
	schema, ok := junitSchema[e.Name.Local]
	within := ""
	if len(stack) > 0 {
		within = stack[len(stack)-1]
	}
	if !ok || within != schema.within {
		t.Errorf("%s within %s", e.Name.Local, within)
		return
	}
	var names []string
	for _, a := range e.Attr {
		names = append(names, a.Name.Local)
		if !slices.Contains(slices.Concat(schema.required, schema.others), a.Name.Local) {
			t.Errorf("%s has an attribute %s", e.Name.Local, a.Name.Local)
		}
	}
	for _, want := range schema.required {
		if !slices.Contains(names, want) {
			t.Errorf("%s has no attribute %s", e.Name.Local, want)
		}
	}
	if parent := junitSchema[within]; parent.ordered {
		at, depth := slices.Index(parent.children, e.Name.Local), len(stack)
		if at < last[depth] {
			t.Errorf("%s comes too late in %s", e.Name.Local, within)
		}
		last[depth] = at
	}
}
