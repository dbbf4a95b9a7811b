package strict

import (
	"fmt"
	"strings"
)

// DidYouMean returns `, did you mean "runAsUser"` where a known field is close
// to the key, else nothing.
func DidYouMean(key string, fields []Field) string {
	best, distance := "", 1+len(key)/4
	for _, f := range fields {
		if d := edits(fold(key), fold(f.Name)); d <= distance && (best == "" || d < distance) {
			best, distance = f.Name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q", best)
}

// fold removes what people mix up first: case, and snake_case for camelCase.
func fold(key string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
}

// edits is the Levenshtein distance of two keys.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
