// Package closest finds the word that somebody meant to write.
package closest

import "strings"

// To returns the known word that is close to the one that was written, or of which
// that is the beginning, half of it or more, and of no other; "" where there is none.
// Case and the separators of snake_case and kebab-case do not count.
func To(word string, known []string) string {
	if near := near(word, known); near != "" {
		return near
	}
	begun, folded := "", fold(word)
	for _, k := range known {
		if 2*len(word) < len(k) || !strings.HasPrefix(fold(k), folded) {
			continue
		}
		if begun != "" {
			return ""
		}
		begun = k
	}
	return begun
}

// near is the known word with the fewest edits from the one that was written.
func near(word string, known []string) string {
	best, distance := "", min(1+len(word)/5, len(word)-1)
	folded := fold(word)
	for _, k := range known {
		key := fold(k)
		if len(key)-len(folded) > distance || len(folded)-len(key) > distance {
			continue // each edit is of one letter
		}
		if d := edits(folded, key); d <= distance && (best == "" || d < distance) {
			best, distance = k, d
		}
	}
	return best
}

var separators = strings.NewReplacer("_", "", "-", "")

// fold removes what people mix up first: case, and snake_case for camelCase.
func fold(word string) string {
	return strings.ToLower(separators.Replace(word))
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
