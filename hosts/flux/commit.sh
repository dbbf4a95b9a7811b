#!/usr/bin/env bash
# Commits what render.sh wrote, alone, on top of the branch that Flux's
# GitRepository follows, and pushes it:
#
#	commit.sh OUT BRANCH
#
# The branch holds rendered folders and nothing else; the first run makes it. Other
# folders on it stay as they are. Neither the checkout nor its index is touched, and
# nothing is pushed where nothing changed, so that CI does not run in circles.
set -euo pipefail
out=$1 branch=$2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_INDEX_FILE=$work/index

parent=$(git ls-remote origin "refs/heads/$branch" | cut -f 1)
if [[ $parent ]]; then
  git fetch -q origin "refs/heads/$branch"
  git read-tree "$parent"
fi
git add --all --force -- "$out"
tree=$(git write-tree)
if [[ $parent ]] && git diff --quiet "$parent" "$tree"; then
  echo "nothing changed in $out"
  exit
fi
commit=$(git commit-tree "$tree" ${parent:+-p "$parent"} -m "$out: rendered from $(git rev-parse --short HEAD)")
git push -q origin "$commit:refs/heads/$branch"
