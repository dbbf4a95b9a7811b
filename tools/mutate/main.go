// Command mutate says how much of what a package does its tests would miss.
//
// It changes the package in many small ways, one at a time (a condition negated,
// a call left out, a boundary moved), and runs the tests against each: a mutant
// that no test notices has survived. All mutants are compiled in at once, behind
// switches, so that a test binary is built once and not once for each; and of
// the tests only those are run that come to the place of the mutant.
//
//	go -C tools run ./mutate [-sample N] [-file REGEXP] [-again FILE] [-with PACKAGE,…] PACKAGE…
//
// With -file it tries the mutants of some files alone, with -again those that an
// earlier run has printed.
//
// Packages are directories below the module of the working directory's parent.
// The survivors go to standard output, one a line, then a table of counts. A
// survivor that equivalent.txt lists does not count: it cannot be told from the
// original.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
)

func main() {
	var c choice
	flag.IntVar(&c.sample, "sample", 0, "run at most this many mutants of each package, drawn at random (0: all)")
	flag.Uint64Var(&c.seed, "seed", 1, "seed of the draw")
	file := flag.String("file", "", "run only mutants of files whose name this regular expression matches")
	again := flag.String("again", "", "run only the mutants that are in this file, which holds what an earlier run has printed")
	with := flag.String("with", "", "comma-separated packages whose tests also run, where a package's own find nothing")
	workers := flag.Int("workers", 2, "mutants to run at a time")
	root := flag.String("root", "..", "directory of the module")
	known := flag.String("equivalent", "mutate/equivalent.txt", "list of mutants that cannot be told from the original")
	flag.Parse()
	var err error
	if c.file, err = regexp.Compile(*file); err == nil && *again != "" {
		c.again, err = readKeys(*again)
	}
	others := strings.FieldsFunc(*with, func(r rune) bool { return r == ',' })
	if err == nil {
		err = run(*root, flag.Args(), others, *known, c, *workers)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// choice says which mutants are tried.
type choice struct {
	sample int // how many of a package; 0 for all
	seed   uint64
	file   *regexp.Regexp
	again  map[string]bool // keys; nil for any
}

func (c *choice) has(m mutant) bool {
	return c.file.MatchString(m.file) && (c.again == nil || c.again[m.key()])
}

// counts of one package.
type counts struct{ mutants, reached, tried, killed, equivalent int }

func run(root string, dirs, others []string, known string, chosen choice, workers int) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	equivalent, err := readKeys(known)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	mutants, overlay, err := instrumentAll(root, work, dirs)
	if err != nil {
		return err
	}
	var suites []*suite
	for _, dir := range slices.Concat(dirs, others) {
		s, err := build(root, work, overlay, dir)
		if err != nil {
			return err
		}
		if err := s.record(workers); err != nil {
			return err
		}
		suites = append(suites, s)
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer table.Flush()
	fmt.Fprintln(table, "package\tmutants\treached\ttried\tequivalent\tkilled\tsurvived\tkilled %\t")
	var all counts
	for i, dir := range dirs {
		own := slices.Concat(suites[i:i+1], suites[len(dirs):])
		c := try(mutants[i], own, equivalent, chosen, workers)
		c.print(table, dir)
		all = counts{all.mutants + c.mutants, all.reached + c.reached, all.tried + c.tried, all.killed + c.killed, all.equivalent + c.equivalent}
	}
	all.print(table, "all")
	return nil
}

func (c counts) print(table *tabwriter.Writer, name string) {
	tried := c.tried - c.equivalent
	fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%.1f\t\n", name, c.mutants, c.reached, c.tried, c.equivalent, c.killed, tried-c.killed, 100*float64(c.killed)/float64(max(1, tried)))
}

// try runs the mutants that some suite reaches, or a sample of them, and prints
// those that survive.
func try(mutants []mutant, suites []*suite, equivalent map[string]bool, chosen choice, workers int) counts {
	mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return !chosen.has(m) })
	c := counts{mutants: len(mutants)}
	reached := slices.DeleteFunc(mutants, func(m mutant) bool {
		return !slices.ContainsFunc(suites, func(s *suite) bool { return len(s.reaching(m.id)) > 0 })
	})
	c.reached = len(reached)
	draw := rand.New(rand.NewPCG(chosen.seed, chosen.seed))
	draw.Shuffle(len(reached), func(i, j int) { reached[i], reached[j] = reached[j], reached[i] })
	if chosen.sample > 0 && chosen.sample < len(reached) {
		reached = reached[:chosen.sample]
	}
	c.tried = len(reached)
	killed := make([]bool, len(reached))
	each(workers, len(reached), func(i int) {
		killed[i] = !equivalent[reached[i].key()] && slices.ContainsFunc(suites, func(s *suite) bool { return s.kills(reached[i].id) })
		if !killed[i] && !equivalent[reached[i].key()] {
			fmt.Println(reached[i])
		}
	})
	for i, m := range reached {
		switch {
		case killed[i]:
			c.killed++
		case equivalent[m.key()]:
			c.equivalent++
		}
	}
	return c
}

// key names a mutant independently of lines that come and go elsewhere.
func (m mutant) key() string { return m.file + ": " + m.what + ": " + m.code }

// readKeys reads keys of mutants, one a line, with the number of the line or
// without. Comments begin with #.
func readKeys(name string) (map[string]bool, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	keys := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			keys[lineNumber.ReplaceAllString(line, "$1: ")] = true
		}
	}
	return keys, nil
}

// lineNumber is the number of a line behind the name of a file.
var lineNumber = regexp.MustCompile(`^([^ :]+):[0-9]+: `)
