package readall_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/usergroup-dev/usergroup/internal/readall"
)

// TestRead reads inputs around the sizes at which the buffer changes.
func TestRead(t *testing.T) {
	for _, size := range []int{0, 1, 64 << 10, 64<<10 + 1, 512 << 10, 8<<20 - 1, 8 << 20, 8<<20 + 1, 27 << 20, 64 << 20, 64<<20 + 1, 150 << 20} {
		want := make([]byte, size)
		for i := 0; i < size; i += 4093 {
			want[i] = byte(i)
		}
		for _, r := range []io.Reader{bytes.NewReader(want), readall.Only{Reader: bytes.NewReader(want)}} {
			seen := 0
			got, err := readall.Read(r, func(all []byte) {
				if len(all) <= seen || !bytes.Equal(all[seen:], want[seen:len(all)]) {
					t.Errorf("%d bytes: seen %d and then others", size, seen)
				}
				seen = len(all)
			})
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%d bytes are read as %d others", size, len(got))
			}
			if seen != size {
				t.Errorf("%d bytes: %d seen", size, seen)
			}
		}
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("broken")
	_, err := readall.Read(io.MultiReader(bytes.NewReader(make([]byte, 10<<20)), iotest.ErrReader(broken)), nil)
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}
