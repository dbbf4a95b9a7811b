// Package closest finds the word that somebody meant to write.
package closest

import "strings"

// To returns the known word that is close to the one that was written, "" where
// none is. Case and the separators of snake_case and kebab-case do not count.
func To(word string, known []string) string {
	best, distance := "", 1+len(word)/5
	for _, k := range known {
		if d := edits(fold(word), fold(k)); d <= distance && (best == "" || d < distance) {
			best, distance = k, d
		}
	}
	return best
}

// fold removes what people mix up first: case, and snake_case for camelCase.
func fold(word string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(word))
}

// edits is the Levenshtein distance of two words.
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
