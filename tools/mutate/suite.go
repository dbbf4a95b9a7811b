package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A suite is the test binary of one package, with the mutants in it.
type suite struct {
	binary, dir string
	tests       []test
}

// A test is one of a suite: how long it takes, and the mutants it reaches.
type test struct {
	name    string
	took    time.Duration
	reaches map[int]bool
}

// quick is how long a test may take to be among the first that a mutant meets.
const quick = 150 * time.Millisecond

// build compiles the tests of the package in dir.
func build(root, work, overlay, dir string) (*suite, error) {
	s := &suite{filepath.Join(work, strings.ReplaceAll(filepath.ToSlash(dir), "/", "_")+".test"), filepath.Join(root, dir), nil}
	cmd := exec.Command("go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", s.binary, "./"+dir)
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("tests of %s: %w", dir, err)
	}
	out, err := s.command(time.Minute, "", "-test.list", "^(Test|Fuzz|Example)").Output()
	if err != nil {
		return nil, err
	}
	for name := range strings.FieldsSeq(string(out)) {
		s.tests = append(s.tests, test{name: name})
	}
	return s, nil
}

// command runs the binary as go test would, but within bounds: a mutant may
// loop for ever, and take all the memory there is.
func (s *suite) command(timeout time.Duration, env string, args ...string) *exec.Cmd {
	const bounded = `ulimit -v 6000000; exec nice "$@"`
	args = append([]string{"-c", bounded, "sh", s.binary, "-test.short", "-test.timeout", timeout.String()}, args...)
	cmd := exec.Command("sh", args...)
	cmd.Dir = s.dir
	if env != "" {
		cmd.Env = append(os.Environ(), env)
	}
	return cmd
}

// record runs each test by itself without any mutant, to learn what it reaches.
func (s *suite) record(workers int) error {
	errs := make([]error, len(s.tests))
	each(workers, len(s.tests), func(i int) {
		t := &s.tests[i]
		log := s.binary + "." + strconv.Itoa(i)
		start := time.Now()
		if out, err := s.command(10*time.Minute, "MUTANTS_REACHED="+log, "-test.run", "^"+t.name+"$").CombinedOutput(); err != nil {
			errs[i] = fmt.Errorf("%s without a mutant: %w\n%s", t.name, err, out)
			return
		}
		t.took = time.Since(start)
		t.reaches, errs[i] = readReached(log)
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func readReached(log string) (map[int]bool, error) {
	data, err := os.ReadFile(log)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	reached := map[int]bool{}
	for line := range strings.FieldsSeq(string(data)) {
		id, err := strconv.Atoi(line)
		if err != nil {
			return nil, err
		}
		reached[id] = true
	}
	return reached, nil
}

// reaching returns the tests that come to a mutant.
func (s *suite) reaching(id int) []test {
	var out []test
	for _, t := range s.tests {
		if t.reaches[id] {
			out = append(out, t)
		}
	}
	return out
}

// kills says whether a test of the suite fails with the mutant switched on: the
// quick tests are asked first. Not to end in time is to fail.
func (s *suite) kills(id int) bool {
	var first, then []test
	for _, t := range s.reaching(id) {
		if t.took <= quick {
			first = append(first, t)
		} else {
			then = append(then, t)
		}
	}
	return s.fails(id, first) || s.fails(id, then)
}

func (s *suite) fails(id int, tests []test) bool {
	if len(tests) == 0 {
		return false
	}
	var names []string
	took := 10 * time.Second
	for _, t := range tests {
		names = append(names, t.name)
		took += 5 * t.took
	}
	cmd := s.command(took, "MUTANT="+strconv.Itoa(id), "-test.failfast", "-test.run", "^("+strings.Join(names, "|")+")$")
	return cmd.Run() != nil
}

// each calls f for 0 to n-1, so many at a time.
func each(workers, n int, f func(int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range workers {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
