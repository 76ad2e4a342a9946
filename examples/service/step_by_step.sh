#!/usr/bin/env bash
# A service with API keys, step by step with curl: keys, quotes, a batch, what a key may not do, its
# end, and the end of the service. Usage: examples/service/step_by_step.sh PATH-TO-toll [FOLDER]
# (default build/service: keys and log go there, and what was there goes away).
set -euo pipefail
toll=$(realpath "$1")
cd "$(dirname "$0")/../.."
folder=${2:-build/service}

step() { printf '\n\033[1m%s\033[0m\n' "$1"; }
run() { printf '$ %s\n' "$1" | sed "s#$toll#toll#; s#$folder#FOLDER#g"; eval "$1"; echo; }

rm -rf "$folder"
mkdir -p "$folder"

step "1. Keys: one for the checkout, one for the operator. Only their hashes are kept"
checkout=$("$toll" keys create --keys "$folder/keys" --name checkout --scopes quotes:read --rate 100)
operator=$("$toll" keys create --keys "$folder/keys" --name operator --scopes admin --expires 2199-01-01)
run "$toll keys list --keys $folder/keys"

step "2. The service, for all interfaces: it may leave loopback, since it has keys"
"$toll" serve --cards ratecards/founding --keys "$folder/keys" --listen 0.0.0.0:0 --drain-delay 1 \
  >"$folder/log" 2>&1 &
service=$!
trap 'kill $service 2>/dev/null || true' EXIT
port=
for _ in $(seq 400); do
  port=$(sed -n 's#^listening on http://[0-9.]*:\([0-9]*\) .*#\1#p' "$folder/log")
  [ -n "$port" ] && break
  sleep 0.05
done
[ -n "$port" ] || { cat "$folder/log" >&2; exit 1; }
address=http://127.0.0.1:$port
run "curl -sS $address/readyz"

step "3. Nobody is let in without a key"
usage='{"card":"api_platform","on":"2026-03-15","usage":[{"meter":"api_calls","quantity":"250000"}]}'
run "curl -sS $address/v1/quotes -H 'Content-Type: application/json' -d '$usage'"

step "4. A quote. The key stands in a file, so that no list of processes shows it"
printf 'header = "Authorization: Bearer %s"\n' "$checkout" >"$folder/checkout.curl"
printf 'header = "Authorization: Bearer %s"\n' "$operator" >"$folder/operator.curl"
run "curl -sS -K $folder/checkout.curl $address/v1/quotes -H 'Content-Type: application/json' -d '$usage' -D -"

step "5. Its derivation"
run "curl -sS -K $folder/checkout.curl $address/v1/explain -H 'Content-Type: application/json' -d '$usage'"

step "6. Many at once: a document a line in, an answer a line out. A bad line harms no other"
for quantity in 90000 250000 -1; do printf '%s\n' "${usage/250000/$quantity}"; done >"$folder/usage.ndjson"
run "curl -sS -K $folder/checkout.curl $address/v1/quotes/batch -H 'Content-Type: application/x-ndjson' --data-binary @$folder/usage.ndjson"

step "7. What the key may not do"
run "curl -sS -K $folder/checkout.curl $address/v1/cards/api_platform"

step "8. What the operator sees"
run "curl -sS -K $folder/operator.curl $address/metrics | grep -E '^toll_(ready|cards_live|keys_good|http_requests_total)'"

step "9. The checkout's key is revoked: it is good no more within a second"
run "$toll keys revoke ${checkout:5:8} --keys $folder/keys"
sleep 1
run "curl -sS -K $folder/checkout.curl $address/v1/quotes -H 'Content-Type: application/json' -d '$usage'"

step "10. SIGTERM: not ready from now on, and gone when everything is answered"
kill $service
sleep 0.3
run "curl -sS $address/readyz"
trap - EXIT
wait $service
echo "the service ended with $?"
