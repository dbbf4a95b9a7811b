package engine_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/usergroup-dev/usergroup/config"
	"github.com/usergroup-dev/usergroup/engine"
	"github.com/usergroup-dev/usergroup/policy"
)

// TestNewInvalid: policies that cannot be followed make no pipeline.
func TestNewInvalid(t *testing.T) {
	bad := &policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs}}
	good := &policy.Policy{}
	_, err := engine.New([]*policy.Policy{bad, good, nil}, engine.Options{})
	if !errors.Is(err, config.ErrConfig) {
		t.Fatalf("error is %v", err)
	}
	for _, want := range []string{"policy 0: runAsUser.ranges", "policy 2: there is no policy"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if _, err := engine.New([]*policy.Policy{good}, engine.Options{CheckOnly: true}); err != nil {
		t.Error(err)
	}
}
