package transformer_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestRandomShapes makes random edits in documents that are put together of all
// shapes that this package knows, in every combination.
func TestRandomShapes(t *testing.T) {
	for seed := range uint64(3000) {
		checkShapes(t, seed)
	}
}

// FuzzShapes does so for longer.
func FuzzShapes(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(checkShapes)
}

func checkShapes(t *testing.T, seed uint64) {
	t.Helper()
	s := shapes{Rand: rand.New(rand.NewPCG(seed, 1)), step: 2}
	s.step += s.IntN(3)
	s.wide = s.IntN(2) * s.step
	s.anchors = s.IntN(4) == 0
	column := s.IntN(2) * 2
	s.mapping(column, 0, true)
	text := s.String()
	switch s.IntN(4) {
	case 0:
		text = strings.ReplaceAll(text, "\n", "\r\n")
	case 1:
		text = strings.TrimSuffix(text, "\n")
	}
	checkRandomEdits(t, []byte(text), column, seed, true)
}

// shapes writes a random document.
type shapes struct {
	*rand.Rand
	strings.Builder
	step, wide int
	anchors    bool // write anchors and refer to them
	known      int  // anchors written and complete, numbered from 0
	numbered   int
	keys       int
}

// pick returns one of the texts.
func (s *shapes) pick(texts ...string) string { return texts[s.IntN(len(texts))] }

func (s *shapes) line(indent int, text string) {
	s.WriteString(strings.Repeat(" ", indent) + text + "\n")
}

// mapping writes a mapping in block style; the first key is at the current
// place if inline.
func (s *shapes) mapping(indent, depth int, inline bool) {
	n := 1 + s.IntN(3)
	if s.anchors && s.known > 0 && !inline && s.IntN(3) == 0 {
		s.line(indent, fmt.Sprintf("<<: *m%d", s.IntN(s.known)))
	}
	for i := range n {
		if !(inline && i == 0) {
			switch s.IntN(8) {
			case 0:
				s.line(indent, "# about the next, ключ")
			case 1:
				s.line(indent, "# runAsUser: 5")
			case 2:
				s.WriteString("\n")
			}
			s.WriteString(strings.Repeat(" ", indent))
		}
		s.field(indent, depth)
	}
	if s.IntN(8) == 0 {
		s.line(indent+s.IntN(2), "# the end")
	}
}

// field writes a key with its value, and the line break.
func (s *shapes) field(indent, depth int) {
	key := s.pick("runAsUser", "runAsGroup", "securityContext", "containers", "name", "image", "args", "ключ", "zz")
	if s.IntN(3) > 0 {
		s.keys++
		key += fmt.Sprint(s.keys)
	}
	if s.IntN(10) == 0 {
		key = `"` + key + `"`
	}
	s.WriteString(key + ":")
	comment := s.pick("", "", "", " # why", "\t# tab")
	kind := s.IntN(13)
	if depth > 2 {
		kind = s.IntN(8)
	}
	switch kind {
	case 0, 1:
		s.WriteString(" " + s.pick("0", "1000", "true", "text", "on", `"1000"`, "'it''s'", `"a \" # b"`, "a b", "~", "null") + comment + "\n")
	case 2:
		s.WriteString(comment + "\n")
	case 3:
		s.WriteString(" " + s.pick("{}", "[]", "{ }", "{a: 1}", "[1, 2]", `{"runAsUser": 0, b: [1, {c: d}], }`, "{runAsUser: 0, securityContext: {}, list: []}") + comment + "\n")
	case 4:
		in := strings.Repeat(" ", indent+1)
		s.WriteString(" {\n" + in + "runAsUser: 0, # c\n" + in + "  b: 1\n" + in + "}" + comment + "\n")
	case 5:
		in := strings.Repeat(" ", indent+2)
		s.WriteString(" " + s.pick("|", ">", "|-", ">+", "|+") + "\n" + in + "# text\n\n" + in + "  more: 1\n" + s.pick("", "\n"))
	case 6:
		in := strings.Repeat(" ", indent+1)
		s.WriteString(" " + s.pick("plain\n"+in+"on two lines", "\"quoted\n"+in+"twice\"", "'x\n\n"+in+"y'") + comment + "\n")
	case 7:
		if s.anchors && s.known > 0 {
			s.WriteString(fmt.Sprintf(" *m%d", s.IntN(s.known)) + comment + "\n")
			return
		}
		s.WriteString(" [\n" + strings.Repeat(" ", indent+2) + "{a: b, runAsUser: 0}\n" + strings.Repeat(" ", indent+1) + "]\n")
	case 8, 9:
		s.sequence(indent, depth, comment)
	default:
		done := func() {}
		if s.anchors && s.IntN(2) == 0 {
			// An anchor can be referred to once its node is complete.
			id := s.numbered
			s.numbered++
			fmt.Fprintf(s, " &m%d", id)
			done = func() {
				if s.known == id {
					s.known++
				}
			}
		}
		s.WriteString(comment + "\n")
		s.mapping(indent+s.step, depth+1, false)
		done()
	}
}

func (s *shapes) sequence(indent, depth int, comment string) {
	s.WriteString(comment + "\n")
	indent += s.wide
	for range 1 + s.IntN(2) {
		s.WriteString(strings.Repeat(" ", indent) + "-")
		switch s.IntN(5) {
		case 0:
			s.WriteString(s.pick(" text", " 5", "", " {a: 1}", " 'q'") + comment + "\n")
		case 1:
			s.WriteString(comment + "\n")
			s.mapping(indent+2, depth+1, false)
		default:
			s.WriteString(" ")
			s.mapping(indent+2, depth+1, true)
		}
		if s.IntN(6) == 0 {
			s.line(indent, s.pick("# - name: more", "# a remark"))
		}
	}
}
