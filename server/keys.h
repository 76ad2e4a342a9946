// API keys: who may ask the service for what. They stand in a file, one JSON object a line, of
// which only hashes of the secrets are kept:
//
//   {"id":"3f9a1c22","name":"checkout","hash":"sha256:...","scopes":"quotes:read",
//    "created":"2026-03-01T12:00:00Z"}          and where wanted "expires", "tenant", "customer",
//                                               "rate", "burst", "revoked"
//
// A key is `toll_ID_SECRET`: the id finds it, the secret is 256 random bits. Nothing slower than
// SHA-256 is needed for a secret that nobody can guess.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"

namespace toll::server {

/// What a key may be allowed. `admin` is all of it.
inline constexpr std::string_view kScopes[] = {
    "quotes:read",    "cards:read",   "cards:write",   "events:write", "usage:read",
    "accounts:write", "ledger:write", "billing:write", "metrics:read", "admin"};

/// Of routes that need no key.
inline constexpr std::string_view kPublic = "public";

/// Of what is about the service as a whole: no key of a tenant has it, not even with `admin`.
inline constexpr std::string_view kMetricsScope = "metrics:read";

/// Whose the cards directly in the folder are, and the events of a service without tenants.
inline constexpr std::string_view kDefaultTenant = "default";

/// Why a text is no tenant, as a sentence without subject; empty where it is one. It is the name of
/// a folder: 1 to 64 small letters, digits, `-` and `_`, the first a letter or digit.
std::string tenant_fault(std::string_view text);

/// The only one that a key for one customer can have.
inline constexpr std::string_view kCustomerScope = "usage:read";

/// A set of them.
class Scopes {
 public:
  /// "quotes:read cards:read"; the error names the word that is none.
  static Result<Scopes> parse(std::string_view words);

  bool allow(std::string_view scope) const;
  bool empty() const { return bits_ == 0; }
  std::string to_string() const;

  friend bool operator==(const Scopes&, const Scopes&) = default;

 private:
  uint32_t bits_ = 0;  // by the place in kScopes
};

/// So many requests a second, and so many at once after a pause.
struct RateLimit {
  uint32_t per_second = 0;
  uint32_t burst = 0;

  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};
inline constexpr uint32_t kRateMost = 1'000'000;

struct ApiKey {
  std::string id;    ///< 8 hexadecimal digits
  std::string name;  ///< whose it is, for people
  std::string hash;  ///< SHA-256 of the whole key, 32 bytes
  Scopes scopes;
  std::optional<std::string> customer = {};  ///< it reads what is this customer's and no more
  std::optional<RateLimit> limit = {};
  Instant created{};
  std::optional<Instant> expires = {};
  std::optional<Instant> revoked = {};
  std::optional<std::string> tenant = {};  ///< empty: kDefaultTenant

  friend bool operator==(const ApiKey&, const ApiKey&) = default;
};

/// What a new key is to be.
struct KeyWish {
  std::string name;
  Scopes scopes;
  std::optional<std::string> customer = {};
  std::optional<RateLimit> limit = {};
  std::optional<Instant> expires = {};
  std::optional<std::string> tenant = {};
};

struct NewKey {
  ApiKey key;
  std::string token;  ///< the key itself, which is nowhere else
};

// Each reads and writes the file as a whole, and no two change it at a time. A file that others
// than its owner may write is refused: who can write it can let anybody in.

/// In the order of the file.
Result<std::vector<ApiKey>> read_keys(const std::string& path);

/// Makes the file where there is none, for its owner alone to read and write.
Result<NewKey> create_key(const std::string& path, const KeyWish& wish, Instant now);

/// The key, which is revoked from now on or was before.
Result<ApiKey> revoke_key(const std::string& path, std::string_view id, Instant now);

}  // namespace toll::server
