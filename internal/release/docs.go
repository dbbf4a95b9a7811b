package release

import (
	"bytes"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// Documents returns the completions for shells and the manual pages of a command
// and those below it, by their paths in an archive.
func Documents(root *cobra.Command, version string, at time.Time) (map[string][]byte, error) {
	out := map[string][]byte{}
	for shell, write := range map[string]func(io.Writer) error{
		"bash":       func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"fish":       func(w io.Writer) error { return root.GenFishCompletion(w, true) },
		"powershell": root.GenPowerShellCompletionWithDesc,
		"zsh":        root.GenZshCompletion,
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			return nil, err
		}
		out["completions/"+shell] = b.Bytes()
	}
	return out, manual(root, &doc.GenManHeader{Section: "1", Date: &at, Source: "usergroup " + version, Manual: "usergroup"}, out)
}

// manual adds the page of a command and those below it.
func manual(c *cobra.Command, header *doc.GenManHeader, out map[string][]byte) error {
	name := strings.ReplaceAll(c.CommandPath(), " ", "-")
	of := *header
	of.Title = strings.ToUpper(name)
	c.DisableAutoGenTag = true
	var b bytes.Buffer
	if err := doc.GenMan(c, &of, &b); err != nil {
		return err
	}
	out["man/"+name+".1"] = b.Bytes()
	for _, sub := range c.Commands() {
		if !sub.IsAvailableCommand() || sub.IsAdditionalHelpTopicCommand() {
			continue
		}
		if err := manual(sub, header, out); err != nil {
			return err
		}
	}
	return nil
}
