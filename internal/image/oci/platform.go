package oci

import (
	"fmt"
	"strconv"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/usergroup-dev/usergroup/image"
)

// ParsePlatform reads os/arch[/variant]; "" means image.DefaultPlatform.
func ParsePlatform(s string) (v1.Platform, error) {
	if s == "" {
		s = image.DefaultPlatform
	}
	parts := strings.Split(s, "/")
	bad := len(parts) < 2 || len(parts) > 3
	for _, p := range parts {
		bad = bad || !isToken(p)
	}
	if bad {
		return v1.Platform{}, fmt.Errorf("platform must be os/arch[/variant], is %q", s)
	}
	p := v1.Platform{OS: parts[0], Architecture: parts[1]}
	if len(parts) == 3 {
		p.Variant = parts[2]
	}
	return p, nil
}

// isToken reports whether s is a name as platforms use them.
func isToken(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_.-") == ""
}

// variantOf lists what an absent variant means, as containerd normalises it.
func variantOf(arch string) string {
	switch arch {
	case "amd64":
		return "v1"
	case "arm":
		return "v7"
	case "arm64":
		return "v8"
	}
	return ""
}

// level is a variant as a number, to compare: 8 for v8; -1 for anything else.
func level(arch, variant string) int {
	if variant == "" {
		variant = variantOf(arch)
	}
	n, err := strconv.Atoi(strings.TrimPrefix(variant, "v"))
	if err != nil {
		return -1
	}
	return n
}

// fit says how well an image for have serves want: negative for not at all, and
// the higher the better. A lower variant runs on a higher one of the same
// architecture, so of several the highest that is not above want wins, as in
// containerd.
func fit(have, want v1.Platform) int {
	if have.OS != want.OS || have.Architecture != want.Architecture {
		return -1
	}
	h, w := level(have.Architecture, have.Variant), level(want.Architecture, want.Variant)
	switch {
	case h < 0 || w < 0: // not levels: they must be the same word
		if have.Variant == want.Variant {
			return 0
		}
		return -1
	case h > w:
		return -1
	}
	return h
}
