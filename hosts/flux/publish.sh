#!/usr/bin/env bash
# Pushes what render.sh wrote as an OCI artifact for Flux's OCIRepository:
#
#	publish.sh OUT REFERENCE SOURCE REVISION
#
# It needs only crane; flux push artifact does the same. Flux unpacks the first
# layer, and the same manifests give the same layer.
set -euo pipefail
out=$1 reference=$2 revision=$4
source=$(sed 's|^\([a-z]*://\)[^/]*@|\1|' <<<"$3") # without the credentials of a checkout in CI

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$out" -cf - . | gzip -n >"$work/layer.tar.gz"
crane append --oci-empty-base --new_layer "$work/layer.tar.gz" --new_tag "$reference"
crane mutate "$reference" --tag "$reference" \
  --annotation "org.opencontainers.image.source=$source" \
  --annotation "org.opencontainers.image.revision=$revision"
