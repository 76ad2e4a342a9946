#!/usr/bin/env bash
# Runs examples/service/step_by_step.sh and holds what it shows; the words of the systemd unit, and
# where systemd is installed, what it says of that.
set -euo pipefail
toll=$1
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

out=$(examples/service/step_by_step.sh "$toll" "$folder/service" 2>"$folder/err") || {
  printf '%s\n' "$out"
  cat "$folder/err"
  exit 1
}
failed=0
holds() { grep -qF -- "$1" <<<"$out" || { echo "it does not show: $1"; failed=1; }; }
holds '{"status":"ready"}'
holds '"status":401,"detail":"a key is needed: send `Authorization: Bearer toll_...`"'
holds 'HTTP/1.1 200 OK'
holds 'Toll-Card-Version: 2026-01-01'
holds 'RateLimit-Policy: "requests";q=100;w=1'
holds '"total":"1100.00"'
holds '"steps":['
holds '{"line":3,"error":{"type":"about:blank","title":"Bad Request","status":400'
holds '"detail":"the key lacks the scope `cards:read`"'
holds 'toll_http_requests_total{method="POST",route="/v1/quotes/batch",status="200"} 1'
holds 'toll_keys_good 2'
holds '"detail":"the key was revoked at '
holds '"detail":"the service is about to end"'
holds 'the service ended with 0'
secrets=$(sed -n 's/.*Bearer toll_[0-9a-f]*_\(.*\)"/\1/p' "$folder"/service/*.curl)
for secret in $secrets; do
  ! grep -qF -- "$secret" "$folder/service/log" "$folder/service/keys" || { echo "a secret is in the log"; failed=1; }
done
[ "$(wc -w <<<"$secrets")" = 2 ] || { echo "the keys were not found"; failed=1; }

help=$("$toll" serve --help)
for word in $(sed -n 's/^ExecStart=//p' examples/service/toll.service | grep -o -- ' --[a-z-]*'); do
  grep -qF -- "$word " <<<"$help" || { echo "toll.service: there is no $word"; failed=1; }
done
if command -v systemd-analyze >/dev/null; then
  # Of a program that is there.
  sed "s|^ExecStart=[^ ]*|ExecStart=$(realpath "$toll")|" examples/service/toll.service >"$folder/toll.service"
  said=$(systemd-analyze verify "$folder/toll.service" 2>&1) && ! grep -q 'toll.service' <<<"$said" ||
    { echo "systemd-analyze verify: $said"; failed=1; }
  systemd-analyze security --offline=yes --threshold=15 "$folder/toll.service" >"$folder/security" ||
    { echo "the unit may do more than it should:"; cat "$folder/security"; failed=1; }
fi
[ "$failed" = 0 ] || printf '%s\n' "$out"
exit $failed
