// Package docs holds the parts of the documentation that the program prints.
package docs

import _ "embed"

// PolicySchema is the JSON Schema of UserGroupPolicy and UserGroupPolicyList.
//
//go:embed schema/usergrouppolicy.schema.json
var PolicySchema []byte
