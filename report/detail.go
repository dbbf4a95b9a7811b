package report

// Detail is what a report for people shows of the file that a result is about.
type Detail struct {
	Source Snippet
	// Fix is what mends the finding, on its own; nil where only a person can.
	Fix []Hunk
}

// Snippet is the line that a value is on and its neighbours. Of very long lines it
// holds the part around the value.
type Snippet struct {
	First  int      // number of the first line, from 1
	Lines  []string // without line breaks
	Marked int      // which of Lines the value is on
	// From and To delimit the value on its line, in characters from 0.
	From, To int
}

// Hunk replaces lines of a file by others.
type Hunk struct {
	Line   int // of the first line of Old; where Old is empty, the one that New goes before
	Column int // where Old begins on its first line, in characters from 1: not 1 only behind the marker of a document or list element
	// Before is the line above, which says where lines go that replace nothing.
	Before string
	// Old and New are lines with their line breaks, which only the last line of a
	// file may lack.
	Old, New []string
}
