package policy_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usergroup-dev/usergroup/policy"
)

// TestPrepared: what is found by search is what is in one of the ranges.
func TestPrepared(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		rs := make(policy.Ranges, 17+r.IntN(20))
		for i := range rs {
			rs[i].Min = r.Int64N(300)
			rs[i].Max = rs[i].Min + r.Int64N(4)
		}
		p := &policy.Policy{FSGroup: policy.Strategy{Rule: policy.MustRunAs, Ranges: rs}}
		s := p.Prepared().FSGroup
		for id := range int64(310) {
			if got, want := s.Allows(id), rs.Contain(id); got != want {
				t.Fatalf("%v allow %d: got %v", []policy.Range(rs), id, got)
			}
		}
	}
}

// TestPreparedMerges: many ranges that touch one another are one.
func TestPreparedMerges(t *testing.T) {
	t.Parallel()
	rs := singleIDs(1000)
	rs[0], rs[999] = rs[999], rs[0]
	rs = append(rs, policy.Range{Min: 1001, Max: 1005}, policy.Range{Min: 0, Max: 2000})
	p := &policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: rs}}
	got := p.Prepared().RunAsUser
	if diff := cmp.Diff(policy.Ranges{{Min: 0, Max: 2000}}, got.Sorted); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if id := got.Ranges.Default(); id != 999 {
		t.Errorf("default %d, want the min of the first range as it was written", id)
	}
	if p.RunAsUser.Sorted != nil {
		t.Error("the policy itself has changed")
	}
	few := &policy.Policy{RunAsUser: policy.Strategy{Rule: policy.MustRunAs, Ranges: rs[:3]}}
	if few.Prepared() != few {
		t.Error("a policy of few ranges was copied")
	}
}

// TestManyRangesShown: a message lists a handful of ranges.
func TestManyRangesShown(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		8:       "0, 1, 2, 3, 4, 5, 6, 7",
		9:       "0, 1, 2, 3, 4, 5, 6, 7 and 1 more",
		100_000: "0, 1, 2, 3, 4, 5, 6, 7 and 99992 more",
	} {
		if got := singleIDs(n).String(); got != want {
			t.Errorf("%d ranges: got %q, want %q", n, got, want)
		}
	}
}

// singleIDs returns n ranges of one id each: 0, 1, 2 and so on.
func singleIDs(n int) policy.Ranges {
	rs := make(policy.Ranges, n)
	for i := range rs {
		rs[i] = policy.Range{Min: int64(i), Max: int64(i)}
	}
	return rs
}
