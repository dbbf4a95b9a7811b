package imagepolicy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/internal/dialect/imagepolicy"
	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/policy"
)

// whole is a ClusterImagePolicy with every field of the CRD.
const whole = `apiVersion: policy.sigstore.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: whole}
spec:
  images: [{glob: "registry.example/**"}]
  mode: warn
  match:
  - {group: apps, version: v1, resource: deployments, selector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [a]}]}}
  authorities:
  - name: keyed
    key: {secretRef: {name: a, namespace: b}, hashAlgorithm: sha512}
    source: [{oci: registry.example/signatures, tagPrefix: a, signaturePullSecrets: [{name: a}]}]
    ctlog: {url: "https://rekor.example", trustRootRef: a}
    rfc3161timestamp: {trustRootRef: a}
    signatureFormat: bundle
  - key: {kms: "hashivault://a"}
  - key: {kms: "gcpkms://projects/a"}
  - keyless:
      ca-cert: {secretRef: {name: a}}
      trustRootRef: a
      insecureIgnoreSCT: true
      identities: [{issuer: a, subject: b}, {issuerRegExp: .*, subjectRegExp: .*}]
    attestations:
    - name: sbom
      predicateType: https://spdx.dev/Document
      policy: {type: rego, configMapRef: {name: a, namespace: b, key: c}}
  - static: {action: pass}
  - static: {action: fail, message: not this one}
  policy:
    type: cue
    remote: {url: "https://policy.example/a.cue", sha256sum: "00"}
    fetchConfigFile: true
    includeSpec: true
    includeObjectMeta: true
    includeTypeMeta: true
status: {conditions: []}
`

func TestDecodeWhole(t *testing.T) {
	p := decode(t, whole)
	want := []string{
		`ClusterImagePolicy "whole": signatures and attestations are not verified: authorities "keyed", "authority-1", "authority-2", "authority-3"`,
		`ClusterImagePolicy "whole": only a policy in spec.policy.data is evaluated, not one that is to be fetched`,
	}
	var got []string
	for _, n := range p.Notes {
		got = append(got, n.Message)
		if n.Severity != policy.Warning || n.Reason != policy.NotEvaluated || n.Policy != "whole" {
			t.Errorf("want a warning NotEvaluated of the policy, got %+v", n)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if p.Name != "whole" || p.Dialect != "ClusterImagePolicy" || p.Mode != policy.Warn || p.Mutates() {
		t.Errorf("got %+v", p)
	}
}

// TestNotes proves that what is not judged is said.
func TestNotes(t *testing.T) {
	keyed := replace("static: {action: pass}", "key: {kms: \"hashivault://a\"}")
	tests := []struct {
		name  string
		tweak func(string) string
		want  string
	}{
		{"nothing to say", replace("mode: enforce", "mode: warn"), ""},
		{"key alone", keyed, `signatures and attestations are not verified: authorities "authority-0"; no image is checked, because no static authority passes`},
		{"rego", replace("type: cue", "type: rego"), "policies in Rego are not evaluated: spec.policy"},
		{"every platform", replace("includeSpec: true", "fetchConfigFile: true"), "only the platforms that are asked for are judged, where the controller judges all that an image has: spec.policy.fetchConfigFile"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := decode(t, clusterImagePolicy(noRootUser, tt.tweak))
			got := ""
			for _, n := range p.Notes {
				got += strings.TrimPrefix(n.Message, `ClusterImagePolicy "no-root": `)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestDecodeErrors lists what is refused, most of it by the controller's own
// admission webhook too.
func TestDecodeErrors(t *testing.T) {
	tests := []struct {
		name string
		spec string
		want string
	}{
		{"empty", `{}`, `spec.images: must hold at least one glob
spec.authorities: must hold at least one authority`},
		{"unknown fields", `{images: [{glob: a, regex: b}], authorities: [{static: {action: pass}, keys: {}}], polices: {}}`, `spec.images[0].regex: unknown field
spec.authorities[0].keys: unknown field, did you mean "key"
spec.polices: unknown field, did you mean "policy"`},
		{"globs", `{images: [{glob: ""}, {glob: "[a-z]*"}, {glob: .+}], authorities: [{static: {action: pass}}]}`, `spec.images[0].glob: is required
spec.images[1].glob: must hold only letters, digits and -_:/*.@, is "[a-z]*"
spec.images[2].glob: must hold only letters, digits and -_:/*.@, is ".+"`},
		{"authorities", `{images: [{glob: a}], authorities: [{name: a}, {static: {action: pass}, key: {data: a}}, {static: {}}, {static: {action: allow}}, {keyless: {identities: [{issuer: a, subject: b}]}, source: [{}, {}]}]}`, `spec.authorities[0]: must have one of key, keyless and static
spec.authorities[1]: must have only one of key, keyless and static
spec.authorities[2].static.action: is required: pass or fail
spec.authorities[3].static.action: must be pass or fail, is "allow"
spec.authorities[4].source: must hold at most one source`},
		{"beside static", `{images: [{glob: a}], authorities: [{static: {action: fail}, attestations: [{name: a}], source: [{oci: a}], ctlog: {}, rfc3161timestamp: {}}]}`, `spec.authorities[0].attestations: must not be given with static
spec.authorities[0].source: must not be given with static
spec.authorities[0].ctlog: must not be given with static
spec.authorities[0].rfc3161timestamp: must not be given with static`},
		{"mode", `{images: [{glob: a}], authorities: [{static: {action: pass}}], mode: audit}`, `spec.mode: must be enforce or warn, is "audit"`},
		{"match", `{images: [{glob: a}], authorities: [{static: {action: pass}}], match: [{group: apps}, {resource: pods, version: v1, selector: {matchExpressions: [{key: a, operator: Near}]}}]}`, `spec.match[0].resource: is required: the controller matches nothing without it
spec.match[0].version: is required, * for any: the controller matches nothing without it
spec.match[1].selector.matchExpressions[0].operator: must be In, NotIn, Exists or DoesNotExist, is "Near"`},
		{"policy", `{images: [{glob: a}], authorities: [{static: {action: pass}}], policy: {}}`, `spec.policy.type: is required: cue or rego
spec.policy: must have one of data, configMapRef and remote`},
		{"policy twice", `{images: [{glob: a}], authorities: [{static: {action: pass}}], policy: {type: rego, data: a, configMapRef: {name: a, key: b}}}`, `spec.policy: must have only one of data, configMapRef and remote`},
		{"CUE syntax", `{images: [{glob: a}], authorities: [{static: {action: pass}}], policy: {type: cue, data: "a: {\n"}}`, `spec.policy.data: line 1: expected '}', found 'EOF'`},
		{"CUE references", `{images: [{glob: a}], authorities: [{static: {action: pass}}], policy: {type: cue, data: "\na: b"}}`, `spec.policy.data: line 2: a: reference "b" not found`},
		{"CUE conflict", `{images: [{glob: a}], authorities: [{static: {action: pass}}], policy: {type: cue, data: "a: 1\na: 2"}}`, `spec.policy.data: a: conflicting values 2 and 1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: test}\nspec: " + tt.spec + "\n"
			ps, err := imagepolicy.Decode(parse(t, text), strict.Options{})
			if err == nil {
				t.Fatalf("decoded as %+v", ps[0])
			}
			if !errors.Is(err, strict.ErrConfig) {
				t.Errorf("%v is not ErrConfig", err)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeName(t *testing.T) {
	_, err := imagepolicy.Decode(parse(t, clusterImagePolicy("a: 1", replace("{name: no-root}", "{}"))), strict.Options{})
	if err == nil || err.Error() != "metadata.name: is required" {
		t.Errorf("got %v", err)
	}
}

// TestBudget lists what could build values of any size from a few characters.
func TestBudget(t *testing.T) {
	tests := []struct{ name, cue, want string }{
		{
			"list.Range", "import \"list\"\na: [for x in list.Range(0, 1000000000, 1) {x}]",
			`line 2: list.Range is not available, of package "list" only Avg, Contains, IsSorted, IsSortedStrings, MatchN, Max, MaxItems, Min, MinItems, Sum, UniqueItems`,
		},
		{
			"by another name", "import s \"strings\"\na: s.Repeat",
			`line 2: strings.Repeat is not available, of package "strings" only Contains, ContainsAny, Count, HasPrefix, HasSuffix, Index, LastIndex, MaxRunes, MinRunes, ToLower, ToUpper, TrimPrefix, TrimSpace, TrimSuffix`,
		},
		{
			"by an index", "import \"strings\"\na: strings[\"Repeat\"](\"a\", 1000000000)",
			`line 2: package "strings" may only be used as in strings.Contains`,
		},
		{
			"in parentheses", "import \"strings\"\na: (strings).Repeat(\"a\", 1000000000)",
			`line 2: package "strings" may only be used as in strings.Contains`,
		},
		{
			"by a string", "import \"strings\"\na: strings.\"Repeat\"(\"a\", 1000000000)",
			`line 2: strings.Repeat is not available, of package "strings" only Contains, ContainsAny, Count, HasPrefix, HasSuffix, Index, LastIndex, MaxRunes, MinRunes, ToLower, ToUpper, TrimPrefix, TrimSpace, TrimSuffix`,
		},
		{"bit shifts", "import \"math/bits\"\na: bits.Lsh(1, 100000000000)", `line 1: package "math/bits" is not available`},
		{"commands", "import \"tool/exec\"\na: exec.Run", `line 1: package "tool/exec" is not available`},
		{"repetition", "a: 2000000000 * \"abcd\"", "line 1: * may only multiply number literals"},
		{"squares", "a: 10\nb: a * a", "line 2: * may only multiply number literals"},
		{"doubling", "a: \"x\"\nb: a + a\nc: b + b\nd: c + c\ne: d + d\nf: e + e", "line 6: too many strings are joined: one could grow to more than 16 times its size"},
		{"doubling by interpolation", "a: \"x\"\nb: \"\\(a)\\(a)\\(a)\\(a)\"\nc: \"\\(b)\\(b)\\(b)\\(b)\\(b)\"", "line 3: too many strings are joined: one could grow to more than 16 times its size"},
		{"huge numbers", "a: 1e99999999", "line 1: numbers must not have more than 30 digits"},
		{"long numbers", "a: " + strings.Repeat("9", 31), "line 1: numbers must not have more than 30 digits"},
		{"files", "@extern(embed)\npackage p\na: _ @embed(file=\"a.json\")", "line 1: attributes are not evaluated: @extern(embed); line 3: attributes are not evaluated: @embed(file=\"a.json\")"},
		{"experiments", "@experiment(structcmp)\na: 1", "line 1: attributes are not evaluated: @experiment(structcmp)"},
		{"length", "a: 1 //" + strings.Repeat(" ", 33000), "must not be longer than 32768 bytes, is 33007"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := imagepolicy.Decode(parse(t, clusterImagePolicy("", replace("    data: |\n      \n", "    data: "+quote(tt.cue)+"\n"))), strict.Options{})
			if err == nil {
				t.Fatal("decoded")
			}
			if got := strings.ReplaceAll(err.Error(), "spec.policy.data: ", ""); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestWithinBudget proves that policies as they are in use are let in.
func TestWithinBudget(t *testing.T) {
	for _, cue := range []string{
		noRootUser,
		"import \"list\"\nimport \"struct\"\nauthorityMatches: {a: {attestations: struct.MaxFields(1)}, b: signatures: list.MaxItems(2)}",
		"import \"strings\"\nspec: containers: [...{image: strings.HasPrefix(\"registry.example/\")}]",
		"import \"time\"\nlist: 1\nspec: {time: _, list: _}\nbefore: time.Parse(time.RFC3339, \"2026-01-02T15:04:05Z\")",
		"config: [string]: config: User: !=\"\" & !=\"0\" & !=\"root\"",
		"_users: [for c in spec.containers {c.securityContext.runAsUser}]\nspec: containers: [...]\nmax: 64 * 1024 - 1 + 0x10",
		"spec: containers: [...{securityContext: runAsUser: >=1000 & <=2000 | *1000}]",
		"#C: {name: string, image: \"registry.example/\\(name):1\", ...}\nspec: containers: [...#C]",
	} {
		if _, err := imagepolicy.Decode(parse(t, clusterImagePolicy("", replace("    data: |\n      \n", "    data: "+quote(cue)+"\n"))), strict.Options{}); err != nil {
			t.Errorf("%v\n%s", err, cue)
		}
	}
}
