// How often a key may ask: a token bucket, as the one moment at which it will be full again.
//
// Each request moves that moment on by 1/rate. It may lie up to burst/rate ahead of now; beyond
// that there is no token. (GCRA, the generic cell rate algorithm: the same bucket, in one number
// that threads can exchange.)
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "server/keys.h"

namespace toll::server {

/// Any number of threads.
class TokenBucket {
 public:
  using Clock = std::chrono::steady_clock;

  struct Taken {
    bool allowed = true;
    uint32_t left = 0;                ///< tokens
    std::chrono::nanoseconds wait{};  ///< until there is a token
    std::chrono::nanoseconds full{};  ///< until there are all again
  };

  /// One token, if there is one.
  Taken take(const RateLimit& limit, Clock::time_point now);

  /// So many, whether there are or not: what is too much is waited for by what comes next, at most
  /// a minute.
  void owe(const RateLimit& limit, uint64_t tokens, Clock::time_point now);

 private:
  std::atomic<int64_t> full_at_ = 0;  // nanoseconds of the clock
};

}  // namespace toll::server
