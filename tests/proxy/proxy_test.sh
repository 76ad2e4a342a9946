#!/usr/bin/env bash
# examples/service/nginx.conf in front of a service: what passes, and what it keeps from the service.
set -euo pipefail
toll=$1
cd "$(dirname "$0")/../.."
nginx=$(PATH=$PATH:/usr/sbin command -v nginx) || { echo "nginx is not installed: not tested"; exit 77; }
command -v openssl >/dev/null || { echo "openssl is not installed: not tested"; exit 77; }
folder=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT

failed=0
expect() { # WHAT WANTED GOT
  [ "$2" = "$3" ] || { echo "$1: wanted $2, got $3"; failed=1; }
}
free_port() { # one that nobody listens on now
  local port
  while :; do
    port=$((20000 + RANDOM % 12000)) # below those that clients get
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

key=$("$toll" keys create --keys "$folder/keys" --name test --scopes admin 2>/dev/null)
"$toll" serve --cards ratecards/founding --keys "$folder/keys" --listen 127.0.0.1:0 >"$folder/log" 2>&1 &
pids+=($!)
port=
for _ in $(seq 400); do
  port=$(sed -n 's#^listening on http://127.0.0.1:\([0-9]*\) .*#\1#p' "$folder/log")
  [ -n "$port" ] && break
  sleep 0.05
done
[ -n "$port" ] || { cat "$folder/log"; exit 1; }

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=prices.example.com \
  -keyout "$folder/privkey.pem" -out "$folder/fullchain.pem" 2>/dev/null
user=
[ "$(id -u)" != 0 ] || user="user root;" # the folder is this user's

# The shown file, but for ports and places, in a server on ports that nobody has now.
configure() {
  plain=$(free_port)
  tls=$(free_port)
  sed "s#127.0.0.1:8080#127.0.0.1:$port#; s#listen 80;#listen 127.0.0.1:$plain;#; s#listen 443 ssl;#listen 127.0.0.1:$tls ssl;#; s#/etc/toll/tls#$folder#" \
    examples/service/nginx.conf >"$folder/toll.conf"
  cat >"$folder/nginx.conf" <<TEXT
$user
daemon off;
pid $folder/nginx.pid;
error_log $folder/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path $folder/body;
  proxy_temp_path $folder/proxy;
  fastcgi_temp_path $folder/fastcgi;
  uwsgi_temp_path $folder/uwsgi;
  scgi_temp_path $folder/scgi;
  include $folder/toll.conf;
}
TEXT
  site=https://prices.example.com:$tls
}
tell() {
  curl -sS --max-time 20 --cacert "$folder/fullchain.pem" --resolve "prices.example.com:$tls:127.0.0.1" "$@"
}
# False where it ends, as when another process was quicker with a port.
start_proxy() {
  configure
  "$nginx" -e "$folder/error.log" -c "$folder/nginx.conf" >"$folder/nginx.out" 2>&1 &
  proxy=$!
  for _ in $(seq 400); do
    tell -o /dev/null "$site/healthz" 2>/dev/null && { pids+=("$proxy"); return 0; }
    kill -0 "$proxy" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}
start_proxy || start_proxy || start_proxy || { cat "$folder/nginx.out" "$folder/error.log"; exit 1; }
status() { tell -o /dev/null -w '%{http_code}' "$@" || true; }
keyed=(-H "Authorization: Bearer $key")
usage='{"card":"api_platform","on":"2026-03-15","usage":[{"meter":"api_calls","quantity":"250000"}]}'

expect "readiness by TLS" 200 "$(status "$site/readyz")"
expect "plain HTTP" 308 "$(curl -sS -o /dev/null -w '%{http_code}' -H 'Host: prices.example.com' "http://127.0.0.1:$plain/v1/cards")"
expect "a quote" '"total":"1100.00"' "$(tell "${keyed[@]}" -H 'Content-Type: application/json' -d "$usage" "$site/v1/quotes" | grep -o '"total":"1100.00"')"
expect "no key" 401 "$(status -H 'Content-Type: application/json' -d "$usage" "$site/v1/quotes")"
expect "WWW-Authenticate" 'Bearer realm="toll"' "$(tell -D - -o /dev/null "$site/v1/cards" | tr -d '\r' | sed -n 's/^WWW-Authenticate: //Ip')"
expect "metrics from outside" 404 "$(status "${keyed[@]}" "$site/metrics")"
expect "metrics from inside" 200 "$(curl -sS -o /dev/null -w '%{http_code}' "${keyed[@]}" "http://127.0.0.1:$port/metrics")"
expect "a query with spaces" 400 "$(status "${keyed[@]}" "$site/v1/cards?x=%20")"
expect "a body beyond its route's limit" 413 "$(head -c 2000000 /dev/zero | status "${keyed[@]}" -H 'Content-Type: application/json' --data-binary @- "$site/v1/quotes")"
expect "a body beyond all limits" 413 "$(head -c 9000000 /dev/zero | status "${keyed[@]}" -H 'Content-Type: application/json' --data-binary @- "$site/v1/quotes")"

for _ in $(seq 20000); do printf '%s\n' "$usage"; done >"$folder/batch"
expect "lines of a batch of 20,000" 20000 "$(tell "${keyed[@]}" -H 'Content-Type: application/x-ndjson' --data-binary "@$folder/batch" "$site/v1/quotes/batch" | grep -c '"total":"1100.00"')"
expect "lines of a batch in chunks" 20000 "$(tell "${keyed[@]}" -H 'Content-Type: application/x-ndjson' -H 'Transfer-Encoding: chunked' -T - "$site/v1/quotes/batch" -X POST <"$folder/batch" | grep -c '"total":"1100.00"')"

# What docs/reliability.md leaves to a proxy. Each is sent as it stands; what counts is the first line.
raw() { # BYTES SECONDS: the status of the answer
  printf "$1" | timeout "$2" openssl s_client -quiet -connect "127.0.0.1:$tls" -servername prices.example.com 2>/dev/null |
    head -n 1 | tr -d '\r' | cut -d ' ' -f 2 || true
}
head='Host: prices.example.com\r\n'
expect "Content-Length: %31" 400 "$(raw "POST /v1/quotes HTTP/1.1\r\n${head}Content-Length: %%31\r\n\r\nx" 3)"
expect "two lengths" 400 "$(raw "POST /v1/quotes HTTP/1.1\r\n${head}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx" 3)"
expect "length and chunks" 400 "$(raw "POST /v1/quotes HTTP/1.1\r\n${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" 3)"
expect "chunk size -2" 400 "$(raw "POST /v1/quotes HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n-2\r\n" 3)"
expect "a long request line" 414 "$(raw "GET /$(head -c 9000 /dev/zero | tr '\0' a) HTTP/1.1\r\n${head}\r\n" 3)"
expect "a long header line" 400 "$(raw "GET / HTTP/1.1\r\n${head}X: $(head -c 9000 /dev/zero | tr '\0' a)\r\n\r\n" 3)"

# Sixty clients that never say a word: others are served meanwhile, by threads that none of
# these holds.
for _ in $(seq 60); do
  exec {slow}<>"/dev/tcp/127.0.0.1/$tls"
  slows+=("$slow")
done
begin=$(date +%s%N)
expect "a quote beside silent clients" 200 "$(curl -sS -o /dev/null -w '%{http_code}' --cacert "$folder/fullchain.pem" --resolve "prices.example.com:$tls:127.0.0.1" "${keyed[@]}" -H 'Content-Type: application/json' -d "$usage" "$site/v1/quotes")"
[ $((($(date +%s%N) - begin) / 1000000)) -lt 2000 ] || { echo "silent clients hold others up"; failed=1; }
connections=$(curl -sS "${keyed[@]}" "http://127.0.0.1:$port/metrics" | sed -n 's/^toll_http_connections //p')
[ "$connections" -lt 10 ] || { echo "silent clients hold $connections connections of the service"; failed=1; }
for slow in "${slows[@]}"; do exec {slow}>&-; done

[ "$failed" = 0 ] || cat "$folder/error.log" "$folder/nginx.out"
exit $failed
