package cmd

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/usergroup-dev/usergroup/report"
)

// text returns the writer of text for a stream: for a terminal it fits the width
// and, where that is wanted, has colours.
func (o *outputs) text(w io.Writer) report.Text {
	width := terminalWidth(w)
	return report.Text{Width: width, Color: colored(o.color, width > 0, os.Getenv), Quiet: o.quiet, Max: o.max}
}

// terminalWidth returns the number of columns of a terminal; 0 for anything else.
func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	const usual = 80
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		return width
	}
	return usual
}

// colored decides whether to use colours: the flag, then NO_COLOR
// (no-color.org), then CLICOLOR_FORCE (bixense.com/clicolors), then whether the
// stream is a terminal that has some.
func colored(flag string, terminal bool, getenv func(string) string) bool {
	switch {
	case flag == "always":
		return true
	case flag == "never", getenv("NO_COLOR") != "":
		return false
	case getenv("CLICOLOR_FORCE") != "" && getenv("CLICOLOR_FORCE") != "0":
		return true
	}
	return terminal && getenv("CLICOLOR") != "0" && getenv("TERM") != "dumb"
}
