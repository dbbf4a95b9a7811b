// Command cmd makes the files of a release out of binaries that have been built;
// "make release" runs it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/usergroup-dev/usergroup/internal/cmd"
	"github.com/usergroup-dev/usergroup/internal/release"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("release: ")
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(args []string) error {
	c := release.Contents{Binaries: map[string][]byte{}, SBOMs: map[string][]byte{}, Shared: map[string][]byte{}}
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.StringVar(&c.Version, "version", "", "version of the release, as v1.2.3")
	seconds := flags.Int64("time", 0, "time of all files, in `seconds` since 1970")
	flags.Func("binary", "`platform=folder` of a binary and its sbom.json, as in linux/amd64=dist/linux-amd64; repeat for each platform", func(v string) error {
		platform, dir, ok := strings.Cut(v, "=")
		if !ok {
			return errors.New("must be platform=folder")
		}
		var err, err2 error
		c.Binaries[platform], err = os.ReadFile(filepath.Join(dir, "usergroup"))
		c.SBOMs[platform], err2 = os.ReadFile(filepath.Join(dir, "sbom.json"))
		return errors.Join(err, err2)
	})
	image := flags.String("image", "", "`folder` of the image, an OCI layout")
	out := flags.String("out", "", "`folder` to write the release to; what it held is removed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	c.Time = time.Unix(*seconds, 0).UTC()
	var err error
	if c.Shared, err = release.Documents(cmd.Root(), c.Version, c.Time); err != nil {
		return err
	}
	for _, name := range []string{"LICENSE", "README.md"} {
		if c.Shared[name], err = os.ReadFile(name); err != nil {
			return err
		}
	}
	if *image != "" {
		if c.Image, err = folder(*image); err != nil {
			return err
		}
	}
	files, err := release.Build(c)
	if err != nil {
		return err
	}
	return write(*out, files)
}

// folder reads the files below a folder.
func folder(dir string) (map[string][]byte, error) {
	out := map[string][]byte{}
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		out[path], err = fs.ReadFile(root, path)
		return err
	})
	return out, err
}

func write(dir string, files release.Files) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := os.WriteFile(filepath.Join(dir, name), files[name], 0o666); err != nil {
			return err
		}
		if _, err := fmt.Printf("%s: %d KiB\n", filepath.Join(dir, name), len(files[name])/1024); err != nil {
			return err
		}
	}
	return nil
}
