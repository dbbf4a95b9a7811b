// Package docs holds the parts of the documentation that the program prints.
package docs

import "embed"

// PolicySchema is the JSON Schema of UserGroupPolicy and UserGroupPolicyList.
//
//go:embed schema/usergrouppolicy.schema.json
var PolicySchema []byte

// Rules are the pages of the reasons of findings: rules/UserIDOutsideRanges.md.
//
//go:embed rules/*.md
var Rules embed.FS
