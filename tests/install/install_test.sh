#!/usr/bin/env bash
# Installs Toll, builds examples/embed against it as a stranger would, and runs it.
#   install_test.sh BUILD SOURCE COMPILER
set -euo pipefail
build=$1 source=$2 compiler=$3

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cmake --install "$build" --prefix "$scratch/installed" >/dev/null
cmake -S "$source/examples/embed" -B "$scratch/checkout" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_PREFIX_PATH="$scratch/installed" >/dev/null
cmake --build "$scratch/checkout" >/dev/null

"$scratch/checkout/checkout" "$source/examples/cards" >"$scratch/said"
cat >"$scratch/wanted" <<TEXT
$("$scratch/installed/bin/toll" quote api --cards "$source/examples/cards" --usage "$source/examples/usage.json" --json)
0 calls: 50000 cents
100000 calls: 50000 cents
1000000 calls: 410000 cents
10000000 calls: 4010000 cents
TEXT
diff "$scratch/wanted" "$scratch/said"

# Nothing of Toll's own rooms is visible, only its door.
hidden=$(nm -D --defined-only -C "$scratch"/installed/lib*/libtoll.so "$scratch"/installed/lib*/*/libtoll.so 2>/dev/null |
  grep -v -E ' toll::(RateCards|Prepared)::| (vtable|typeinfo)' | grep ' toll::' || true)
[ -z "$hidden" ] || { echo "visible: $hidden"; exit 1; }

# A folder with a mistake is refused whole, with the place.
mkdir "$scratch/cards"
sed 's/0.0040 USD/0.0040/' "$source"/examples/cards/api@2026-01-01.toll >"$scratch/cards/api@2026-01-01.toll"
if "$scratch/checkout/checkout" "$scratch/cards" 2>"$scratch/said"; then exit 1; fi
grep -q 'api@2026-01-01.toll:16:15: error' "$scratch/said" || { cat "$scratch/said"; exit 1; }
