package imagepolicy

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/usergroup-dev/usergroup/internal/dialect/strict"
	"github.com/usergroup-dev/usergroup/podspec"
)

// checkAuthorities refuses what the controller's own admission refuses.
func checkAuthorities(d *strict.Decoder, at podspec.Path, as []authority) {
	if len(as) == 0 {
		d.Failf(at, "must hold at least one authority")
	}
	for i, a := range as {
		a.check(d, at.Index(i))
	}
}

func (a authority) check(d *strict.Decoder, at podspec.Path) {
	switch count(a.Key != nil, a.Keyless != nil, a.Static != nil) {
	case 0:
		d.Failf(at, "must have one of key, keyless and static")
		return
	case 1:
	default:
		d.Failf(at, "must have only one of key, keyless and static")
		return
	}
	switch {
	case a.Key != nil:
		a.Key.check(d, at.Key("key"))
	case a.Keyless != nil:
		a.Keyless.check(d, at.Key("keyless"))
	default:
		checkStatic(d, at, a)
	}
	if len(a.Source) > 1 {
		d.Failf(at.Key("source"), "must hold at most one source")
	} else {
		for i, s := range a.Source {
			s.check(d, at.Key("source").Index(i))
		}
	}
	for i, att := range a.Attestations {
		att.check(d, at.Key("attestations").Index(i))
	}
}

// checkStatic refuses what says nothing beside a static authority.
func checkStatic(d *strict.Decoder, at podspec.Path, a authority) {
	if a.Static.Action == "" {
		d.Failf(at.Key("static", "action"), "is required: %s", strict.OneOf(a.Static.Action.Values()))
	}
	for _, f := range []struct {
		key string
		set bool
	}{
		{"attestations", len(a.Attestations) > 0},
		{"source", len(a.Source) > 0},
		{"ctlog", a.CTLog != nil},
		{"rfc3161timestamp", a.RFC3161Timestamp != nil},
	} {
		if f.set {
			d.Failf(at.Key(f.key), "must not be given with static")
		}
	}
}

// hashAlgorithms are those of signatures.
var hashAlgorithms = []string{"sha224", "sha256", "sha384", "sha512"}

func (k *keyRef) check(d *strict.Decoder, at podspec.Path) {
	switch count(k.Data != "", k.KMS != "", k.SecretRef != nil) {
	case 0:
		d.Failf(at, "must have one of data, kms and secretRef")
	case 1:
	default:
		d.Failf(at, "must have only one of data, kms and secretRef")
	}
	if h := strings.ToLower(strings.TrimSpace(k.HashAlgorithm)); h != "" && !slices.Contains(hashAlgorithms, h) {
		d.Failf(at.Key("hashAlgorithm"), "must be %s, is %q", strict.OneOf(hashAlgorithms), k.HashAlgorithm)
	}
	if k.Data != "" {
		if err := checkPublicKey(k.Data); err != nil {
			d.Failf(at.Key("data"), "must be a public key in PEM: %v", err)
		}
	}
	if k.KMS != "" && !validKMS(k.KMS) {
		d.Failf(at.Key("kms"), "must be a reference of %s, and for awskms:// an ARN of a key or alias, is %q", strict.OneOf(kmsSchemes), k.KMS)
	}
}

func checkPublicKey(text string) error {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return errors.New("no PEM block is found")
	}
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		_, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		_, err = x509.ParsePKCS1PublicKey(block.Bytes)
	default:
		err = errors.New("the PEM block is a " + block.Type)
	}
	return err
}

// kmsSchemes begin the references of key management services.
var kmsSchemes = []string{"awskms://", "azurekms://", "hashivault://", "gcpkms://"}

// awsKMS is awskms://[host:port]/ and the ARN of a key or an alias: an id or an
// alias alone would need an environment that says the region.
var awsKMS = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^awskms://([^/]*)/arn:(aws|aws-us-gov|aws-cn):kms:[a-z0-9-]+:[0-9]{12}:(key/[A-Fa-f0-9mrk-]{32,40}|alias/.*)$`)
})

func validKMS(ref string) bool {
	if !slices.ContainsFunc(kmsSchemes, func(s string) bool { return strings.HasPrefix(ref, s) }) {
		return false
	}
	if !strings.HasPrefix(ref, "awskms://") {
		return true
	}
	m := awsKMS().FindStringSubmatch(ref)
	if m == nil {
		return false
	}
	if m[1] != "" {
		_, _, err := net.SplitHostPort(m[1])
		return err == nil
	}
	return true
}

// check does not ask for a url: the controller adds that of Sigstore's own.
func (k *keyless) check(d *strict.Decoder, at podspec.Path) {
	if k.URL != "" && k.CACert != nil {
		d.Failf(at, "must have only one of url and ca-cert")
	}
	if k.CACert != nil {
		k.CACert.check(d, at.Key("ca-cert"))
	}
	if len(k.Identities) == 0 {
		d.Failf(at.Key("identities"), "must hold at least one identity")
	}
	for i, id := range k.Identities {
		at := at.Key("identities").Index(i)
		checkIdentity(d, at, "issuer", id.Issuer, id.IssuerRegExp)
		checkIdentity(d, at, "subject", id.Subject, id.SubjectRegExp)
	}
}

// checkIdentity demands one of a value and a pattern for it.
func checkIdentity(d *strict.Decoder, at podspec.Path, key, value, pattern string) {
	switch count(value != "", pattern != "") {
	case 0:
		d.Failf(at, "must have one of %s and %sRegExp", key, key)
	case 2:
		d.Failf(at, "must have only one of %s and %sRegExp", key, key)
	}
	if _, err := regexp.Compile(pattern); err != nil {
		d.Failf(at.Key(key+"RegExp"), "%v", err)
	}
}

func (s source) check(d *strict.Decoder, at podspec.Path) {
	if s.OCI != "" {
		host, _, hasPath := strings.Cut(s.OCI, "/")
		var err error
		if hasPath && strings.ContainsAny(host, ".:") {
			_, err = name.NewRepository(s.OCI, name.StrictValidation)
		} else {
			_, err = name.NewRegistry(s.OCI, name.StrictValidation)
		}
		if err != nil {
			d.Failf(at.Key("oci"), "must be a registry or a repository: %v", err)
		}
	}
	for i, ref := range s.SignaturePullSecrets {
		if ref.Name == "" {
			d.Failf(at.Key("signaturePullSecrets").Index(i).Key("name"), "is required")
		}
	}
}

func (a attestation) check(d *strict.Decoder, at podspec.Path) {
	if a.Name == "" {
		d.Failf(at.Key("name"), "is required")
	}
	if a.PredicateType == "" {
		d.Failf(at.Key("predicateType"), "is required")
	}
	if a.Policy == nil {
		return
	}
	at = at.Key("policy")
	checkPolicy(d, at, a.Policy)
	for _, f := range []struct {
		key string
		set bool
	}{
		{"fetchConfigFile", a.Policy.FetchConfigFile},
		{"includeSpec", a.Policy.IncludeSpec},
		{"includeObjectMeta", a.Policy.IncludeObjectMeta},
		{"includeTypeMeta", a.Policy.IncludeTypeMeta},
	} {
		if f.set {
			d.Failf(at.Key(f.key), "belongs to spec.policy")
		}
	}
}

// checkPolicy refuses a policy without a type, and one that is nowhere or in
// several places.
func checkPolicy(d *strict.Decoder, at podspec.Path, p *embedded) {
	if p.Type == "" {
		d.Failf(at.Key("type"), "is required: %s", strict.OneOf(p.Type.Values()))
	}
	switch count(p.Data != "", p.URL != "", p.Remote != nil, p.ConfigMapRef != nil) {
	case 0:
		d.Failf(at, "must have one of data, configMapRef and remote")
	case 1:
	default:
		d.Failf(at, "must have only one of data, configMapRef and remote")
	}
	if r := p.Remote; r != nil {
		if u, err := url.Parse(r.URL); err != nil || u.Scheme != "https" || u.Host == "" {
			d.Failf(at.Key("remote", "url"), "must be an https address, is %q", r.URL)
		}
		if r.SHA256Sum == "" {
			d.Failf(at.Key("remote", "sha256sum"), "is required")
		}
	}
	if r := p.ConfigMapRef; r != nil {
		if r.Name == "" {
			d.Failf(at.Key("configMapRef", "name"), "is required")
		}
		if r.Key == "" {
			d.Failf(at.Key("configMapRef", "key"), "is required")
		}
	}
}

// count says how many of the conditions hold.
func count(conditions ...bool) int {
	n := 0
	for _, c := range conditions {
		if c {
			n++
		}
	}
	return n
}
