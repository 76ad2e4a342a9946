#!/usr/bin/env bash
# What Toll is for, on one screen: an invoice with its derivation, a service that quotes, and a price
# that changes when its file is saved. Usage: examples/price_change.sh PATH-TO-toll
set -euo pipefail
toll=$(realpath "$1")
cd "$(dirname "$0")/.."

cards=build/run/cards
log=build/run/toll.log
card=$cards/api@2026-01-01.toll

say() { printf '\n\033[1m%s\033[0m\n' "$1"; }

stop_earlier_run() {
  [ -f build/run/pid ] && kill "$(cat build/run/pid)" 2>/dev/null && sleep 0.3
  rm -rf build/run
  mkdir -p "$cards"
}

# Starts the service on a free port and waits until it says which.
start_service() {
  nohup "$toll" serve --cards "$cards" --listen 127.0.0.1:0 >"$log" 2>&1 &
  echo $! >build/run/pid
  for _ in $(seq 200); do
    address=$(sed -n 's#.*listening on \(http://[0-9.:]*\).*#\1#p' "$log" | head -n 1)
    [ -n "$address" ] && return
    sleep 0.05
  done
  cat "$log" >&2
  exit 1
}

quote() { curl -sS -H 'Content-Type: application/json' --data-binary @examples/usage.json "$address/v1/quotes"; }
total() { quote | sed -n 's/.*"total": *"\([0-9.]*\)".*/\1/p'; }

say "1. A golden invoice, with the derivation of every line"
"$toll" explain api_platform --cards ratecards/founding --example "Growing customer"

stop_earlier_run
cp examples/cards/*.toll "$cards/"
start_service
say "2. The service runs on $address and quotes this card"
cat "$card"
say "3. 250,000 calls in March 2026, over HTTP"
quote
echo
before=$(total)

say "4. The price goes from 0.0040 to 0.0035 USD per call: the file is saved"
sed 's/at 0.0040 USD per call/at 0.0035 USD per call/' "$card" >"$card.new"
saved=$(date +%s%N)
mv "$card.new" "$card"
for _ in $(seq 500); do
  after=$(total)
  [ "$after" = "$before" ] || break
done
answered=$(date +%s%N)
echo "total before: $before USD    total now: $after USD    $(((answered - saved) / 1000000)) ms from the save to the new answer"
[ "$after" != "$before" ]

say "The service goes on. Try it, and edit $card meanwhile:"
cat <<TEXT
  curl $address/v1/cards
  curl -H 'Content-Type: application/json' --data-binary @examples/usage.json $address/v1/quotes
It ends with: kill $(cat build/run/pid)
TEXT
