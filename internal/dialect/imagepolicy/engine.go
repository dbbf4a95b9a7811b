package imagepolicy

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"sync"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/errors"
)

// The bounds on one evaluation, besides those of estimator.
const (
	maxInput = 512 << 10 // bytes
	maxDepth = 200       // of lists and mappings in the input
	maxUses  = 200       // of a cue.Context, which keeps what it has seen
)

// violation is one error of CUE.
type violation struct {
	path []string // of the value, from the input's root; list indices are numbers
	text string   // CUE's reason, without the path
}

// engine evaluates one CUE policy. It is safe for concurrent use.
type engine struct {
	source string
	cost   *estimator

	mu    sync.Mutex
	idle  []*session
	known map[[sha256.Size]byte][]violation // what was found for an input
}

// session is a cue.Context with the policy compiled in it. Contexts are not
// safe for concurrent use and grow with every evaluation.
type session struct {
	ctx    *cue.Context
	policy cue.Value
	uses   int
}

// newEngine compiles a policy. All that is wrong with it is returned at once.
func newEngine(source string) (*engine, []error) {
	if errs := checkBudget(source); len(errs) > 0 {
		return nil, errs
	}
	if os.Getenv("CUE_DEBUG") != "" {
		return nil, []error{errDebug}
	}
	cost, err := newEstimator(source)
	if err != nil {
		return nil, []error{err}
	}
	if err := cost.check(size{1, 1}); err != nil {
		return nil, []error{err}
	}
	e := &engine{source: source, cost: cost, known: map[[sha256.Size]byte][]violation{}}
	_, err = guard(context.Background(), func() ([]violation, error) {
		s := e.newSession()
		e.idle = []*session{s}
		return nil, s.policy.Err()
	})
	var errs []error
	for _, err := range errors.Errors(err) {
		errs = append(errs, at(err.Position(), "%s", violation{err.Path(), text(err)}))
	}
	return e, errs
}

// newSession compiles the policy in a context of its own.
func (e *engine) newSession() *session {
	ctx := newContext()
	return &session{ctx: ctx, policy: ctx.CompileString(e.source)}
}

// evaluate unifies the policy with the input, JSON, and returns CUE's errors.
// Like the controller it does not ask for concrete values: what is absent
// passes. Its own error says that the input was not judged.
func (e *engine) evaluate(ctx context.Context, input []byte) ([]violation, error) {
	in, err := measure(input)
	if err != nil {
		return nil, err
	}
	if err := e.cost.check(in); err != nil {
		return nil, fmt.Errorf("on this object %w", err)
	}
	key := sha256.Sum256(input)
	s, found, known := e.begin(key)
	if known {
		return found, nil
	}
	found, err = guard(ctx, func() ([]violation, error) {
		if s == nil {
			s = e.newSession()
		}
		return s.judge(input)
	})
	if err != nil {
		return nil, err
	}
	e.end(key, s, found)
	return found, nil
}

// begin returns what is known of an input, or a session to find out with, nil
// where none is idle.
func (e *engine) begin(key [sha256.Size]byte) (s *session, found []violation, known bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if found, known = e.known[key]; known {
		return nil, found, true
	}
	if n := len(e.idle); n > 0 {
		s, e.idle = e.idle[n-1], e.idle[:n-1]
	}
	return s, nil, false
}

// end keeps what was found, and the session unless it has grown too much.
func (e *engine) end(key [sha256.Size]byte, s *session, found []violation) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.known[key] = found
	if s.uses++; s.uses < maxUses {
		e.idle = append(e.idle, s)
	}
}

// judge evaluates one input.
func (s *session) judge(input []byte) ([]violation, error) {
	v := s.ctx.CompileBytes(input)
	if err := v.Err(); err != nil {
		return nil, fmt.Errorf("CUE cannot read the object: %w", err)
	}
	var out []violation
	for _, err := range errors.Errors(s.policy.Unify(v).Validate()) {
		out = append(out, violation{err.Path(), text(err)})
	}
	return out, nil
}

// guard runs one evaluation, whose cost is known to be bounded. CUE's evaluator
// cannot be interrupted: where the run is over, it is left behind.
func guard(ctx context.Context, evaluation func() ([]violation, error)) ([]violation, error) {
	type result struct {
		found []violation
		err   error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if p := recover(); p != nil {
				r = result{err: fmt.Errorf("CUE failed: %v", p)}
			}
			done <- r
		}()
		r.found, r.err = evaluation()
	}()
	select {
	case r := <-done:
		return r.found, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// measure returns the size of an object, or refuses one that is too large or too
// deep for CUE.
func measure(input []byte) (size, error) {
	if len(input) > maxInput {
		return size{}, fmt.Errorf("the object is longer than %d bytes", maxInput)
	}
	s := size{nodes: 1, fanout: 1}
	var open []float64 // elements so far of the lists and mappings around
	inString := false
	for i := 0; i < len(input); i++ {
		switch c := input[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{', c == '[':
			open = append(open, 1)
			if len(open) > maxDepth {
				return size{}, fmt.Errorf("the object is nested deeper than %d levels", maxDepth)
			}
			s.nodes++
		case c == '}', c == ']':
			if n := len(open); n > 0 {
				s.fanout = max(s.fanout, open[n-1])
				open = open[:n-1]
			}
		case c == ',' && len(open) > 0:
			open[len(open)-1]++
			s.nodes++
		}
	}
	return s, nil
}

// maxText bounds the length of CUE's reasons, which quote values in full.
const maxText = 400

// text returns the reason of a CUE error without its path.
func text(err errors.Error) string {
	format, args := err.Msg()
	s := fmt.Sprintf(format, args...)
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "..."
	}
	return s
}
