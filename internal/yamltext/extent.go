package yamltext

import "github.com/usergroup-dev/usergroup/internal/yamlvalue"

// This file finds where a scalar ends that go-yaml has read: it follows the
// loops of go-yaml's scanner and leaves out what they collect.

func (c *converter) scalarEnd(n *yamlvalue.Node, indent int, flow bool) int {
	switch n.Style {
	case yamlvalue.DoubleQuoted:
		return doubleQuotedEnd(c.src, n.Start)
	case yamlvalue.SingleQuoted:
		return singleQuotedEnd(c.src, n.Start)
	case yamlvalue.Literal, yamlvalue.Folded:
		return blockScalarEnd(c.src, n.Start, indent)
	}
	if n.Value == "" {
		return n.Start
	}
	return plainEnd(c.src, n.Start, indent+1, flow)
}

func doubleQuotedEnd(b []byte, i int) int {
	for i++; i < len(b) && b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return min(i+1, len(b))
}

func singleQuotedEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		if b[i] != '\'' {
			continue
		}
		if i+1 == len(b) || b[i+1] != '\'' {
			break
		}
		i++
	}
	return min(i+1, len(b))
}

// plainEnd finds the end of a plain scalar, which in a block context goes on
// over lines indented by at least indent.
func plainEnd(b []byte, i, indent int, flow bool) int {
	end := i
	lineStart := -1 // of the line i is in, -1 for the first
	for i < len(b) {
		if i == lineStart && (IsMarker(b, i, '-') || IsMarker(b, i, '.')) || b[i] == '#' {
			break
		}
		for !isBlankEnd(b, i) && !endsPlain(b, i, flow) {
			i++
			end = i
		}
		if !isBlankEnd(b, i) || i == len(b) {
			break
		}
		for i < len(b) && isBlankEnd(b, i) {
			if n := BreakLen(b, i); n > 0 {
				i += n
				lineStart = i
				continue
			}
			i++
		}
		if !flow && lineStart >= 0 && i-lineStart < indent {
			break
		}
	}
	return end
}

// endsPlain reports whether b[i] ends a plain scalar.
func endsPlain(b []byte, i int, flow bool) bool {
	switch b[i] {
	case ':':
		return isBlankEnd(b, i+1)
	case ',', '?', '[', ']', '{', '}':
		return flow
	}
	return false
}

// blockScalarEnd finds the end of the last line of the block scalar whose
// indicator is b[i]; empty lines at the end count if they are kept.
func blockScalarEnd(b []byte, i, parentIndent int) int {
	keep, indent := false, 0
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '+':
			keep = true
			continue
		case c == '-':
			continue
		case c >= '1' && c <= '9':
			indent = max(parentIndent, 0) + int(c-'0')
			continue
		}
		break
	}
	end := i
	i = NextLine(b, i)
	for i < len(b) {
		var empty int // end of the last empty line
		i, empty, indent = blockScalarBreaks(b, i, indent, parentIndent)
		if keep && empty >= 0 {
			end = empty
		}
		if i < 0 {
			break
		}
		end = LineEnd(b, i)
		i = end + BreakLen(b, end)
	}
	return end
}

// blockScalarBreaks skips empty lines from the beginning of a line and finds
// out the indentation where it is still 0. next is where the text of the next
// line of the scalar begins, -1 if there is none; empty is the end of the last
// empty line, -1 if there is none.
func blockScalarBreaks(b []byte, i, indent, parentIndent int) (next, empty, found int) {
	empty = -1
	deepest := 0
	for {
		start := i
		for i < len(b) && (indent == 0 || i-start < indent) && b[i] == ' ' {
			i++
		}
		deepest = max(deepest, i-start)
		n := BreakLen(b, i)
		if n > 0 {
			empty = i
			i += n
			continue
		}
		if indent == 0 {
			indent = max(deepest, parentIndent+1, 1)
		}
		if i == len(b) || i-start != indent {
			return -1, empty, indent
		}
		return i, empty, indent
	}
}
