package fn_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	sdk "github.com/kptdev/krm-functions-sdk/go/fn"

	"github.com/usergroup-dev/usergroup/fn"
)

// TestRunFailedWrite: an output that is not complete is never a success.
func TestRunFailedWrite(t *testing.T) {
	var log bytes.Buffer
	code := fn.Run(context.Background(), strings.NewReader(input(unsetPod)), failingWriter{}, &log, nil)
	if code != fn.ExitInvalid || !strings.Contains(log.String(), "disk full") {
		t.Errorf("exit code %d, log %q; want 2 and the reason", code, &log)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// TestRunFailedRead: a stream that breaks off writes nothing.
func TestRunFailedRead(t *testing.T) {
	var out, log bytes.Buffer
	in := io.MultiReader(strings.NewReader(input(unsetPod)), iotest.ErrReader(errors.New("pipe broke")))
	code := fn.Run(context.Background(), in, &out, &log, nil)
	if code != fn.ExitInvalid || out.Len() > 0 || !strings.Contains(log.String(), "pipe broke") {
		t.Errorf("exit code %d, %d bytes, log %q; want 2, none, and the reason", code, out.Len(), &log)
	}
}

// TestRunCancelled: a run that is cancelled writes nothing.
func TestRunCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, log bytes.Buffer
	if code := fn.Run(ctx, strings.NewReader(input(unsetPod)), &out, &log, nil); code != fn.ExitInvalid || out.Len() > 0 {
		t.Errorf("exit code %d, %d bytes, log %q; want 2 and none", code, out.Len(), &log)
	}
}

// TestRunTruncated: an input that breaks off is refused, or else every object
// that it held is written back.
func TestRunTruncated(t *testing.T) {
	whole := input(unsetPod, rootPod)
	for n := range len(whole) {
		var out, log bytes.Buffer
		code := fn.Run(context.Background(), strings.NewReader(whole[:n]), &out, &log, nil)
		if code == fn.ExitOK && strings.Count(out.String(), "kind: Pod") != strings.Count(whole[:n], "kind: Pod") {
			t.Errorf("exit code 0 and less than came in, on the first %d bytes:\n%s", n, &out)
		}
		if code == fn.ExitInvalid && log.Len() == 0 {
			t.Errorf("nothing said of the first %d bytes", n)
		}
	}
}

// TestResultsAgreeWithSDK: the results that the function prints are, read by the
// SDK, those that the adapter gives, hostile strings included.
func TestResultsAgreeWithSDK(t *testing.T) {
	hostile := []string{
		"plain", "1e3", "yes", "null", "a: b", `"quoted"`, "tab\there", "new\nline", "- dash", "é", "\u2028", "#", "{}", "*a", "&a", "0x10", "a#b", "a: ", "\u0085", "\x7f",
	}
	for _, name := range hostile {
		pod := strings.Replace(rootPod, "name: root", "name: "+quote(name), 1)
		var out, log bytes.Buffer
		fn.Run(context.Background(), strings.NewReader(input(pod)), &out, &log, nil)
		rl, err := sdk.ParseResourceList(out.Bytes())
		if err != nil {
			t.Errorf("name %q: %v\n%s", name, err, &out)
			continue
		}
		if len(rl.Results) != 1 || rl.Results[0].ResourceRef.Name != name {
			t.Errorf("name %q: results %v", name, rl.Results)
		}
	}
}

// quote writes a string as YAML, whatever is in it.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString("\\" + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\u2028':
			b.WriteString(`\L`)
		case r == '\u0085':
			b.WriteString(`\N`)
		case r == 0x7f:
			b.WriteString(`\x7f`)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
