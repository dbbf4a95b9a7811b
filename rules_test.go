package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/cmd"
	"github.com/usergroup-dev/usergroup/policy"
	"github.com/usergroup-dev/usergroup/report"
)

// TestRulePages runs the pages of docs/rules. A page is about one reason: it has
// files, ```yaml NAME, and commands, ```sh, each before the block that it prints.
// UPDATE=1 writes what the commands print, to be read before it is committed.
func TestRulePages(t *testing.T) {
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	reasons := []policy.Reason{policy.Defaulted, policy.Overwritten, policy.Removed}
	titles := map[policy.Reason]string{}
	for _, r := range report.Rules() {
		reasons = append(reasons, r.Reason)
		titles[r.Reason] = r.Title + ". " + r.Help
	}
	index, err := os.ReadFile("docs/rules/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reasons {
		t.Run(string(r), func(t *testing.T) {
			file := filepath.Join(root, "docs", "rules", filepath.Base(r.URL()))
			page, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("a reason without a page: %v", err)
			}
			if want := "# " + string(r) + "\n\n" + titles[r]; !strings.HasPrefix(string(page), want) {
				t.Errorf("the page must begin with %q", want)
			}
			if !bytes.Contains(index, []byte("]("+filepath.Base(file)+")")) {
				t.Error("docs/rules/README.md has no link to the page")
			}
			t.Chdir(t.TempDir())
			ran := runPage(t, string(page))
			switch {
			case !strings.Contains(ran, "["+string(r)+"]") && !strings.Contains(ran, "usergroup "+string(r)+"::") && !isChange(r):
				t.Errorf("no command of the page prints [%s]", r)
			case os.Getenv("UPDATE") != "":
				if err := os.WriteFile(file, []byte(ran), 0o666); err != nil {
					t.Fatal(err)
				}
			default:
				if diff := cmp.Diff(string(page), ran); diff != "" {
					t.Errorf("-page +run:\n%s", diff)
				}
			}
		})
	}
	pages, err := filepath.Glob("docs/rules/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		if name := strings.TrimSuffix(filepath.Base(p), ".md"); name != "README" && !slices.Contains(reasons, policy.Reason(name)) {
			t.Errorf("%s is about nothing that a result says", p)
		}
	}
}

func isChange(r policy.Reason) bool {
	return r == policy.Defaulted || r == policy.Overwritten || r == policy.Removed
}

// block is a fenced block of a page: its language, its file if it is one, and its
// text.
var block = regexp.MustCompile("(?ms)^```(\\w+)( [^\n]+)?\n(.*?)^```\n")

// runCommands runs lines of usergroup ARGUMENT… [> FILE] and returns what they
// print.
func runCommands(t *testing.T, text string) string {
	t.Helper()
	var printed bytes.Buffer
	for line := range strings.Lines(text) {
		command, file, redirected := strings.Cut(line, " > ")
		args := strings.Fields(command)
		if len(args) == 0 || args[0] != "usergroup" {
			t.Fatalf("not a command of usergroup: %s", line)
		}
		out := &printed
		if redirected {
			out = new(bytes.Buffer)
		}
		cmd.Main(args[1:], cmd.Streams{In: strings.NewReader(""), Out: out, Err: &printed})
		if !redirected {
			continue
		}
		if err := os.WriteFile(strings.TrimSpace(file), out.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return printed.String()
}

// TestGuides runs the pages of docs/guides as those of docs/rules are run.
func TestGuides(t *testing.T) {
	pages, err := filepath.Glob("docs/guides/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		t.Run(filepath.Base(page), func(t *testing.T) {
			file := filepath.Join(root, page)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			ran := runPage(t, string(text))
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(file, []byte(ran), 0o666); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(string(text), ran); diff != "" {
				t.Errorf("-page +run:\n%s", diff)
			}
		})
	}
}

// runPage writes the files of a page to the working directory and runs its
// commands. It returns the page with what they print.
func runPage(t *testing.T, page string) string {
	t.Helper()
	var out strings.Builder
	printed, waiting, at := "", false, 0
	for _, m := range block.FindAllStringSubmatchIndex(page, -1) {
		lang, text := page[m[2]:m[3]], page[m[6]:m[7]]
		out.WriteString(page[at:m[6]])
		at = m[7]
		switch {
		case waiting:
			text, waiting = printed, false
		case lang == "sh":
			printed = runCommands(t, text)
			waiting = printed != ""
		case m[4] >= 0:
			file := strings.TrimSpace(page[m[4]:m[5]])
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, []byte(text), 0o666)); err != nil {
				t.Fatal(err)
			}
		}
		out.WriteString(text)
	}
	if waiting {
		t.Error("a command without a block behind it")
	}
	return out.String() + page[at:]
}
