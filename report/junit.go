package report

import (
	"encoding/xml"
	"io"
	"strings"

	"github.com/usergroup-dev/usergroup/policy"
)

// JUnit renders JUnit XML: a test case for each object that has a result, a
// failure where one of them is an error. Warnings and infos are its output.
type JUnit struct{}

type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Failure *junitFailure `xml:"failure,omitempty"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// Write renders the run.
func (JUnit) Write(w io.Writer, run Run) error {
	suite := junitSuite{Name: "usergroup"}
	type key struct {
		Resource
		path  string
		index int
	}
	index := map[key]int{}
	failures := map[int][]string{}
	for _, r := range run.Results {
		k := key{r.Resource, r.File.Path, r.File.Index}
		n, ok := index[k]
		if !ok {
			n = len(suite.Cases)
			index[k] = n
			suite.Cases = append(suite.Cases, junitCase{Name: caseName(r), Class: r.File.Path})
		}
		if r.Severity == policy.Error && !r.Changed {
			failures[n] = append(failures[n], Line(r))
			continue
		}
		suite.Cases[n].Output += Line(r) + "\n"
	}
	for n, lines := range failures {
		suite.Cases[n].Failure = &junitFailure{Message: count(len(lines), "violation"), Text: strings.Join(lines, "\n")}
	}
	// Objects without a result are passes that need no name of their own, but a
	// suite without a case is read as "nothing ran".
	if len(suite.Cases) == 0 {
		suite.Cases = []junitCase{{Name: run.Summary.String(), Class: "usergroup"}}
	}
	suite.Tests, suite.Failures = len(suite.Cases), len(failures)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Suite: suite}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func caseName(r Result) string {
	if ref := r.Resource.String(); ref != "" {
		return ref
	}
	return "policy"
}
