// The keys that were read from a file, to be found by what a request brings. Immutable; a new one
// takes the place of the old one as a whole.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/keys.h"
#include "server/limits/token_bucket.h"

namespace toll::server {

/// What is counted of a key. It outlives the ring, so that a file that is read again empties no
/// bucket.
struct KeyUse {
  TokenBucket bucket;
  std::atomic<uint64_t> requests = 0;
  std::atomic<int64_t> last_seconds = 0;  ///< of the system's clock; 0: never

  void count(Instant now) {
    requests.fetch_add(1, std::memory_order_relaxed);
    const int64_t seconds =
        std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    // Once a second, and not by every thread for every request.
    if (last_seconds.load(std::memory_order_relaxed) != seconds)
      last_seconds.store(seconds, std::memory_order_relaxed);
  }
};

struct HeldKey {
  ApiKey key;
  std::shared_ptr<KeyUse> use;
  std::string limit_policy;  ///< its limit, as the field RateLimit-Policy says it
};

class KeyRing {
 public:
  KeyRing() = default;
  /// Keys that `before` has too keep their use.
  KeyRing(std::vector<ApiKey> keys, const KeyRing& before);

  /// The key with this token, or why nobody is let in with it. What is not the token of a key is
  /// told apart from nothing: neither by an answer nor by the time it takes.
  std::expected<const HeldKey*, std::string> find(std::string_view token, Instant now) const;

  const HeldKey* find_id(std::string_view id) const;
  const std::map<std::string, HeldKey, std::less<>>& keys() const { return keys_; }

 private:
  std::map<std::string, HeldKey, std::less<>> keys_;  // by id
};

/// Whether a key lets somebody in at a moment: it is neither revoked nor has it expired.
bool is_good(const ApiKey& key, Instant now);

}  // namespace toll::server
