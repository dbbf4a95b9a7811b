// Command bench measures the function against functions that do nothing, on the
// same inputs in one run, and prints wall time, processor time and peak memory
// with their ratios.
//
//	go run ./bench [-runs N]
//	go run ./bench -start -runs 100
//
// Programs are run in turn, not one after the other's last run, so that a noisy
// machine is unfair to none. Times are medians; memory is the largest.
//
// The peak memory that the kernel reports of a process begins with that of the
// process that started it, so this one stays small: inputs are made by a process
// of their own and kept in files.
//
// The input policies shows what another policy costs: the same objects under one
// policy and under two, and (t(2)-t(1))/t(1).
package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"
)

func main() {
	runs := flag.Int("runs", 11, "runs of each program on each input")
	only := flag.String("input", "", "measure this input only")
	inputs := flag.String("make", "", "only make this input, on standard output")
	start := flag.Bool("start", false, "measure only the start of the program and of programs that link one of its libraries")
	flag.Parse()
	if *inputs != "" {
		if err := makeInput(os.Stdout, *inputs); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	run := func() error { return bench(os.Stdout, *runs, *only) }
	if *start {
		run = func() error { return startUp(os.Stdout, *runs) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// program is something to run, with standard input and without output.
type program struct {
	name string
	path string
	file string // its standard input
	args []string
	dir  string // where it runs; "" for here
	// found returns the names of the objects that break the policy, of a program that
	// is asked for them.
	found func(output []byte) ([]string, error)
}

// input is what programs read.
type input struct {
	name string
	doc  string
	make func() ([]byte, error)
	// command prepares files below a folder and returns the arguments of a command
	// that is measured on them, and their size. make is nil then.
	command func(dir string) (args []string, size int64, err error)
	// alone inputs have no baseline: what is of interest is how the function
	// grows with them.
	alone bool
	// neighbours is whether the command is measured beside those of others.
	neighbours bool
	// beside are inputs that are measured in the same runs, for what they cost
	// more than this one.
	beside []input
}

// bench measures the programs on all inputs, or on one.
func bench(out io.Writer, runs int, only string) error {
	return withPrograms(func(dir string, programs []program) error {
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, in := range inputs() {
			if only != "" && in.name != only {
				continue
			}
			if err := benchInput(w, runs, in, dir, programs); err != nil {
				return err
			}
			if err := w.Flush(); err != nil {
				return err
			}
		}
		return nil
	})
}

// benchInput measures the programs on one input, in a folder for what they read.
func benchInput(w io.Writer, runs int, in input, dir string, programs []program) error {
	ps := slices.Clone(programs)
	if in.alone {
		ps = ps[:1]
	}
	size, err := prepare(ps, in, dir)
	if err != nil {
		return err
	}
	for _, other := range in.beside {
		file := filepath.Join(dir, other.name+".yaml")
		if _, err := writeInput(file, other.name); err != nil {
			return err
		}
		ps = append(ps, program{name: other.name, path: programs[0].path, file: file})
	}
	fmt.Fprintf(w, "%s: %s, %.1f MB\n", in.name, in.doc, float64(size)/1e6)
	if in.neighbours {
		if ps, err = withNeighbours(w, ps[0], filepath.Join(dir, in.name)); err != nil {
			return err
		}
	}
	fmt.Fprint(w, "program\twall ms\tcpu ms\tpeak MiB\twall ratio\tpeak ratio\t\n")
	samples, err := measure(ps, runs)
	if err != nil {
		return err
	}
	measured := summarize(samples)
	for i, m := range measured {
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.1f\t%.2f\t%.2f\t\n", ps[i].name,
			ms(m.wall), ms(m.cpu), float64(m.peak)/(1<<20),
			float64(measured[0].wall)/float64(m.wall), float64(measured[0].peak)/float64(m.peak))
	}
	for i, other := range in.beside {
		wall, cpu := more(samples[0], samples[len(samples)-len(in.beside)+i])
		fmt.Fprintf(w, "%s, %s: %+.2f wall, %+.2f cpu\n", other.name, other.doc, wall, cpu)
	}
	_, err = fmt.Fprintln(w)
	return err
}

// withPrograms calls f with the function and the baselines, and with the folder that
// they are in, which is removed in the end.
func withPrograms(f func(dir string, programs []program) error) error {
	dir, err := os.MkdirTemp("", "usergroup-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	programs, err := build(dir)
	if err != nil {
		return err
	}
	return f(dir, programs)
}

// prepare makes an input, gives it to the programs, and returns its size.
func prepare(ps []program, in input, dir string) (int64, error) {
	if in.command != nil {
		args, size, err := in.command(filepath.Join(dir, in.name))
		ps[0].file, ps[0].args = os.DevNull, args
		return size, err
	}
	file := filepath.Join(dir, in.name+".yaml")
	for i := range ps {
		ps[i].file = file
	}
	return writeInput(file, in.name)
}

// more is how much more b costs than a, as a part of a: the median of the rounds,
// in each of which one ran right after the other.
func more(a, b []sample) (wall, cpu float64) {
	of := func(get func(sample) time.Duration) float64 {
		parts := make([]float64, len(a))
		for i := range a {
			parts[i] = float64(get(b[i])-get(a[i])) / float64(get(a[i]))
		}
		slices.Sort(parts)
		return parts[len(parts)/2]
	}
	return of(func(s sample) time.Duration { return s.wall }), of(func(s sample) time.Duration { return s.cpu })
}

// build compiles the function and the baselines, all stripped alike.
func build(dir string) ([]program, error) {
	var programs []program
	for _, p := range []struct{ name, pkg string }{
		{"usergroup", "."},
		{"sdk no-op", "./bench/baseline/sdk"},
		{"kyaml no-op", "./bench/baseline/kyaml"},
	} {
		path := filepath.Join(dir, filepath.Base(p.pkg)+"-program")
		if err := compile(p.pkg, path); err != nil {
			return nil, err
		}
		programs = append(programs, program{name: p.name, path: path})
	}
	return programs, nil
}

// compile builds a package, or a file, as the image is built.
func compile(pkg, path string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, msg)
	}
	return nil
}

// sample is what one run costs, or the summary of several.
type sample struct {
	wall, cpu time.Duration
	peak      int64 // bytes
	faults    int64 // pages that the kernel had to hand out or map
}

// writeInput has another process write an input to a file and returns its size.
func writeInput(file, name string) (int64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	f, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	cmd := exec.Command(self, "-make", name)
	cmd.Stdout, cmd.Stderr = f, os.Stderr
	if err := cmd.Run(); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// measure returns the samples of each program.
func measure(programs []program, runs int) ([][]sample, error) {
	samples := make([][]sample, len(programs))
	for range runs {
		for i, p := range programs {
			s, err := runOnce(p)
			if err != nil {
				return nil, fmt.Errorf("%s on %s: %w", p.name, p.file, err)
			}
			samples[i] = append(samples[i], s)
		}
	}
	return samples, nil
}

func summarize(samples [][]sample) []sample {
	out := make([]sample, len(samples))
	for i, ss := range samples {
		out[i] = sample{
			wall:   median(ss, func(s sample) time.Duration { return s.wall }),
			cpu:    median(ss, func(s sample) time.Duration { return s.cpu }),
			peak:   slices.MaxFunc(ss, func(a, b sample) int { return int(a.peak - b.peak) }).peak,
			faults: median(ss, func(s sample) int64 { return s.faults }),
		}
	}
	return out
}

// runOnce runs a program on a pipe, as the hosts do, or a command on files.
func runOnce(p program) (sample, error) {
	f, err := os.Open(p.file)
	if err != nil {
		return sample{}, err
	}
	defer f.Close()
	var errs bytes.Buffer
	cmd := exec.Command(p.path, p.args...)
	cmd.Dir, cmd.Stdin, cmd.Stderr = p.dir, readerOnly{f}, &errs
	cmd.Stdout = writerOnly{io.Discard}
	start := time.Now()
	err = p.failed(cmd.Run())
	wall := time.Since(start)
	if err != nil {
		return sample{}, fmt.Errorf("%w\n%s", err, errs.Bytes()[:min(errs.Len(), 2000)])
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return sample{
		wall: wall,
		cpu:  cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		peak: usage.Maxrss << 10, faults: usage.Minflt,
	}, nil
}

// readerOnly keeps os/exec from giving the program the file: hosts give it a
// pipe.
type readerOnly struct{ io.Reader }

// writerOnly keeps os/exec from giving the program /dev/null: hosts read what a
// function writes.
type writerOnly struct{ io.Writer }

func median[N cmp.Ordered](ss []sample, of func(sample) N) N {
	ds := make([]N, len(ss))
	for i, s := range ss {
		ds[i] = of(s)
	}
	slices.Sort(ds)
	return ds[len(ds)/2]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
