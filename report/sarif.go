package report

import (
	"encoding/json"
	"io"
	"path/filepath"

	"github.com/usergroup-dev/usergroup/policy"
)

// SARIF renders findings as SARIF 2.1.0, the format of code scanning services.
// Reasons are the rules. Changes that were made are not findings and are left
// out.
type SARIF struct{}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool    sarifTool     `json:"tool"`
	Results []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID string `json:"id"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifMessage    `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
	Kind               string `json:"kind"`
}

// Write renders the run.
func (SARIF) Write(w io.Writer, run Run) error {
	driver := sarifDriver{Name: "usergroup", Version: run.Version, Rules: []sarifRule{}}
	index := map[policy.Reason]int{}
	results := []sarifResult{}
	for _, r := range run.Results {
		if r.Changed {
			continue
		}
		n, ok := index[r.Reason]
		if !ok {
			n = len(driver.Rules)
			index[r.Reason] = n
			driver.Rules = append(driver.Rules, sarifRule{ID: string(r.Reason)})
		}
		results = append(results, sarifResult{
			RuleID: string(r.Reason), RuleIndex: n, Level: sarifLevel(r.Severity),
			Message:   sarifMessage{Text: r.Message},
			Locations: sarifLocations(r),
		})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{{Tool: sarifTool{Driver: driver}, Results: results}},
	})
}

func sarifLevel(s policy.Severity) string {
	if s == policy.Info {
		return "note"
	}
	return string(s)
}

func sarifLocations(r Result) []sarifLocation {
	var loc sarifLocation
	if r.File.Path != "" {
		loc.Physical = &sarifPhysical{Artifact: sarifArtifact{URI: filepath.ToSlash(r.File.Path)}}
		if r.File.Line > 0 {
			loc.Physical.Region = &sarifRegion{StartLine: r.File.Line}
		}
	}
	if ref := r.Resource.String(); ref != "" {
		name := ref
		if len(r.Path) > 0 {
			name += " " + r.Path.String()
		}
		loc.Logical = []sarifLogical{{FullyQualifiedName: name, Kind: "resource"}}
	}
	if loc.Physical == nil && loc.Logical == nil {
		return nil
	}
	return []sarifLocation{loc}
}
