package cmd

import (
	"strings"
	"testing"
	"time"
)

func TestColored(t *testing.T) {
	for _, tt := range []struct {
		flag     string
		terminal bool
		env      string
		want     bool
	}{
		{"auto", true, "", true},
		{"auto", false, "", false},
		{"auto", true, "TERM=dumb", false},
		{"auto", true, "NO_COLOR=1", false},
		{"auto", true, "NO_COLOR=", true}, // no-color.org: where it is not empty
		{"auto", true, "CLICOLOR=0", false},
		{"auto", false, "CLICOLOR_FORCE=1", true},
		{"auto", false, "CLICOLOR_FORCE=0", false},
		{"auto", false, "NO_COLOR=1 CLICOLOR_FORCE=1", false},
		{"always", false, "NO_COLOR=1", true},
		{"never", true, "CLICOLOR_FORCE=1", false},
	} {
		getenv := func(key string) string {
			for _, kv := range strings.Fields(tt.env) {
				if v, ok := strings.CutPrefix(kv, key+"="); ok {
					return v
				}
			}
			return ""
		}
		if got := colored(tt.flag, tt.terminal, getenv); got != tt.want {
			t.Errorf("%s, terminal %v, %s: %v", tt.flag, tt.terminal, tt.env, got)
		}
	}
}

// TestProgress: the line fits the terminal, and what is written meanwhile is not
// mixed with it.
func TestProgress(t *testing.T) {
	for _, width := range []int{200, 80, 40, 20, 8} {
		p := &progressLine{width: width, files: 20_000}
		p.total.Store(20_000)
		for range 10_000 {
			p.file()
		}
		if got := p.line(); len(got) > width-1 && width > 8 || len(got) > width || !strings.Contains(got, "50%") {
			t.Errorf("%d columns: %q", width, got)
		}
	}
	var b strings.Builder
	p := &progressLine{w: &b, width: 80, files: 1, end: make(chan struct{})}
	p.read(10)
	p.objects(5)
	p.ended.Go(p.loop)
	for !strings.Contains(locked(p, &b), "50%  5 of 10 objects") {
		time.Sleep(10 * time.Millisecond)
	}
	if _, err := p.Write([]byte("error\n")); err != nil {
		t.Fatal(err)
	}
	p.stop()
	if !strings.Contains(b.String(), "objects\r\x1b[Kerror\n") || strings.HasSuffix(b.String(), "objects") {
		t.Errorf("wrote %q", b.String())
	}
}

func locked(p *progressLine, b *strings.Builder) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return b.String()
}
