// Command cmd makes the container image of usergroup out of binaries that have
// been built; "make image" runs it.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/usergroup-dev/usergroup/internal/imagebuild"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("imagebuild: ")
	if err := run(os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(args []string, out io.Writer) error {
	c := imagebuild.Contents{Binaries: map[string][]byte{}}
	flags := flag.NewFlagSet("imagebuild", flag.ContinueOnError)
	flags.Func("binary", "`platform=file` of a static binary, as in linux/amd64=dist/usergroup; repeat for each platform", func(v string) error {
		platform, file, ok := strings.Cut(v, "=")
		if !ok {
			return errors.New("must be platform=file")
		}
		data, err := os.ReadFile(file)
		c.Binaries[platform] = data
		return err
	})
	flags.Func("certificates", "`file` of trusted root certificates, PEM", func(v string) (err error) {
		c.Certificates, err = os.ReadFile(v)
		return err
	})
	flags.StringVar(&c.Version, "version", "devel", "version of the image")
	flags.StringVar(&c.Revision, "revision", "", "commit that the binaries were built from")
	layout := flags.String("layout", "", "`folder` to write the multi-platform image to, as an OCI layout; what it held is removed")
	archive := flags.String("tarball", "", "`file` to write this machine's platform to, for docker load")
	tag := flags.String("tag", "", "`reference` that the tarball is loaded as")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := writeLayout(*layout, c, out); err != nil {
		return err
	}
	return writeTarball(*archive, *tag, c, out)
}

func writeLayout(dir string, c imagebuild.Contents, out io.Writer) error {
	if dir == "" {
		return nil
	}
	idx, err := c.Index()
	if err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := imagebuild.WriteLayout(dir, c.Version, idx); err != nil {
		return err
	}
	digest, err := idx.Digest()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s: OCI layout %s@%s\n", dir, c.Version, digest)
	return err
}

func writeTarball(path, reference string, c imagebuild.Contents, out io.Writer) error {
	if path == "" {
		return nil
	}
	tag, err := name.NewTag(reference)
	if err != nil {
		return err
	}
	img, err := c.Image("linux/" + runtime.GOARCH)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := imagebuild.WriteTarball(&b, tag, img); err != nil {
		return err
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s: %s, %d KiB\n", path, reference, b.Len()/1024)
	return err
}
