package release

import (
	"bytes"
	_ "embed"
	"text/template"
)

//go:embed usergroup.rb.tmpl
var formulaText string

// formula returns the formula with which Homebrew installs the binaries of macOS and
// Linux.
func (c Contents) formula(sums map[string]string) ([]byte, error) {
	t, err := template.New("usergroup.rb").Funcs(template.FuncMap{
		"url": func(platform string) string { return c.url(c.archiveName(platform)) },
		"sum": func(platform string) string { return sums[platform] },
	}).Parse(formulaText)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, map[string]string{"Version": c.number(), "Home": home})
	return b.Bytes(), err
}
