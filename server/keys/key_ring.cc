#include "server/keys/key_ring.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/secret.h"
#include "base/sha256.h"
#include "server/keys/token.h"

namespace toll::server {
namespace {

/// The hash that an unknown id is compared with. No token has it.
const std::string kNoHash(32, '\0');

std::string policy_of(const RateLimit& limit) {
  const uint32_t window = std::max(1u, (limit.burst + limit.per_second - 1) / limit.per_second);
  return fmt::format("\"requests\";q={};w={}", limit.burst, window);
}

}  // namespace

bool is_good(const ApiKey& key, Instant now) {
  return !(key.revoked && *key.revoked <= now) && !(key.expires && *key.expires <= now);
}

KeyRing::KeyRing(std::vector<ApiKey> keys, const KeyRing& before) {
  for (ApiKey& key : keys) {
    const HeldKey* const other = before.find_id(key.id);
    auto use = other ? other->use : std::make_shared<KeyUse>();
    std::string id = key.id;
    std::string policy = key.limit ? policy_of(*key.limit) : std::string();
    keys_.emplace(std::move(id), HeldKey{std::move(key), std::move(use), std::move(policy)});
  }
}

const HeldKey* KeyRing::find_id(std::string_view id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

std::expected<const HeldKey*, std::string> KeyRing::find(std::string_view token,
                                                         Instant now) const {
  const auto id = id_of_token(token);
  const std::string hash = sha256(token);
  const HeldKey* const held = id ? find_id(*id) : nullptr;
  const bool same = equal_in_constant_time(hash, held ? held->key.hash : kNoHash);
  if (!held || !same) return std::unexpected("the key is not known here");
  // From here on the caller has shown that the key is its own.
  const ApiKey& key = held->key;
  if (key.revoked && *key.revoked <= now)
    return std::unexpected(fmt::format("the key was revoked at {}", to_string(*key.revoked)));
  if (key.expires && *key.expires <= now)
    return std::unexpected(fmt::format("the key expired at {}", to_string(*key.expires)));
  return held;
}

}  // namespace toll::server
