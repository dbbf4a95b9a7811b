#!/usr/bin/env bash
# Commits what render.sh wrote and pushes it to the branch that Flux's
# GitRepository follows:
#
#	commit.sh OUT BRANCH
#
# Nothing is pushed where nothing changed, so that CI does not run in circles.
set -euo pipefail
out=$1 branch=$2

git add -- "$out"
if git diff --cached --quiet -- "$out"; then
  echo "nothing changed in $out"
  exit
fi
git commit -q -m "$out: rendered from $(git rev-parse --short HEAD)" -- "$out"
git push -q origin "HEAD:refs/heads/$branch"
