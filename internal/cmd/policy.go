package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/usergroup-dev/usergroup/docs"
	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/fn"
	"github.com/usergroup-dev/usergroup/internal/policylint"
	"github.com/usergroup-dev/usergroup/internal/policytest"
)

func newPolicy(s Streams) *cobra.Command {
	return family("policy", "lint and test policies, and print their schema", newPolicyLint(s), newPolicyTest(s), newPolicySchema(s))
}

func newPolicyLint(s Streams) *cobra.Command {
	var failOn string
	cmd := &cobra.Command{
		Use:   "lint FILE…",
		Short: "report errors and likely mistakes in policies",
		Long: `lint reads policies of every kind that check reads, as one set. Invalid policies are
errors, with exit code 2. Valid policies that are probably mistakes are warnings:

` + lintHelp() + `
`,
		Example: `  usergroup policy lint policy.yaml
  usergroup policy lint --fail-on warning policies/*.yaml`,
		Args: someOf("policies"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("fail-on", failOn, failOns); err != nil {
				return err
			}
			configs, err := readConfigs(args, s)
			if err != nil {
				return err
			}
			policies, err := engine.Policies(configs, nil)
			if err != nil {
				return err
			}
			if _, err := engine.New(policies, engine.Options{}); err != nil {
				return err
			}
			advice := policylint.Lint(policies)
			for _, a := range advice {
				if _, err := fmt.Fprintln(s.Out, a); err != nil {
					return err
				}
			}
			if len(advice) > 0 && failOn == "warning" {
				return &exitError{code: fn.ExitFindings}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&failOn, "fail-on", "error", "findings that fail the run: error, warning (or worse), never")
	complete(cmd, "fail-on", failOns)
	return cmd
}

func lintHelp() string {
	help := ""
	for _, c := range policylint.Checks() {
		help += fmt.Sprintf("  %-20s %s\n", c.Name, c.Doc)
	}
	return help
}

func newPolicyTest(s Streams) *cobra.Command {
	var images imageFlags
	var run string
	var update bool
	cmd := &cobra.Command{
		Use:   "test PATH…",
		Short: "run the tests of policies",
		Long: `test runs test suites. PATH is a suite, or a folder in which every ` + policytest.File + `
is run. A suite names policies and tests. A test names manifests and exactly the errors
and warnings that check must report for them and, optionally, the file that holds the
manifests as fix must write them:

  apiVersion: usergroup.dev/v1alpha1
  kind: PolicyTest
  policies: [policy.yaml]
  tests:
  - name: root is refused
    manifests: [root.yaml]
    results:
    - {severity: error, reason: CannotUseRootUserID, resource: Pod/web, container: app}
  - name: a missing id gets the default
    manifests: [web.yaml]
    results:
    - {severity: error, reason: MissingUserID, resource: Pod/web}
    fixed: web.fixed.yaml

Paths are relative to the suite's file. Fields that a result omits are not compared.
If a test fails, the exit code is 1.`,
		Example: `  usergroup policy test policies/
  usergroup policy test --run root --update policies/`,
		Args: someOf("suites"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o := policytest.Options{Images: images.Options}
			if update {
				o.Update = func(path string, data []byte) error { return s.writer.Write(path, all(data)) }
			}
			if run != "" {
				var err error
				if o.Run, err = regexp.Compile(run); err != nil {
					return fmt.Errorf("--run: %w", err)
				}
			}
			return testPolicies(cmd.Context(), args, o, s.Out)
		},
	}
	f := cmd.Flags()
	f.StringVar(&run, "run", "", "run only tests whose suite/name matches this regular expression")
	f.BoolVar(&update, "update", false, "write the actual results to the suites and their files")
	images.add(f)
	return cmd
}

func testPolicies(ctx context.Context, paths []string, o policytest.Options, out io.Writer) error {
	files, err := policytest.Find(paths)
	if err != nil {
		return err
	}
	var suites []*policytest.Suite
	var errs []error
	for _, path := range files {
		suite, err := policytest.Load(path)
		suites, errs = append(suites, suite), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	passed, failed := 0, 0
	for _, suite := range suites {
		outcomes, err := suite.Test(ctx, o)
		if err != nil {
			return err
		}
		var b strings.Builder
		for _, t := range outcomes {
			word := "ok  "
			if len(t.Failures) > 0 {
				word = "FAIL"
				failed++
			} else {
				passed++
			}
			fmt.Fprintf(&b, "%s %s/%s\n", word, t.Suite, t.Test)
			for _, f := range t.Failures {
				fmt.Fprintf(&b, "     %s\n", f)
			}
		}
		if _, err := io.WriteString(out, b.String()); err != nil {
			return err
		}
	}
	if passed+failed == 0 {
		return fmt.Errorf("--run %q: no test matches", o.Run)
	}
	if _, err := fmt.Fprintf(out, "%d passed, %d failed\n", passed, failed); err != nil {
		return err
	}
	if failed > 0 {
		return &exitError{code: fn.ExitFindings}
	}
	return nil
}

func newPolicySchema(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "print the JSON Schema of UserGroupPolicy",
		Long: `schema prints the JSON Schema of UserGroupPolicy and UserGroupPolicyList. Editors with
yaml-language-server use it for files that begin with

  # yaml-language-server: $schema=usergrouppolicy.schema.json`,
		Example: `  usergroup policy schema > usergrouppolicy.schema.json`,
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := s.Out.Write(docs.PolicySchema)
			return err
		},
	}
}
