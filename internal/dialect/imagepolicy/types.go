package imagepolicy

import (
	"fmt"

	"github.com/usergroup-dev/usergroup/internal/dialect/v1alpha1"
	"github.com/usergroup-dev/usergroup/manifest"
)

// object is a ClusterImagePolicy. v1alpha1 and v1beta1 have the same fields.
type object struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   v1alpha1.Metadata `json:"metadata"`
	Spec       spec              `json:"spec"`
	Status     *manifest.Node    `json:"status"` // the controller's
}

type spec struct {
	Images      []imagePattern `json:"images"`
	Authorities []authority    `json:"authorities"`
	Policy      *embedded      `json:"policy"`
	Mode        mode           `json:"mode"`
	Match       []resource     `json:"match"`
}

// passes reports whether a static authority lets every image pass.
func (s *spec) passes() bool {
	for _, a := range s.Authorities {
		if a.Static != nil && a.Static.Action == pass {
			return true
		}
	}
	return false
}

type imagePattern struct {
	Glob string `json:"glob"`
}

// mode is what a violation means: enforce (default) or warn.
type mode string

const modeWarn mode = "warn"

// Values lists the modes.
func (mode) Values() []string { return []string{"enforce", string(modeWarn)} }

// resource selects objects by type and labels.
type resource struct {
	Group    string                  `json:"group"`
	Version  string                  `json:"version"`
	Resource string                  `json:"resource"`
	Selector *v1alpha1.LabelSelector `json:"selector"`
}

// authority says who may vouch for an image: exactly one of key, keyless and
// static. Only static is decided here; the rest is accepted as it is.
type authority struct {
	Name             string            `json:"name"`
	Key              *keyRef           `json:"key"`
	Keyless          *keyless          `json:"keyless"`
	Static           *static           `json:"static"`
	Source           []source          `json:"source"`
	CTLog            *ctlog            `json:"ctlog"`
	Attestations     []attestation     `json:"attestations"`
	RFC3161Timestamp *rfc3161timestamp `json:"rfc3161timestamp"`
	SignatureFormat  string            `json:"signatureFormat"`
}

// name is the name of the authority at index i.
func (a authority) name(i int) string {
	if a.Name == "" {
		return fmt.Sprintf("authority-%d", i)
	}
	return a.Name
}

type static struct {
	Action  action `json:"action"`
	Message string `json:"message"`
}

// action is what a static authority does with an image.
type action string

const (
	pass action = "pass"
	fail action = "fail"
)

// Values lists the actions.
func (action) Values() []string { return []string{string(pass), string(fail)} }

type keyRef struct {
	SecretRef     *secretRef `json:"secretRef"`
	Data          string     `json:"data"`
	KMS           string     `json:"kms"`
	HashAlgorithm string     `json:"hashAlgorithm"`
}

type secretRef struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

type keyless struct {
	URL               string     `json:"url"`
	Identities        []identity `json:"identities"`
	CACert            *keyRef    `json:"ca-cert"`
	TrustRootRef      string     `json:"trustRootRef"`
	InsecureIgnoreSCT bool       `json:"insecureIgnoreSCT"`
}

type identity struct {
	Issuer        string `json:"issuer"`
	Subject       string `json:"subject"`
	IssuerRegExp  string `json:"issuerRegExp"`
	SubjectRegExp string `json:"subjectRegExp"`
}

type source struct {
	OCI                  string     `json:"oci"`
	SignaturePullSecrets []localRef `json:"signaturePullSecrets"`
	TagPrefix            string     `json:"tagPrefix"`
}

type localRef struct {
	Name string `json:"name"`
}

type ctlog struct {
	URL          string `json:"url"`
	TrustRootRef string `json:"trustRootRef"`
}

type rfc3161timestamp struct {
	TrustRootRef string `json:"trustRootRef"`
}

type attestation struct {
	Name          string    `json:"name"`
	PredicateType string    `json:"predicateType"`
	Policy        *embedded `json:"policy"`
}

// embedded is a policy in CUE or Rego, in place or to be fetched.
type embedded struct {
	Type              policyType    `json:"type"`
	Data              string        `json:"data"`
	URL               string        `json:"url"`
	Remote            *remote       `json:"remote"`
	ConfigMapRef      *configMapRef `json:"configMapRef"`
	FetchConfigFile   bool          `json:"fetchConfigFile"`
	IncludeSpec       bool          `json:"includeSpec"`
	IncludeObjectMeta bool          `json:"includeObjectMeta"`
	IncludeTypeMeta   bool          `json:"includeTypeMeta"`
}

// policyType is the language of a policy.
type policyType string

// Values lists the languages.
func (policyType) Values() []string { return []string{"cue", "rego"} }

type remote struct {
	URL       string `json:"url"`
	SHA256Sum string `json:"sha256sum"`
}

type configMapRef struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Key       string `json:"key"`
}
