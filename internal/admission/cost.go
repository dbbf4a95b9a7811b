package admission

import (
	"fmt"
	"unicode/utf8"
)

// The API server counts what the expressions of a policy cost and refuses a request
// for which that is more than its budget. Nearly all is spent on containers, and twice
// on each, because the message is made of violations that are found a second time. The
// tests in hosts/cluster compare what follows with the API server's own count.
const (
	budget        = 10_000_000
	evaluations   = 2
	containerCost = 450 // whatever the policy has
	rangeCost     = 5   // of one id beside one range
)

// How long the strings are that globs are compared with: an image with a long path,
// a tag and a digest, its repository, and the name of a container.
const (
	imageLength      = 160
	repositoryLength = 80
	nameLength       = 40
)

// A gate that cannot judge a pod of manyContainers has a note on its cost. One that
// cannot judge a pod of fewContainers is refused.
const (
	manyContainers = 100
	fewContainers  = 10
)

// mostContainers is about how many containers a pod may have that the API server can
// judge within its budget.
func (g *generator) mostContainers() int {
	cost := containerCost
	for _, f := range g.inherited() {
		cost += rangeCost * len(f.strategy.Ranges)
	}
	for _, s := range g.selectors() {
		cost += globsCost(s.Images, imageLength) + globsCost(s.Images, repositoryLength) + globsCost(s.Containers, nameLength)
	}
	return budget / (evaluations * cost)
}

// tooCostly says what to do about a policy that costs so much that the API server
// refuses pods of some size; "" where it does not.
func (g *generator) tooCostly() string {
	most := g.mostContainers()
	if most >= manyContainers {
		return ""
	}
	return fmt.Sprintf("match and exclude have so many globs of images and containers that the API server would refuse pods with more than about %d containers: "+
		"it limits the cost of a policy to %d. Use names without wildcards, or globs with one * and no ?, which cost less than regular expressions", most, budget)
}

// globsCost is what it costs to compare a string of some length with globs, none of
// which matches.
func globsCost(globs []string, length int) int {
	cost := 0
	for _, g := range globs {
		cost++ // of a list of names, each is compared
		if exact([]string{g}) {
			continue
		}
		for _, c := range calls(g) {
			cost += 2 + c.cost(length)
		}
	}
	return cost
}

// cost is what the API server counts for the function: a regular expression by its
// length times that of the string.
func (c call) cost(length int) int {
	n := utf8.RuneCountInString(c.argument)
	switch c.function {
	case regexpOf:
		return inParts(length+1, 10) * inParts(n, 4)
	case contains:
		return inParts(length, 10) * inParts(n, 10)
	case size:
		return 2
	}
	return inParts(n, 10)
}

// inParts is how many parts of a length something has, the last one counted whole.
func inParts(n, of int) int { return (n + of - 1) / of }
