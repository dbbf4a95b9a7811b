package cmd

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/docpages"
)

// TestCommandBlocks: every call of usergroup in a block of a page is one that the
// program takes, with its flags. Whether it does what the page says is for the tests
// that run the pages.
func TestCommandBlocks(t *testing.T) {
	blocks := regexp.MustCompile("(?ms)^[ \t]*```(?:sh|console|bash|yaml)[^\n]*\n(.*?)^[ \t]*```")
	calls := 0
	err := docpages.Each("../..", func(path, text string) {
		for _, m := range blocks.FindAllStringSubmatch(text, -1) {
			for line := range strings.Lines(strings.ReplaceAll(m[1], "\\\n", " ")) {
				for _, args := range callsIn(line) {
					calls++
					if err := takes(args); err != nil {
						t.Errorf("%s: usergroup %s: %v", path, strings.Join(args, " "), err)
					}
				}
			}
		}
	})
	if err != nil || calls < 80 {
		t.Fatalf("%d calls, %v", calls, err)
	}
}

// callsIn returns the arguments of the calls of usergroup in a line of a shell.
func callsIn(line string) [][]string {
	line, _, _ = strings.Cut(line, " #")
	var calls [][]string
	for _, part := range regexp.MustCompile(`&&|\|\||[|;()]`).Split(line, -1) {
		words := strings.Fields(part)
		if len(words) < 2 || words[0] != "usergroup" && words[0] != "bin/usergroup" {
			continue
		}
		var args []string
		for _, w := range words[1:] {
			if strings.ContainsAny(w, "<>") {
				break
			}
			args = append(args, strings.Trim(w, `"'`))
		}
		if len(args) > 0 {
			calls = append(calls, args)
		}
	}
	return calls
}

// takes returns an error where there is no such command or flag.
func takes(args []string) error {
	root := newRoot(Streams{Out: os.Stdout, Err: os.Stderr})
	c, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if c == root && !strings.HasPrefix(args[0], "-") {
		return known(root, args)
	}
	return c.ParseFlags(rest)
}
