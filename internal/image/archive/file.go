package archive

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/usergroup-dev/usergroup/internal/image/oci"
)

// file is a tar archive with its table of contents, so that a member is read
// without reading what is before it. Where the archive is compressed that
// cannot be had, and each member costs decompressing up to it: those that are small,
// as manifests and configurations are, are kept.
type file struct {
	path    string
	gzip    bool
	members map[string]member
	room    int64 // for more members that are kept, in bytes
}

const (
	maxKept = 64 << 10 // bytes of a member that is kept
	maxRoom = 64 << 20 // bytes of all of them
)

// member is one entry of the archive.
type member struct {
	offset, size int64  // of its content in the plain archive
	link         string // where it is a link: the member it stands for
	kept         []byte // its content, where the archive is compressed and it is small
}

// maxLinks bounds links that lead to links. Old versions of docker save link
// layers that images share.
const maxLinks = 8

// gzipMagic begins every gzip file (RFC 1952).
var gzipMagic = []byte{0x1f, 0x8b}

// openFile reads the table of contents of an archive.
func openFile(ctx context.Context, path string) (*file, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	magic := make([]byte, len(gzipMagic))
	if _, err := io.ReadFull(f, magic); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && err != io.EOF {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	out := &file{path: path, gzip: bytes.Equal(magic, gzipMagic), members: map[string]member{}, room: maxRoom}
	if !out.gzip {
		// Neither side buffers: after a header the file is at the content,
		// and what is not read is skipped by seeking.
		return out, out.index(ctx, f, func() (int64, error) { return f.Seek(0, io.SeekCurrent) })
	}
	zr, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return nil, err
	}
	c := &counter{r: zr}
	return out, out.index(ctx, c, func() (int64, error) { return c.n, nil })
}

// index fills in members. offset tells how far r has been read.
func (f *file) index(ctx context.Context, r io.Reader, offset func() (int64, error)) error {
	tr := tar.NewReader(r)
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		h, err := tr.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("not a tar archive: %w", err)
		}
		m := member{size: h.Size}
		if m.offset, err = offset(); err != nil {
			return err
		}
		name := clean(h.Name)
		switch h.Typeflag {
		case tar.TypeReg:
			if m.kept, err = f.keep(tr, h.Size); err != nil {
				return fmt.Errorf("not a tar archive: %w", err)
			}
		case tar.TypeSymlink:
			m.link = clean(path.Join(path.Dir(name), h.Linkname))
		case tar.TypeLink:
			m.link = clean(h.Linkname)
		default:
			continue
		}
		f.members[name] = m
	}
}

// keep reads a member that is to be kept.
func (f *file) keep(content io.Reader, size int64) ([]byte, error) {
	if !f.gzip || size > min(maxKept, f.room) {
		return nil, nil
	}
	f.room -= size
	data := make([]byte, size)
	_, err := io.ReadFull(content, data)
	return data, err
}

func clean(name string) string { return path.Clean("/" + name)[1:] }

// open opens a member. The error wraps fs.ErrNotExist where there is none.
func (f *file) open(name string) (io.ReadCloser, error) {
	m, ok := f.members[clean(name)]
	for range maxLinks {
		if !ok || m.link == "" {
			break
		}
		m, ok = f.members[m.link]
	}
	if !ok || m.link != "" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if m.kept != nil {
		return io.NopCloser(bytes.NewReader(m.kept)), nil
	}
	osf, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	if !f.gzip {
		return readCloser{io.NewSectionReader(osf, m.offset, m.size), osf}, nil
	}
	zr, err := gzip.NewReader(bufio.NewReader(osf))
	if err == nil {
		_, err = io.CopyN(io.Discard, zr, m.offset)
	}
	if err != nil {
		osf.Close()
		return nil, err
	}
	return readCloser{io.LimitReader(zr, m.size), osf}, nil
}

// read reads a member that is a document.
func (f *file) read(name string) ([]byte, error) {
	rc, err := f.open(name)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	data, err := oci.ReadAll(rc, oci.MaxDocument)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
