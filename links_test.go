package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/docpages"
)

// TestLinks: a link of a page to a file of the repository leads somewhere.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fences := regexp.MustCompile("(?ms)^```.*?^```")
	links := 0
	err := docpages.Each(".", func(path, text string) {
		for _, m := range link.FindAllStringSubmatch(fences.ReplaceAllString(text, ""), -1) {
			target, _, _ := strings.Cut(m[1], "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			links++
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), filepath.FromSlash(target))); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", path, m[1])
			}
		}
	})
	if err != nil || links < 50 {
		t.Fatalf("%d links, %v", links, err)
	}
}
