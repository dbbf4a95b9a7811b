package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/image"
	"github.com/usergroup-dev/usergroup/image/sources"
	"github.com/usergroup-dev/usergroup/internal/image/lock"
)

// imageFlags are the flags that say where image configurations come from.
type imageFlags struct{ sources.Options }

func (f *imageFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.Locks, "image-lock", nil, "ImageUserLock file, consulted before any other source; may be repeated")
	f.addSources(flags)
}

func (f *imageFlags) addSources(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.Layouts, "image-layout", nil, "OCI image layout folder; may be repeated")
	flags.StringArrayVar(&f.Archives, "image-archive", nil, "tarball from docker save, or of an OCI layout; may be repeated")
	flags.BoolVar(&f.Offline, "offline", false, "do not contact registries")
	flags.BoolVar(&f.NoCache, "no-cache", false, "do not cache image configurations on disk")
	flags.StringArrayVar(&f.Insecure, "insecure-registry", nil, "registry that may be contacted over plain HTTP; may be repeated")
	flags.StringToStringVar(&f.Mirrors, "registry-mirror", nil, "registry=mirror: read from the mirror instead; may be repeated")
	flags.DurationVar(&f.Timeout, "image-timeout", 0, "timeout for reading one image (default 30s)")
}

// check finds files that the flags name and that are not there, also where no policy
// asks for images.
func (f *imageFlags) check() error {
	var errs []error
	for _, flag := range []struct {
		name  string
		paths []string
	}{{"image-lock", f.Locks}, {"image-layout", f.Layouts}, {"image-archive", f.Archives}} {
		for _, path := range flag.paths {
			if _, err := os.Stat(path); err != nil {
				errs = append(errs, fmt.Errorf("--%s: %w", flag.name, err))
			}
		}
	}
	return errors.Join(errs...)
}

// functionSources are the sources of the function: it has no flags.
var functionSources fn.Sources = sources.Options{}.For

func newImages(s Streams) *cobra.Command {
	return family("images", "write and verify a lock file of the users of images", newImagesLock(s), newImagesVerify(s))
}

// lockFlags are what images lock and images verify have in common.
type lockFlags struct {
	imageFlags
	tree     treeFlags
	file     string
	policies []string
}

func (f *lockFlags) add(flags *pflag.FlagSet) {
	flags.StringVarP(&f.file, "file", "f", "images.usergroup.yaml", "lock file; - is standard output")
	flags.StringArrayVarP(&f.policies, "policy", "p", nil, "policy whose podSpecPaths name more kinds with pods; may be repeated")
	f.tree.add(flags)
	f.tree.addRendered(flags)
	f.addSources(flags)
}

func newImagesLock(s Streams) *cobra.Command {
	var f lockFlags
	var platforms []string
	cmd := &cobra.Command{
		Use:   "lock PATH…",
		Short: "resolve every image in the manifests and write its user to a lock file",
		Long: `lock resolves every image in the manifests and writes its digest, platform and user,
and the ids that the names in USER stand for, to a lock file. With the file in a
policy's images.lock or in --image-lock, images are checked without network access.`,
		Example: `  usergroup images lock manifests/
  kustomize build . | usergroup images lock -`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if info, err := os.Stat(f.file); err == nil && info.IsDir() {
				return fmt.Errorf("--file %s: is a folder, must be a file", f.file)
			}
			refs, src, err := f.open(cmd.Context(), args, s)
			if err != nil {
				return err
			}
			l, err := lock.Build(cmd.Context(), src, refs, platforms, progress(s.Err))
			if err != nil {
				return err
			}
			data, err := l.Marshal()
			if err != nil {
				return err
			}
			return f.write(data, s)
		},
	}
	f.add(cmd.Flags())
	cmd.Flags().StringSliceVar(&platforms, "platform", []string{image.DefaultPlatform}, "os/arch[/variant]; may be repeated")
	return cmd
}

func newImagesVerify(s Streams) *cobra.Command {
	var f lockFlags
	cmd := &cobra.Command{
		Use:   "verify PATH…",
		Short: "list stale, missing and unused entries of the lock file",
		Long: `verify resolves every image in the manifests again and lists the entries of the lock
file that are stale, missing or unused. If there are any, the exit code is 1.`,
		Example: `  usergroup images verify manifests/
  usergroup images verify --file locks/images.yaml manifests/`,
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := os.ReadFile(f.file)
			if err != nil {
				return fmt.Errorf("lock file: %w: usergroup images lock writes one", err)
			}
			refs, src, err := f.open(cmd.Context(), args, s)
			if err != nil {
				return err
			}
			l, err := lock.Parse(data)
			if err != nil {
				return fmt.Errorf("%s: %w", f.file, err)
			}
			stale := lock.Verify(cmd.Context(), src, l, refs)
			for _, st := range stale {
				if _, err := fmt.Fprintln(s.Out, st); err != nil {
					return err
				}
			}
			if len(stale) > 0 {
				return &exitError{code: fn.ExitFindings}
			}
			return nil
		},
	}
	f.add(cmd.Flags())
	return cmd
}

// open lists the images of the manifests and opens the sources to ask for them.
func (f *lockFlags) open(ctx context.Context, args []string, s Streams) ([]string, image.Source, error) {
	refs, err := f.images(ctx, args, s)
	if err != nil {
		return nil, nil, err
	}
	src, err := f.Open()
	return refs, src, err
}

// images lists the images of the manifests.
func (f *lockFlags) images(ctx context.Context, args []string, s Streams) ([]string, error) {
	sources, err := f.tree.readSources(ctx, args, s)
	if err != nil {
		return nil, err
	}
	all := items(sources)
	configs, err := readConfigs(f.policies, s)
	if err != nil {
		return nil, err
	}
	ps, err := engine.Policies(configs, all)
	if err != nil {
		return nil, err
	}
	p, err := engine.New(ps, engine.Options{})
	if err != nil {
		return nil, err
	}
	refs, err := p.Images(ctx, all)
	if err == nil && len(refs) == 0 {
		err = errors.New("no images in the manifests")
	}
	return refs, err
}

func (f *lockFlags) write(data []byte, s Streams) error {
	if f.file == "-" {
		_, err := s.Out.Write(data)
		return err
	}
	return s.writer.Write(f.file, all(data))
}

// progress returns a progress bar for a terminal, nil for anything else.
func progress(w io.Writer) func(done, total int) {
	if !isTerminal(w) {
		return nil
	}
	const width = 30
	return func(done, total int) {
		bar := strings.Repeat("#", done*width/total)
		end := ""
		if done == total {
			end = "\n"
		}
		fmt.Fprintf(w, "\rresolving images [%-*s] %d/%d%s", width, bar, done, total, end)
	}
}
