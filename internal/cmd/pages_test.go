package cmd

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

var update = flag.Bool("update", false, "write docs/commands")

const pages = "../../docs/commands"

// TestCommandPages: docs/commands has a page for each command, generated from it,
// and no other. -update writes them.
func TestCommandPages(t *testing.T) {
	root := newRoot(Streams{Out: os.Stdout, Err: os.Stderr})
	want := map[string][]byte{"README.md": index(root)}
	each(root, func(c *cobra.Command) {
		var b bytes.Buffer
		link := func(name string) string { return name }
		c.DisableAutoGenTag = true
		if err := doc.GenMarkdownCustom(c, &b, link); err != nil {
			t.Fatal(err)
		}
		want[pageOf(c)] = tidy(b.Bytes())
	})
	if *update {
		if err := os.RemoveAll(pages); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(pages, 0o777); err != nil {
			t.Fatal(err)
		}
		for name, page := range want {
			if err := os.WriteFile(filepath.Join(pages, name), page, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	found, err := filepath.Glob(pages + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range found {
		if want[filepath.Base(file)] == nil {
			t.Errorf("%s is about no command", file)
		}
	}
	for name, page := range want {
		got, err := os.ReadFile(filepath.Join(pages, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if d := cmp.Diff(string(got), string(page)); d != "" {
			t.Errorf("%s (-page +command), go test ./internal/cmd -update writes it:\n%s", name, d)
		}
	}
}

// each calls f for a command and all below it that help lists.
func each(c *cobra.Command, f func(*cobra.Command)) {
	f(c)
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "help" && sub.Name() != "completion" {
			each(sub, f)
		}
	}
}

func pageOf(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "_") + ".md" }

// tidy leaves out trailing blanks and the second of two empty lines.
func tidy(page []byte) []byte {
	var out [][]byte
	for line := range bytes.Lines(page) {
		line = bytes.TrimRight(line, " \n")
		if len(line) == 0 && len(out) > 0 && len(out[len(out)-1]) == 0 {
			continue
		}
		out = append(out, line)
	}
	return append(bytes.TrimRight(bytes.Join(out, []byte("\n")), "\n"), '\n')
}

func index(root *cobra.Command) []byte {
	var b strings.Builder
	b.WriteString("# Commands\n\n| command | what it does |\n| --- | --- |\n")
	each(root, func(c *cobra.Command) {
		b.WriteString("| [" + c.CommandPath() + "](" + pageOf(c) + ") | " + c.Short + " |\n")
	})
	return []byte(b.String())
}

// TestHelp: every command says what it is for, and one that takes arguments shows
// how it is called.
func TestHelp(t *testing.T) {
	root := newRoot(Streams{Out: os.Stdout, Err: os.Stderr})
	each(root, func(c *cobra.Command) {
		if c.Short == "" {
			t.Errorf("%s has no short help", c.CommandPath())
		}
		if strings.Contains(c.Use, " ") && (c.Long == "" || c.Example == "") {
			t.Errorf("%s has arguments, and no long help or no example", c.CommandPath())
		}
		for line := range strings.Lines(c.Long + "\n" + c.Example) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > 110 {
				t.Errorf("%s: a line of help has %d characters: %s", c.CommandPath(), n, line)
			}
		}
		if i := slices.IndexFunc(strings.Split(c.Example, "\n"), func(l string) bool {
			return l != "" && !strings.HasPrefix(l, "  ")
		}); i >= 0 {
			t.Errorf("%s: examples are indented by two blanks", c.CommandPath())
		}
	})
}
