package yamltext

import (
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/usergroup-dev/usergroup/internal/yamlvalue"
)

// cleanBytes are the bytes that a clean text may have, carriage returns and what
// is not ASCII apart.
var cleanBytes = func() (t [256]bool) {
	for c := ' '; c <= '~'; c++ {
		t[c] = true
	}
	t['\n'], t['\t'] = true, true
	return t
}()

// IsClean reports whether the scanner can read b as lines of characters: valid
// UTF-8 of the characters that go-yaml accepts, without those that it reads as
// line breaks, but LF and CR LF, and without byte order marks.
func IsClean(b []byte) bool {
	for i := 0; i < len(b); {
		c := b[i]
		if cleanBytes[c] {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			if c != '\r' || i+1 == len(b) || b[i+1] != '\n' {
				return false
			}
			i += 2
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if !isCleanRune(r, n) {
			return false
		}
		i += n
	}
	return true
}

func isCleanRune(r rune, n int) bool {
	switch {
	case r == utf8.RuneError && n == 1:
		return false
	case r == '\u2028', r == '\u2029', r == '\ufeff':
		return false
	}
	return r >= 0xA0 && r <= 0xFFFD || r >= 0x10000
}

// plainTag resolves a plain scalar as go-yaml does. Most are strings, which
// their characters show; go-yaml itself is asked about the rest.
func plainTag(text string) string {
	if text == "" {
		return "!!null"
	}
	switch c := text[0]; c {
	case 'y', 'Y', 'o', 'O':
		return "!!str"
	case 't', 'T', 'f', 'F', 'n', 'N', '~':
		return wordTag(text)
	case '<':
		if text == "<<" {
			return "!!merge"
		}
		return "!!str"
	case '+', '-', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if isDecimal(text) {
			return "!!int"
		}
		if !mayBeNumber(text) {
			return "!!str"
		}
		return (&yaml.Node{Kind: yaml.ScalarNode, Value: text}).ShortTag()
	}
	return "!!str"
}

func wordTag(text string) string {
	switch text {
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return "!!bool"
	case "~", "null", "Null", "NULL":
		return "!!null"
	}
	return "!!str"
}

// isDecimal reports whether text is a whole number that needs no thought.
func isDecimal(text string) bool {
	if len(text) > 18 || text[0] == '0' && len(text) > 1 {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// numberBytes are the bytes of numbers and timestamps in all their spellings,
// of infinity and of not-a-number.
var numberBytes = func() (t [256]bool) {
	for _, c := range "0123456789abcdefABCDEFxXoO_.+-: tTzZiInN" {
		t[c] = true
	}
	return t
}()

func mayBeNumber(text string) bool {
	for i := range len(text) {
		if !numberBytes[text[i]] {
			return false
		}
	}
	return true
}

// arena allocates the nodes of one tree in slabs: a tree lives and dies as a
// whole, and one allocation a node would cost more than reading the text.
type arena struct {
	src    string // the text, "" where values are copied one by one
	nodes  []yamlvalue.Node
	fields []yamlvalue.Field
	items  []*yamlvalue.Node

	fieldStack []yamlvalue.Field // of the mappings being read
	itemStack  []*yamlvalue.Node // of the sequences being read
	scratch    []byte            // text being unquoted or folded
}

// init prepares for the whole tree of data.
func (a *arena) init(data []byte) {
	a.src = string(data)
	a.nodes = make([]yamlvalue.Node, 0, min(len(data)/bytesPerNode+1, slab))
	a.fields = make([]yamlvalue.Field, 0, cap(a.nodes)/3+1)
}

const (
	// slab is how many nodes or fields are allocated at once, at most.
	slab = 256
	// bytesPerNode is how much text there is to a node in usual manifests.
	bytesPerNode = 12
)

func (a *arena) node() *yamlvalue.Node {
	if len(a.nodes) == cap(a.nodes) {
		a.nodes = make([]yamlvalue.Node, 0, min(max(2*cap(a.nodes), 4), slab))
	}
	a.nodes = a.nodes[:len(a.nodes)+1]
	return &a.nodes[len(a.nodes)-1]
}

// popFields moves the fields above base from the stack into the arena.
func (a *arena) popFields(base int) []yamlvalue.Field {
	n := len(a.fieldStack) - base
	if n == 0 {
		return []yamlvalue.Field{}
	}
	if len(a.fields)+n > cap(a.fields) {
		a.fields = make([]yamlvalue.Field, 0, max(n, min(2*cap(a.fields), slab)))
	}
	from := len(a.fields)
	a.fields = append(a.fields, a.fieldStack[base:]...)
	a.fieldStack = a.fieldStack[:base]
	return a.fields[from:len(a.fields):len(a.fields)]
}

// popItems is popFields for the items of a sequence.
func (a *arena) popItems(base int) []*yamlvalue.Node {
	n := len(a.itemStack) - base
	if n == 0 {
		return []*yamlvalue.Node{}
	}
	if len(a.items)+n > cap(a.items) {
		a.items = make([]*yamlvalue.Node, 0, max(n, min(2*cap(a.items), slab), 8))
	}
	from := len(a.items)
	a.items = append(a.items, a.itemStack[base:]...)
	a.itemStack = a.itemStack[:base]
	return a.items[from:len(a.items):len(a.items)]
}

// text returns b[i:j] as a string.
func (a *arena) text(b []byte, i, j int) string {
	if a.src != "" {
		return a.src[i:j]
	}
	return string(b[i:j])
}
