package yamltext

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Error is a syntax error, or input that cannot be what it must be. It prints
// as "deploy.yaml:12:3: message", leaving out what is not known.
type Error struct {
	File   string // name of the file, "" for a ResourceList or bare bytes
	Line   int    // from 1, 0 where it is not known
	Column int    // from 1, in characters, 0 where it is not known
	Msg    string
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		if e.File == "" {
			b.WriteString("line ")
		} else {
			b.WriteByte(':')
		}
		b.WriteString(strconv.Itoa(e.Line))
		if e.Column > 0 {
			fmt.Fprintf(&b, ":%d", e.Column)
		}
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(e.Msg)
	return b.String()
}

// parserError makes an Error of what go-yaml returns: "yaml: line 3: message".
// Its lines are those of the bytes it was given.
func parserError(err error) *Error {
	e := &Error{Msg: strings.TrimPrefix(err.Error(), "yaml: ")}
	defer func() {
		if depth, ok := strings.CutPrefix(e.Msg, "exceeded max depth of "); ok {
			e.Msg = "the document is nested more than " + depth + " deep"
		}
	}()
	if rest, ok := strings.CutPrefix(e.Msg, "line "); ok {
		number, msg, _ := strings.Cut(rest, ": ")
		if line, err := strconv.Atoi(number); err == nil {
			e.Line, e.Msg = line, msg
		}
	}
	return e
}

// At returns err with the position of the item it is in: line is the line of
// the item's first byte.
func At(err error, file string, line int) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	moved := *e
	moved.File = file
	if moved.Line == 0 {
		moved.Line = line
	} else {
		moved.Line += line - 1
	}
	return &moved
}
