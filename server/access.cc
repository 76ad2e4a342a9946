#include "server/access.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>

#include "base/clock.h"
#include "server/event_log.h"
#include "server/keys/key_ring.h"
#include "server/keys/refusal_log.h"
#include "server/keys/token.h"
#include "wire/text.h"

namespace toll::server {
namespace {

using http::Pass;
using http::Request;
using http::Response;
using http::RouteInfo;
using std::chrono::nanoseconds;

constexpr std::chrono::milliseconds kLookInterval{250};

/// What changes when a file is written or another takes its place.
using Signature = std::tuple<dev_t, ino_t, off_t, time_t, long>;

std::optional<Signature> signature_of(const std::string& path) {
  struct stat about{};
  if (stat(path.c_str(), &about) != 0) return std::nullopt;
  return Signature{about.st_dev, about.st_ino, about.st_size, about.st_mtim.tv_sec,
                   about.st_mtim.tv_nsec};
}

int64_t whole_seconds(nanoseconds time) {
  return std::chrono::ceil<std::chrono::seconds>(time).count();
}

/// RFC 6750: with what one may come again.
Response unauthorized(std::string_view detail, bool had_key) {
  Response answer = http::problem(401, detail);
  answer.headers.emplace_back(
      "WWW-Authenticate",
      had_key ? R"(Bearer realm="toll", error="invalid_token")" : R"(Bearer realm="toll")");
  return answer;
}

Response forbidden(std::string_view detail, std::string_view scope) {
  Response answer = http::problem(403, detail);
  answer.headers.emplace_back(
      "WWW-Authenticate",
      fmt::format(R"(Bearer realm="toll", error="insufficient_scope", scope="{}")", scope));
  return answer;
}

/// The token of the request's one Authorization field, or the answer to it.
std::expected<std::string_view, Response> token_of(const Request& request) {
  std::optional<std::string_view> value = request.header("Authorization");
  const auto fields = std::ranges::count_if(request.headers, [](const http::Field& field) {
    return Request{.headers = {&field, 1}}.header("Authorization").has_value();
  });
  if (!value)
    return std::unexpected(
        unauthorized("a key is needed: send `Authorization: Bearer toll_...`", false));
  if (fields > 1) return std::unexpected(unauthorized("there is more than one key", true));
  constexpr std::string_view kScheme = "bearer ";
  const bool bearer = value->size() > kScheme.size() &&
                      std::ranges::equal(value->substr(0, kScheme.size()), kScheme, {}, [](char c) {
                        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
                      });
  if (!bearer)
    return std::unexpected(
        unauthorized("the key is not sent like `Authorization: Bearer toll_...`", true));
  value->remove_prefix(kScheme.size());
  return *value;
}

/// Whether a request asks for what is this customer's, and changes nothing.
bool reads_of(const Request& request, const std::string& customer) {
  if (request.method != "GET" && request.method != "HEAD") return false;
  const std::string_view named = request.capture("customer");
  if (!named.empty()) return named == customer;
  return request.parameter("customer") == customer;
}

/// What is left of a limit, and when there is all again. Every request of the key has this: written
/// without a format that would be parsed for each.
std::string left_of_limit(const TokenBucket::Taken& taken) {
  std::array<char, 64> text;
  char* at = text.data();
  const auto append = [&](std::string_view part) { at = std::ranges::copy(part, at).out; };
  append("\"requests\";r=");
  at = std::to_chars(at, text.end(), taken.left).ptr;
  append(";t=");
  at = std::to_chars(at, text.end(), whole_seconds(taken.full)).ptr;
  return {text.data(), at};
}

std::optional<Response> refused_for_limit(const HeldKey& held, Pass& pass) {
  if (!held.key.limit) return std::nullopt;
  const auto taken = held.use->bucket.take(*held.key.limit, TokenBucket::Clock::now());
  // Headers of draft-ietf-httpapi-ratelimit-headers.
  pass.headers.reserve(2);
  pass.headers.emplace_back("RateLimit-Policy", held.limit_policy);
  pass.headers.emplace_back("RateLimit", left_of_limit(taken));
  if (taken.allowed) return std::nullopt;
  const int64_t wait = std::max<int64_t>(1, whole_seconds(taken.wait));
  Response answer =
      http::problem(429, fmt::format("the key may ask {} times a second: ask again in {} s",
                                     held.key.limit->per_second, wait));
  answer.headers = std::move(pass.headers);
  answer.headers.emplace_back("Retry-After", std::to_string(wait));
  return answer;
}

std::optional<Response> refused_for_scope(const ApiKey& key, const Request& request,
                                          const RouteInfo& route) {
  const std::string& scope = route.options->scope;
  if (!key.scopes.allow(scope))
    return forbidden(fmt::format("the key lacks the scope `{}`", scope), scope);
  if (key.tenant && scope == kMetricsScope)
    return forbidden("metrics are those of the whole service: no key of a tenant reads them",
                     scope);
  if (key.customer && !reads_of(request, *key.customer))
    return forbidden(fmt::format("the key reads what is of customer `{}`, and nothing else",
                                 wire::shown(*key.customer)),
                     scope);
  return std::nullopt;
}

}  // namespace

struct Access::Impl {
  explicit Impl(std::string of) : path(std::move(of)) {}

  std::shared_ptr<const KeyRing> get() const {
    const std::lock_guard lock(ring_mutex);
    return ring;
  }

  Result<void> load();
  void reread();
  void look_again(const std::stop_token& stop);
  std::expected<Pass, Response> decide(const Request& request, const RouteInfo& route);

  const std::string path;
  mutable std::mutex ring_mutex;
  std::shared_ptr<const KeyRing> ring = std::make_shared<const KeyRing>();

  std::mutex loading;
  std::optional<Signature> seen;  // of the file that was read last
  RefusalLog log;

  std::mutex waiting;
  std::condition_variable_any changed;
  std::jthread looking;  // last: it ends before the rest
};

Result<void> Access::Impl::load() {
  // Before the file is read: a change meanwhile is seen the next time.
  seen = signature_of(path);
  auto keys = read_keys(path);
  if (!keys) return std::unexpected(std::move(keys.error()));
  auto next = std::make_shared<const KeyRing>(*std::move(keys), *get());
  const std::lock_guard lock(ring_mutex);
  ring = std::move(next);
  return {};
}

void Access::Impl::reread() {
  const std::lock_guard lock(loading);
  if (const auto done = load(); !done) {
    log_event(LogLevel::Error, "keys_unread",
              {{"why", done.error().message}, {"kept", std::to_string(get()->keys().size())}});
    return;
  }
  log_event(LogLevel::Info, "keys_read", {{"keys", std::to_string(get()->keys().size())}});
}

void Access::Impl::look_again(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(waiting);
      changed.wait_for(lock, stop, kLookInterval, [] { return false; });
    }
    const auto is_other = [&] {
      const std::lock_guard lock(loading);
      return signature_of(path) != seen;
    };
    if (!stop.stop_requested() && is_other()) reread();
  }
}

std::expected<Pass, Response> Access::Impl::decide(const Request& request, const RouteInfo& route) {
  Pass pass;
  if (route.options->scope == kPublic) return pass;
  const auto refuse = [&](Response answer, std::string_view id) -> std::unexpected<Response> {
    log.refused(answer.status, route, request.remote_address, id);
    return std::unexpected(std::move(answer));
  };
  const auto token = token_of(request);
  if (!token) return refuse(token.error(), {});
  const auto keys = get();
  const Instant moment = now();
  const auto held = keys->find(*token, moment);
  if (!held) return refuse(unauthorized(held.error(), true), id_of_token(*token).value_or(""));
  const HeldKey& key = **held;
  key.use->count(moment);
  if (auto refusal = refused_for_limit(key, pass)) return refuse(*std::move(refusal), key.key.id);
  if (auto refusal = refused_for_scope(key.key, request, route))
    return refuse(*std::move(refusal), key.key.id);
  pass.caller = key.key.id;
  pass.tenant = key.key.tenant.value_or(std::string(kDefaultTenant));
  return pass;
}

Access::Access(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Access::~Access() = default;

Result<std::unique_ptr<Access>> Access::open(const std::string& path) {
  auto impl = std::make_unique<Impl>(path);
  if (auto loaded = impl->load(); !loaded) return std::unexpected(std::move(loaded.error()));
  impl->looking =
      std::jthread([self = impl.get()](const std::stop_token& stop) { self->look_again(stop); });
  return std::unique_ptr<Access>(new Access(std::move(impl)));
}

http::Gate Access::gate() {
  return [self = impl_.get()](const Request& request, const RouteInfo& route) {
    return self->decide(request, route);
  };
}

void Access::reread() { impl_->reread(); }

void Access::charge(std::string_view caller, uint64_t requests) {
  const auto keys = impl_->get();
  const HeldKey* const held = keys->find_id(caller);
  if (held && held->key.limit)
    held->use->bucket.owe(*held->key.limit, requests, TokenBucket::Clock::now());
}

bool Access::lets_in(std::string_view caller) const {
  const auto keys = impl_->get();
  const HeldKey* const held = keys->find_id(caller);
  return held && is_good(held->key, now());
}

std::vector<Access::Use> Access::uses() const {
  std::vector<Use> all;
  for (const auto& [id, held] : impl_->get()->keys())
    all.push_back({id, held.key.name, held.use->requests.load(),
                   std::chrono::system_clock::time_point(
                       std::chrono::seconds(held.use->last_seconds.load()))});
  return all;
}

size_t Access::good_keys() const {
  const auto keys = impl_->get();
  const Instant moment = now();
  return static_cast<size_t>(std::ranges::count_if(
      keys->keys(), [&](const auto& entry) { return is_good(entry.second.key, moment); }));
}

}  // namespace toll::server
