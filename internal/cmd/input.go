package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/usergroup-dev/usergroup/internal/readall"
	"github.com/usergroup-dev/usergroup/internal/render"
	"github.com/usergroup-dev/usergroup/internal/tree"
	"github.com/usergroup-dev/usergroup/manifest"
)

// treeFlags say which files a command's arguments stand for.
type treeFlags struct {
	tree.Options
	maxSize   resource.QuantityValue
	limits    manifest.Limits
	kustomize []string
	helm      []string
	cluster   *cluster // nil where kubectl did not call the program
}

func (f *treeFlags) add(flags *pflag.FlagSet) {
	f.maxSize.Quantity = resource.MustParse("1Gi")
	flags.StringArrayVar(&f.Exclude, "exclude", nil, "files and folders to skip, as a .gitignore pattern; may be repeated")
	flags.BoolVar(&f.NoIgnore, "no-ignore", false, "also read files that .gitignore and .krmignore exclude")
	flags.Var(&f.maxSize, "max-size", "largest file to read")
	flags.IntVar(&f.limits.Items, "max-items", 1_000_000, "most objects in a file")
	flags.IntVar(&f.limits.Depth, "max-depth", manifest.MaxDepth, "deepest nesting of a document")
	flags.IntVar(&f.limits.Expanded, "max-expanded", manifest.MaxExpanded, "most values in an object after aliases are expanded")
}

// addRendered adds the flags that judge what is rendered.
func (f *treeFlags) addRendered(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.kustomize, "kustomize", nil, "kustomization folder to render and read; may be repeated")
	flags.StringArrayVar(&f.helm, "helm", nil, "Helm chart folder: print how to check what it renders")
}

// inputs are the files that the arguments of a command stand for.
type inputs struct {
	Streams
	files []tree.File
	// unread are errors about files that could not even be listed.
	unread  []error
	maxSize int64
	limits  manifest.Limits
	lean    bool  // nothing is going to be changed
	shard   shard // whose objects are read of files that are divided
	divided map[string]bool
	large   *atomic.Pointer[held]
	// lost are the errors of files that could not be read, by path: what a pass over
	// the files has not seen may not be judged in a later one as if it had.
	lost *sync.Map
	// kept are what can be read only once: standard input and pipes, by path.
	kept map[string][]byte
	// rendered are the folders among kept. The objects name the files that they are
	// from themselves.
	rendered   map[string]bool
	kustomized bool // whether kustomizations are among them
}

// open lists the files, and says what of the trees is left alone.
func (f *treeFlags) open(ctx context.Context, args []string, s Streams) (*inputs, error) {
	if len(f.helm) > 0 {
		if _, err := os.Stat(f.helm[0]); err != nil {
			return nil, fmt.Errorf("--helm: %w", err)
		}
		return nil, fmt.Errorf("--helm: render the chart with helm, and name that file: helm template %s > rendered.yaml", f.helm[0])
	}
	live := f.cluster != nil && len(args) == 0 && len(f.kustomize) == 0
	if len(args) == 0 && len(f.kustomize) == 0 && !live {
		return nil, errors.New("no manifests given: name files or folders, or - for standard input")
	}
	listing, err := tree.List(ctx, args, f.Options)
	if err != nil {
		return nil, err
	}
	for _, note := range listing.Notes {
		fmt.Fprintln(s.Err, "usergroup:", note)
	}
	in := &inputs{
		Streams: s, files: listing.Files, unread: listing.Errors, maxSize: f.maxSize.Value(), limits: f.limits,
		large: new(atomic.Pointer[held]), lost: new(sync.Map), kept: map[string][]byte{}, rendered: map[string]bool{},
	}
	if err := in.keep(); err != nil {
		return nil, err
	}
	if live {
		data, err := f.cluster.read(ctx, in.maxSize)
		if err != nil {
			return nil, err
		}
		in.add(fromCluster, data)
	}
	return in, in.render(f.kustomize)
}

// render adds what kustomizations render.
func (in *inputs) render(folders []string) error {
	for _, dir := range folders {
		data, err := render.Kustomize(dir, in.maxSize)
		if err != nil {
			return err
		}
		in.add(dir, data)
		in.kustomized = true
	}
	return nil
}

// origin returns what reads the files that kustomizations are rendered from, nil
// where none is rendered.
func (in *inputs) origin() func(file string) ([]*manifest.Item, error) {
	if !in.kustomized {
		return nil
	}
	return func(file string) ([]*manifest.Item, error) {
		data, err := tree.Read(tree.File{Path: file}, in.maxSize)
		if err != nil {
			return nil, err
		}
		stream, err := manifest.ReadWithin(file, data, in.limits)
		if err != nil {
			return nil, err
		}
		return stream.Items, nil
	}
}

// add adds objects that are in no file.
func (in *inputs) add(name string, data []byte) {
	in.files = append(in.files, tree.File{Path: name, Named: true})
	in.kept[name], in.rendered[name] = data, true
}

// keep reads what can be read only once.
func (in *inputs) keep() error {
	for _, f := range in.files {
		if !f.Named {
			continue
		}
		info, err := os.Stat(f.Path)
		if f.Path != tree.Stdin {
			if err != nil {
				in.lost.Store(f.Path, err)
			}
			if err != nil || info.Mode().IsRegular() {
				continue
			}
		}
		if in.kept[f.Path], err = in.bytes(f); err != nil {
			return fmt.Errorf("%s: %w", nameOf(f.Path), err)
		}
	}
	return nil
}

func (in *inputs) bytes(f tree.File) ([]byte, error) {
	if data, ok := in.kept[f.Path]; ok {
		return data, nil
	}
	if err, ok := in.lost.Load(f.Path); ok {
		return nil, err.(error)
	}
	data, err := in.fresh(f)
	if err != nil {
		in.lost.Store(f.Path, err)
	}
	return data, err
}

// fresh reads a file, or standard input.
func (in *inputs) fresh(f tree.File) ([]byte, error) {
	if f.Path != tree.Stdin {
		return in.file(f)
	}
	in.large.Store(&held{path: f.Path})
	from := in.In
	if in.maxSize > 0 {
		from = io.LimitReader(from, in.maxSize+1)
	}
	data, err := readall.Read(readall.Only{Reader: from}, nil)
	switch {
	case err != nil:
	case in.maxSize > 0 && int64(len(data)) > in.maxSize:
		err = tree.TooLarge(in.maxSize)
	case len(bytes.TrimSpace(data)) == 0:
		err = errors.New("is empty: nothing came through the pipe")
	}
	return data, err
}

// held is a large file that is held outside of the heap.
type held struct {
	path string
	data []byte
}

// file reads a file. The first large one is held outside of the heap to the end,
// as a large standard input is; others must be given back.
func (in *inputs) file(f tree.File) ([]byte, error) {
	if h := in.large.Load(); h != nil && h.path == f.Path && h.data != nil {
		return h.data, nil
	}
	var mine *held
	data, err := tree.ReadInto(f, in.maxSize, func(size int) []byte {
		if h := (&held{path: f.Path}); size > largeInput && in.large.CompareAndSwap(nil, h) {
			mine = h
			return readall.Room(size)
		}
		return make([]byte, 0, size)
	})
	switch {
	case err != nil:
	case mine != nil:
		mine.data = data
	case in.lean:
		collectFor(len(data))
	}
	return data, err
}

func (in *inputs) read(f tree.File) (*source, error) {
	data, err := in.bytes(f)
	if err != nil {
		return nil, err
	}
	return in.parse(f, data)
}

func (in *inputs) parse(f tree.File, data []byte) (*source, error) {
	name := nameOf(f.Path)
	if in.rendered[f.Path] {
		name = ""
	}
	stream, err := manifest.ReadWithin(name, data, in.limits)
	if err != nil {
		return nil, err
	}
	src := &source{file: f, data: data, stream: stream}
	if in.divided[f.Path] {
		in.shard.take(src)
	}
	return src, nil
}

// each calls f with the sources in order. Of files that cannot be read it calls
// broken with the error.
func (in *inputs) each(ctx context.Context, f func(*source) error, broken func(error)) error {
	for _, err := range in.unread {
		broken(err)
	}
	type read struct {
		src *source
		err error
	}
	return ordered(ctx, len(in.files),
		func(i int) read {
			src, err := in.read(in.files[i])
			return read{src, err}
		},
		func(_ int, r read) error {
			if r.err != nil {
				broken(r.err)
				return nil
			}
			return f(r.src)
		})
}

// readSources reads all files that the arguments stand for. All unreadable files
// are reported at once.
func (f *treeFlags) readSources(ctx context.Context, args []string, s Streams) ([]*source, error) {
	in, err := f.open(ctx, args, s)
	if err != nil {
		return nil, err
	}
	var sources []*source
	var errs []error
	err = in.each(ctx, func(src *source) error {
		sources = append(sources, src)
		return nil
	}, func(err error) { errs = append(errs, err) })
	return sources, errors.Join(append(errs, err)...)
}

// readFile reads one file that was named, or standard input.
func readFile(path string, s Streams) (*source, error) {
	in := &inputs{Streams: s, large: new(atomic.Pointer[held]), lost: new(sync.Map)}
	src, err := in.read(tree.File{Path: path, Named: true})
	var syntax *manifest.Error
	var file *os.PathError
	if err != nil && !errors.As(err, &syntax) && !errors.As(err, &file) {
		err = fmt.Errorf("%s: %w", nameOf(path), err)
	}
	return src, err
}
