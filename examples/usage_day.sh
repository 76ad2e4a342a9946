#!/usr/bin/env bash
# A day of usage into live bills: 24 customers of four cards, 40,000 events, some of them twice and
# some of them late. Usage: examples/usage_day.sh PATH-TO-toll [FOLDER]
set -euo pipefail
toll=$(realpath "$1")
cd "$(dirname "$0")/.."

day=2026-04-08
folder=${2:-build/run/day}
rm -rf "$folder"
mkdir -p "$folder/cards" "$folder/slices"
cp examples/usage_day/cards/* "$folder/cards/"
cp ratecards/founding/{api_platform,gpu_cloud,outcomes}@2026-01-01.toll "$folder/cards/"

"$toll" serve --cards "$folder/cards" --data "$folder/data" --listen 127.0.0.1:0 >"$folder/log" 2>&1 &
service=$!
trap 'kill $service 2>/dev/null || true' EXIT
for _ in $(seq 200); do
  address=$(sed -n 's#.*listening on \(http://[0-9.:]*\).*#\1#p' "$folder/log" | head -n 1)
  [ -n "$address" ] && break
  sleep 0.05
done
[ -n "$address" ] || { cat "$folder/log" >&2; exit 1; }

# Who buys what: models-1 to models-6 the card `models`, and so on.
for pair in models:models api:api_platform gpu:gpu_cloud outcomes:outcomes; do
  for number in 1 2 3 4 5 6; do
    curl -sS --fail-with-body -o "$folder/answer" -X PUT -H 'Content-Type: application/json' \
      -d "{\"card\": \"${pair#*:}\", \"start\": \"2026-04-01\"}" \
      "$address/v1/customers/${pair%:*}-$number/subscriptions/main"
  done
done

# The events of each three hours, in the order in which they are sent, in batches of 1,000.
awk -f examples/usage_day/events.awk -v seed=7 -v events=40000 -v day="$day" -v folder="$folder/slices" \
  -v hours=3

counts() {
  sed -n 's/^{"accepted":\([0-9]*\),"duplicate":\([0-9]*\),"conflict":\([0-9]*\),"rejected":\([0-9]*\).*/\1 \2 \3 \4/p'
}

send() {  # prints how many were accepted, duplicates, and refused
  split -l 1000 "$1" "$folder/batch-"
  for batch in "$folder"/batch-*; do
    curl -sS --fail-with-body --retry 20 -H 'Content-Type: application/x-ndjson' --data-binary @"$batch" \
      "$address/v1/events" -w "\n" | counts
    rm "$batch"
  done | awk '{ accepted += $1; duplicates += $2; refused += $3 + $4 } END { print accepted, duplicates, refused }'
}

total() {  # the bill of customer $1 as of $2
  curl -sS --fail-with-body "$address/v1/customers/$1/bill?period=2026-04&as_of=$2" |
    sed -n 's/.*"total": *"\([0-9.]*\)".*/\1/p'
}

printf '\033[1mA day of 24 customers: what was sent, and what three of them owe for April so far, in USD\033[0m\n'
row() { printf '%-7s%10s%12s%9s%12s%12s%12s\n' "$@"; }
row '' accepted duplicates refused models-6 gpu-6 outcomes-6
for slice in "$folder"/slices/*; do
  until=${slice##*/}
  read -r accepted duplicates refused < <(send "$slice")
  as_of=${day}T$until:00:00Z
  [ "$until" = 24 ] && as_of=2026-04-09T00:00:00Z
  row "$until:00" "$accepted" "$duplicates" "$refused" "$(total models-6 "$as_of")" "$(total gpu-6 "$as_of")" \
    "$(total outcomes-6 "$as_of")"
done

kill $service
wait $service || true
trap - EXIT
"$toll" audit --data "$folder/data" --cards "$folder/cards"
