package imagepolicy_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/internal/dialect/imagepolicy"
	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
)

// The policies that policy-controller's webhook admits and refuses, after the
// valid and invalid files of its documentation and its tests.
func TestWebhook(t *testing.T) {
	t.Parallel()
	const (
		images = "images: [{glob: \"image*\"}]"
		who    = "identities: [{issuer: a, subject: b}]"
		static = "authorities: [{static: {action: pass}}]"
	)
	key := publicKey(t)
	tests := []struct {
		name string
		spec []string
		want string // part of the error, "" where the policy is admitted
	}{
		{"a glob", []string{images, static}, ""},
		{"globs", []string{`images: [{glob: "registry.example/*"}, {glob: "**"}]`, static}, ""},
		{"a public key", []string{images, "authorities: [{key: {data: " + quote(key) + "}}]"}, ""},
		{"a hash algorithm", []string{images, "authorities: [{key: {hashAlgorithm: sha512, data: " + quote(key) + "}}]"}, ""},
		{"a key in Vault", []string{images, `authorities: [{key: {kms: "hashivault://key/path"}}]`}, ""},
		{"a key in a Secret", []string{images, "authorities: [{key: {secretRef: {name: a}}}]"}, ""},
		{"the ARN of a key", []string{images, `authorities: [{key: {kms: "awskms:///arn:aws:kms:us-east-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}}]`}, ""},
		{"the ARN of an alias, with an endpoint", []string{images, `authorities: [{key: {kms: "awskms://localhost:4566/arn:aws:kms:us-east-2:111122223333:alias/a"}}]`}, ""},
		{"keyless by Sigstore's own", []string{images, "authorities: [{keyless: {" + who + "}}]"}, ""},
		{"keyless with an authority", []string{images, "authorities: [{keyless: {ca-cert: {secretRef: {name: a}}, " + who + "}}]"}, ""},
		{"keyless with patterns", []string{images, `authorities: [{keyless: {identities: [{issuerRegExp: .*kubernetes.*, subjectRegExp: ".*"}]}}]`}, ""},
		{"a source", []string{images, "authorities: [{keyless: {" + who + "}, source: [{signaturePullSecrets: [{name: a}]}]}]"}, ""},
		{"attestations", []string{images, `authorities: [{keyless: {` + who + `}, attestations: [{name: a, predicateType: "https://cosign.sigstore.dev/attestation/v1", policy: {type: cue, data: "a: 1"}}]}]`}, ""},
		{"a policy at an address", []string{images, static, `policy: {type: cue, remote: {url: "https://a.example/b", sha256sum: a}}`}, ""},
		{"a match", []string{images, static, "match: [{group: apps, version: v1, resource: deployments}]"}, ""},
		{"a match on labels", []string{images, static, "match: [{version: v1, resource: pods, selector: {matchLabels: {a: b}}}]"}, ""},
		{"warn", []string{images, static, "mode: warn"}, ""},

		{"no images", []string{static}, "spec.images: must hold"},
		{"a bad glob", []string{"images: [{glob: \"[\"}]", static}, "spec.images[0].glob: must hold only"},
		{"an unknown mode", []string{images, static, "mode: garbage"}, "spec.mode: must be enforce or warn"},
		{"an unknown resource", []string{images, static, "match: [{group: apps, version: v1, resource: deployment}]"}, `spec.match[0].resource: must be pods, replicasets, deployments, statefulsets, daemonsets, jobs or cronjobs, is "deployment"`},
		{"a resource of another project", []string{images, static, "match: [{group: argoproj.io, version: v1alpha1, resource: rollouts}]"}, "spec.match[0].resource: must be"},
		{"a selector without a type", []string{images, static, "match: [{selector: {matchLabels: {a: b}}}]"}, "spec.match[0].resource: is required"},
		{"an empty authority", []string{images, "authorities: [{}]"}, "must have one of key, keyless and static"},
		{"key and keyless", []string{images, "authorities: [{key: {kms: \"gcpkms://a\"}, keyless: {" + who + "}}]"}, "must have only one of key, keyless and static"},
		{"an empty key", []string{images, "authorities: [{key: {}}]"}, "spec.authorities[0].key: must have one of data, kms and secretRef"},
		{"an empty key and null", []string{images, "authorities: [{key: {}, keyless: null}]"}, "spec.authorities[0].key: must have one of"},
		{"a key in two places", []string{images, "authorities: [{key: {data: " + quote(key) + `, kms: "hashivault://a"}}]`}, "spec.authorities[0].key: must have only one of data, kms and secretRef"},
		{"no public key", []string{images, "authorities: [{key: {data: \"---somedata---\"}}]"}, "spec.authorities[0].key.data: must be a public key in PEM"},
		{"a broken public key", []string{images, "authorities: [{key: {data: " + quote(strings.Replace(key, "M", "N", 1)) + "}}]"}, "spec.authorities[0].key.data: must be a public key in PEM"},
		{"an unknown hash algorithm", []string{images, "authorities: [{key: {hashAlgorithm: shaINVALID, data: " + quote(key) + "}}]"}, "spec.authorities[0].key.hashAlgorithm: must be sha224"},
		{"an unknown service", []string{images, `authorities: [{key: {kms: "mykms://a"}}]`}, "spec.authorities[0].key.kms: must be"},
		{"the id of a key", []string{images, `authorities: [{key: {kms: "awskms:///1234abcd-12ab-34cd-56ef-1234567890ab"}}]`}, "spec.authorities[0].key.kms: must be"},
		{"an alias", []string{images, `authorities: [{key: {kms: "awskms:///alias/ExampleAlias"}}]`}, "spec.authorities[0].key.kms: must be"},
		{"an endpoint without a port", []string{images, `authorities: [{key: {kms: "awskms://localhost/arn:aws:kms:us-east-2:111122223333:alias/a"}}]`}, "spec.authorities[0].key.kms: must be"},
		{"an authority's key in an unknown service", []string{images, "authorities: [{keyless: {ca-cert: {kms: mykms}, " + who + "}}]"}, "spec.authorities[0].keyless.ca-cert.kms: must be"},
		{"keyless by two authorities", []string{images, `authorities: [{keyless: {url: "http://a.example", ca-cert: {secretRef: {name: a}}, ` + who + "}}]"}, "spec.authorities[0].keyless: must have only one of url and ca-cert"},
		{"keyless without identities", []string{images, `authorities: [{keyless: {url: "https://a.example"}}]`}, "spec.authorities[0].keyless.identities: must hold at least one identity"},
		{"no issuer", []string{images, "authorities: [{keyless: {identities: [{subject: a}]}}]"}, "identities[0]: must have one of issuer and issuerRegExp"},
		{"no subject", []string{images, "authorities: [{keyless: {identities: [{issuer: a}]}}]"}, "identities[0]: must have one of subject and subjectRegExp"},
		{"issuer and pattern", []string{images, "authorities: [{keyless: {identities: [{issuer: a, issuerRegExp: a, subject: a}]}}]"}, "identities[0]: must have only one of issuer and issuerRegExp"},
		{"a bad pattern", []string{images, "authorities: [{keyless: {identities: [{issuer: a, subjectRegExp: \"****\"}]}}]"}, "identities[0].subjectRegExp: error parsing regexp"},
		{"two sources", []string{images, "authorities: [{keyless: {" + who + "}, source: [{oci: a}, {oci: b}]}]"}, "spec.authorities[0].source: must hold at most one source"},
		{"a bad source", []string{images, "authorities: [{keyless: {" + who + "}, source: [{oci: \"registry.example/UPPER\"}]}]"}, "spec.authorities[0].source[0].oci: must be a registry or a repository"},
		{"a nameless attestation", []string{images, "authorities: [{keyless: {" + who + "}, attestations: [{predicateType: custom}]}]"}, "spec.authorities[0].attestations[0].name: is required"},
		{"an attestation without a type", []string{images, "authorities: [{keyless: {" + who + "}, attestations: [{name: a}]}]"}, "spec.authorities[0].attestations[0].predicateType: is required"},
		{"an attestation with the spec", []string{images, "authorities: [{keyless: {" + who + "}, attestations: [{name: a, predicateType: custom, policy: {type: cue, data: a, includeSpec: true}}]}]"}, "attestations[0].policy.includeSpec: belongs to spec.policy"},
		{"an unknown language", []string{images, static, "policy: {type: cel, data: a}"}, "spec.policy.type: must be cue or rego"},
		{"a policy without encryption", []string{images, static, `policy: {type: cue, remote: {url: "http://a.example/b", sha256sum: a}}`}, "spec.policy.remote.url: must be an https address"},
		{"a policy without a checksum", []string{images, static, `policy: {type: cue, remote: {url: "https://a.example/b"}}`}, "spec.policy.remote.sha256sum: is required"},
		{"a ConfigMap without a key", []string{images, static, "policy: {type: cue, configMapRef: {name: a}}"}, "spec.policy.configMapRef.key: is required"},
	}
	for _, version := range []string{"v1alpha1", "v1beta1"} {
		for _, tt := range tests {
			t.Run(version+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				text := "apiVersion: policy.sigstore.dev/" + version + "\nkind: ClusterImagePolicy\nmetadata: {name: a}\nspec:\n  " + strings.Join(tt.spec, "\n  ") + "\n"
				_, err := imagepolicy.Decode(parse(t, text), strict.Options{})
				switch {
				case tt.want == "" && err != nil:
					t.Errorf("refused: %v", err)
				case tt.want != "" && err == nil:
					t.Error("admitted")
				case tt.want != "" && !strings.Contains(err.Error(), tt.want):
					t.Errorf("got %v, want %s", err, tt.want)
				}
			})
		}
	}
}

// publicKey returns a public key in PEM.
func publicKey(t *testing.T) string {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
