package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/usergroup-dev/usergroup/podspec"
)

// csvTitles are the columns of the values; every value is followed by its origin.
var csvTitles = []string{
	"runs_as", "api_version", "kind", "namespace", "name", "container", "list", "image",
	"user", "user_origin", "group", "group_origin", "non_root", "non_root_origin",
	"supplemental_groups", "supplemental_groups_origin", "fs_group", "fs_group_origin", "file", "line",
}

func writeRunningCSV(w io.Writer, rows []Running, _ Text) error {
	c := csv.NewWriter(w)
	if err := c.Write(csvTitles); err != nil {
		return err
	}
	for _, r := range rows {
		row := []string{
			string(r.RunsAs()), r.Resource.APIVersion, r.Resource.Kind, r.Resource.Namespace, r.Resource.Name,
			r.Container.Name, r.Container.Kind.Field(), r.Image,
		}
		for _, e := range []Effective{r.User, r.Group, r.NonRoot, r.Groups, r.FSGroup} {
			text := ""
			if e.Origin != podspec.FromNowhere {
				text = e.text()
			}
			row = append(row, text, string(e.Origin))
		}
		row = append(row, r.Container.File.Path, strconv.Itoa(r.Container.File.Line))
		for i := range row {
			row[i] = inert(Clean(row[i]))
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// inert keeps a spreadsheet from taking a name for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}
