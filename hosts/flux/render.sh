#!/usr/bin/env bash
# Renders an overlay, applies the policy and writes the folder that Flux reads:
#
#	render.sh OVERLAY POLICY OUT
#
# Flux runs no functions, so this happens in CI. Nothing is written unless all of
# it went well.
set -euo pipefail
overlay=$1 policy=$2 out=$3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kustomize build "$overlay" >"$work/rendered.yaml"
test -s "$work/rendered.yaml" || { echo "kustomize build rendered nothing" >&2; exit 1; }
usergroup fix --policy "$policy" - <"$work/rendered.yaml" >"$work/manifests.yaml"
mkdir -p "$out"
mv "$work/manifests.yaml" "$out/manifests.yaml"
