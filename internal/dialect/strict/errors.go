package strict

import (
	"errors"
	"fmt"
	"strings"
)

// ErrConfig is what every Error and Errors is, for errors.Is.
var ErrConfig = errors.New("invalid configuration")

// Error is one thing that is wrong with a configuration object.
type Error struct {
	Path string // of the field: spec.runAsUser.ranges[0].min; "" for the object
	Line int    // in its file, from 1; 0 where unknown
	Msg  string // what must be and what is, lower case, no full stop
}

// Error renders the error with its path, and its line where known.
func (e *Error) Error() string {
	s := e.Msg
	if e.Path != "" {
		s = e.Path + ": " + s
	}
	if e.Line > 0 {
		s = fmt.Sprintf("%s (line %d)", s, e.Line)
	}
	return s
}

// Is reports whether target is ErrConfig.
func (e *Error) Is(target error) bool { return target == ErrConfig }

// Errors are all that is wrong with an object, in the order of its text.
type Errors []*Error

// Error renders one error a line.
func (es Errors) Error() string {
	s := make([]string, len(es))
	for i, e := range es {
		s[i] = e.Error()
	}
	return strings.Join(s, "\n")
}

// Unwrap gives the errors to errors.Is and errors.As.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}
