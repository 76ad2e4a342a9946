#!/usr/bin/env bash
# The workflow of toll.yml on this machine: a repository of cards in a scratch folder, a branch that
# changes a price, and every step as CI runs it, on the mistakes that it is there to find.
# Usage: examples/ci/run_locally.sh PATH-TO-toll
set -euo pipefail
PATH=$(dirname "$(realpath "$1")"):$PATH
cards_to_start_with=$(realpath "$(dirname "$0")/../cards")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
export CI=true GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null

say() { printf '\n== %s\n' "$1"; }
commit() { git add . && git -c user.name=Toll -c user.email=toll@example.com commit -q -m "$1"; }

# Runs a step and holds it to the exit code that CI would act on.
expect() {
  local wanted=$1 code=0
  shift
  "$@" || code=$?
  [ "$code" = "$wanted" ] || { echo "\`$*\` exited with $code, not $wanted" >&2; exit 1; }
}

git init -q --initial-branch=main .
mkdir cards
cp "$cards_to_start_with"/*.toll cards/
cat >cards/api.invoices.toll <<'TEXT'
toll 1

invoice "Acme, March 2026" for api in 2026-03
  use api_calls 250,000 calls
  expect base 500.00 USD
  expect api_calls 600.00 USD
  expect total 1,100.00 USD
TEXT
toll fmt cards
commit "Cards and golden invoices"

steps() {
  expect 0 toll fmt --check cards
  expect "$1" toll check --format github --strict cards
  expect "$2" toll test --junit toll-junit.xml cards
  expect "$3" toll cover --min 100 cards
}

say "On main everything holds"
steps 0 0 0
expect 0 toll diff --against main cards

say "A branch raises a price: the golden invoice no longer holds"
git switch -q -c dearer
sed -i 's/at 0.0040 USD per call/at 0.0045 USD per call/' cards/api@2026-01-01.toll
commit "Raise the price of a call"
steps 0 1 0

say "CI does not accept the new amounts by itself; a person does, and commits them"
expect 1 toll test --update cards
expect 10 env -u CI toll test --update cards
commit "Expect the new price"
steps 0 0 0

say "The comment on the pull request"
expect 2 toll diff --against main --format markdown cards

say "A branch with a mistake: an annotation in its line, and code scanning"
git switch -q -c mistaken
sed -i 's/0.0045 USD/0.0045 EUR/' cards/api@2026-01-01.toll
commit "Price in another currency"
steps 1 1 1
toll check --format sarif cards >toll.sarif || true
grep -q '"ruleId":"E105"' toll.sarif
expect 1 toll diff --against main --format markdown cards

say "Everything is as CI needs it"
