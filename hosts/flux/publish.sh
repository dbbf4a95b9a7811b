#!/usr/bin/env bash
# Pushes what render.sh wrote as an OCI artifact for Flux's OCIRepository:
#
#	publish.sh OUT REFERENCE SOURCE REVISION
#
# It needs only crane; flux push artifact does the same. Flux unpacks the first
# layer, and the same manifests give the same layer. The artifact is complete, with
# its annotations, before anything is pushed: Flux may read the tag at any time.
set -euo pipefail
out=$1 reference=$2 revision=$4
source=$(sed 's|^\([a-z]*://\)[^/]*@|\1|' <<<"$3") # without the credentials of a checkout in CI

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/layout/blobs/sha256"

digest() { sha256sum <"$1" | cut -d ' ' -f 1; }

# blob adds a file to the layout and prints its descriptor.
blob() {
  local sum
  sum=$(digest "$2")
  cp "$2" "$work/layout/blobs/sha256/$sum"
  printf '{"mediaType":"application/vnd.oci.image.%s","size":%d,"digest":"sha256:%s"}' "$1" "$(wc -c <"$2")" "$sum"
}

string() { sed 's/[\\"]/\\&/g; s/.*/"&"/' <<<"$1"; }

tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$out" -cf "$work/layer.tar" .
gzip -n <"$work/layer.tar" >"$work/layer.tar.gz"
printf '{"architecture":"","os":"","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$(digest "$work/layer.tar")" >"$work/config.json"
layer=$(blob layer.v1.tar+gzip "$work/layer.tar.gz")
config=$(blob config.v1+json "$work/config.json")
cat >"$work/manifest.json" <<END
{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.manifest.v1+json",
  "config": $config,
  "layers": [$layer],
  "annotations": {
    "org.opencontainers.image.source": $(string "$source"),
    "org.opencontainers.image.revision": $(string "$revision")
  }
}
END
manifest=$(blob manifest.v1+json "$work/manifest.json")
echo '{"imageLayoutVersion":"1.0.0"}' >"$work/layout/oci-layout"
echo "{\"schemaVersion\":2,\"manifests\":[$manifest]}" >"$work/layout/index.json"
crane push "$work/layout" "$reference"
