package report

import (
	"encoding/xml"
	"io"
	"slices"
	"strings"

	"github.com/usergroup-dev/usergroup/policy"
)

// JUnit renders JUnit XML: a test case for each object that has a result, a
// failure where one of them is an error. Warnings and infos are its output. What
// kept the run from judging at all is a case with an error.
//
// The attributes and the order of elements are those that the schemas of Jenkins'
// xunit plugin (junit-10.xsd) and of its JUnit plugin (jenkins-junit.xsd) demand.
type JUnit struct{}

type junitSuites struct {
	XMLName  xml.Name   `xml:"testsuites"`
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Time     string     `xml:"time,attr"`
	Suite    junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string       `xml:"name,attr"`
	Class   string       `xml:"classname,attr"`
	Time    string       `xml:"time,attr"`
	Error   *junitDefect `xml:"error,omitempty"`
	Failure *junitDefect `xml:"failure,omitempty"`
	Output  string       `xml:"system-out,omitempty"`
}

type junitDefect struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// noTime is the time that everything took: reports of the same input are the same.
const noTime = "0"

// Write renders the run.
func (JUnit) Write(w io.Writer, run Run) error {
	suite := junitSuite{Name: "usergroup", Time: noTime}
	index := map[objectKey]int{}
	defects := map[int][]Result{}
	for _, r := range run.open() {
		k := keyOf(r)
		n, ok := index[k]
		if !ok {
			n = len(suite.Cases)
			index[k] = n
			suite.Cases = append(suite.Cases, junitCase{Name: caseName(r), Class: className(r), Time: noTime})
		}
		if r.Severity == policy.Error && !r.Changed {
			defects[n] = append(defects[n], r)
			continue
		}
		suite.Cases[n].Output += Line(r) + "\n"
	}
	for n, rs := range defects {
		d := defect(rs)
		if slices.ContainsFunc(rs, unjudged) {
			suite.Cases[n].Error = d
			suite.Errors++
		} else {
			suite.Cases[n].Failure = d
			suite.Failures++
		}
	}
	// Objects without a result are passes that need no name of their own, but a
	// suite without a case is read as "nothing ran".
	if len(suite.Cases) == 0 {
		suite.Cases = []junitCase{{Name: run.Summary.String(), Class: "usergroup", Time: noTime}}
	}
	suite.Tests = len(suite.Cases)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	err := enc.Encode(junitSuites{
		Name: suite.Name, Tests: suite.Tests, Failures: suite.Failures, Errors: suite.Errors, Time: noTime, Suite: suite,
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n")
	return err
}

// defect is what the errors of one object are.
func defect(rs []Result) *junitDefect {
	lines := make([]string, len(rs))
	for i, r := range rs {
		lines[i] = Line(r)
	}
	d := &junitDefect{Message: Clean(rs[0].Message), Type: string(rs[0].Reason), Text: strings.Join(lines, "\n")}
	if len(rs) > 1 {
		d.Message = Count(len(rs), "violation")
	}
	return d
}

func caseName(r Result) string {
	if ref := r.Resource.String(); ref != "" {
		return Clean(ref)
	}
	if r.File.Path != "" {
		return Clean(r.File.Path)
	}
	return "policy"
}

// className is the file, which every test case needs some name for.
func className(r Result) string {
	if r.File.Path != "" {
		return Clean(r.File.Path)
	}
	return "usergroup"
}
