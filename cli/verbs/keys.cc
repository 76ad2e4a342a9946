// `toll keys create`, `list` and `revoke`.
#include "server/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "base/date.h"
#include "base/instant.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "wire/text.h"

namespace toll::cli {
namespace {

using server::ApiKey;
using server::KeyWish;

Instant now() {
  // Whole seconds: a file of keys is read by people.
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

int wrong(const std::string& mistake, const std::string& help = {}) {
  complain(mistake, help);
  return kWrongCommand;
}

/// A moment, or the beginning of a day in UTC.
std::optional<Instant> parse_moment(std::string_view text) {
  if (const auto day = parse_date(text)) return start_of(*day, "UTC");
  return parse_instant(text);
}

std::string scope_list() {
  return fmt::format("the scopes are {}", fmt::join(server::kScopes, ", "));
}

/// What is wrong with the options; empty if nothing, and `wish` is filled in.
std::string read_wish(const KeysOptions& options, KeyWish& wish, std::string& help) {
  wish.name = options.name;
  if (const std::string why = wire::id_fault(options.name); !why.empty())
    return fmt::format("--name `{}` {}", wire::shown(options.name), why);
  const auto scopes = server::Scopes::parse(options.scopes);
  if (!scopes) {
    help = scope_list();
    return scopes.error().message;
  }
  wish.scopes = *scopes;
  if (!options.tenant.empty() && options.tenant != server::kDefaultTenant) {
    if (const std::string why = server::tenant_fault(options.tenant); !why.empty())
      return fmt::format("--tenant `{}` {}", wire::shown(options.tenant), why);
    wish.tenant = options.tenant;
    if (wish.scopes == server::Scopes::parse(server::kMetricsScope))
      return "metrics are those of the whole service: no key of a tenant reads them";
  }
  if (!options.customer.empty()) {
    if (const std::string why = wire::id_fault(options.customer); !why.empty())
      return fmt::format("--customer `{}` {}", wire::shown(options.customer), why);
    if (wish.scopes != server::Scopes::parse(server::kCustomerScope)) {
      help = fmt::format("use --scopes {}", server::kCustomerScope);
      return "a key for one customer reads what is this customer's, and nothing else";
    }
    wish.customer = options.customer;
  }
  if (!options.expires.empty()) {
    wish.expires = parse_moment(options.expires);
    if (!wish.expires) {
      help = "write it like 2026-12-31 or 2026-12-31T12:00:00Z";
      return fmt::format("--expires `{}` is neither a day nor a moment",
                         wire::shown(options.expires));
    }
    if (*wish.expires <= now())
      return fmt::format("--expires `{}` is over", wire::shown(options.expires));
  }
  for (const auto& [name, count] :
       {std::pair("--rate", options.rate), {"--burst", options.burst}}) {
    if (count > static_cast<int>(server::kRateMost))
      return fmt::format("{} must be at most {}", name, server::kRateMost);
    if (count == 0) {
      help =
          fmt::format("leave {} out for {}; a key that may not ask is one that was revoked", name,
                      std::string_view(name) == "--rate" ? "any number" : "as many as --rate");
      return fmt::format("{} must be at least 1", name);
    }
  }
  if (options.burst > 0 && options.rate < 0) return "--burst says nothing without --rate";
  if (options.rate > 0)
    wish.limit = {static_cast<uint32_t>(options.rate),
                  static_cast<uint32_t>(options.burst > 0 ? options.burst : options.rate)};
  return {};
}

std::string state_of(const ApiKey& key) {
  if (key.revoked) return fmt::format("revoked {}", to_string(*key.revoked));
  if (key.expires)
    return fmt::format("{} {}", *key.expires <= now() ? "expired" : "expires",
                       to_string(*key.expires));
  return "good";
}

std::string rate_of(const ApiKey& key) {
  if (!key.limit) return "-";
  return fmt::format("{}/s, {} at once", key.limit->per_second, key.limit->burst);
}

}  // namespace

int create_key(const KeysOptions& options) {
  KeyWish wish;
  std::string help;
  if (const std::string mistake = read_wish(options, wish, help); !mistake.empty())
    return wrong(mistake, help);
  const auto made = server::create_key(options.file, wish, now());
  if (!made) {
    complain(made.error().message);
    return kFailed;
  }
  print(made->token + "\n");
  fmt::print(stderr, "key {} of {}: shown this once, `{}` holds only its hash\n", made->key.id,
             wire::shown(made->key.name), options.file);
  return kOk;
}

int list_keys(const KeysOptions& options) {
  const auto keys = server::read_keys(options.file);
  if (!keys) {
    complain(keys.error().message);
    return kFailed;
  }
  size_t name = 4, scopes = 6, rate = 4;
  for (const ApiKey& key : *keys) {
    name = std::max(name, wire::shown(key.name).size());
    scopes = std::max(scopes, key.scopes.to_string().size());
    rate = std::max(rate, rate_of(key).size());
  }
  const auto row = [&](std::string_view id, std::string_view of, std::string_view may,
                       std::string_view often, std::string_view state) {
    print(fmt::format("{:<8}  {:<{}}  {:<{}}  {:<{}}  {}\n", id, of, name, may, scopes, often, rate,
                      state));
  };
  row("id", "name", "scopes", "rate", "state");
  for (const ApiKey& key : *keys) {
    const std::string customer =
        key.customer ? fmt::format(", customer {}", wire::shown(*key.customer)) : "";
    const std::string tenant = key.tenant ? fmt::format(", tenant {}", *key.tenant) : "";
    row(key.id, wire::shown(key.name), key.scopes.to_string(), rate_of(key),
        state_of(key) + tenant + customer);
  }
  return kOk;
}

int revoke_key(const KeysOptions& options) {
  const auto revoked = server::revoke_key(options.file, options.id, now());
  if (!revoked) {
    complain(revoked.error().message);
    return kFailed;
  }
  print(fmt::format("key {} of {} is revoked since {}\n", revoked->id, wire::shown(revoked->name),
                    to_string(*revoked->revoked)));
  return kOk;
}

}  // namespace toll::cli
