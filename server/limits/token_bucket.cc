#include "server/limits/token_bucket.h"

#include <algorithm>

namespace toll::server {
namespace {

using std::chrono::nanoseconds;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kOwedMost = 60 * kSecond;

int64_t count(TokenBucket::Clock::time_point now) {
  return std::chrono::duration_cast<nanoseconds>(now.time_since_epoch()).count();
}

}  // namespace

TokenBucket::Taken TokenBucket::take(const RateLimit& limit, Clock::time_point now) {
  const int64_t moment = count(now);
  const int64_t token = kSecond / limit.per_second;
  const int64_t depth = token * limit.burst;
  int64_t full_at = full_at_.load(std::memory_order_relaxed);
  while (true) {
    const int64_t next = std::max(full_at, moment) + token;
    if (next - moment > depth)
      return {false, 0, nanoseconds(next - moment - depth), nanoseconds(full_at - moment)};
    if (full_at_.compare_exchange_weak(full_at, next, std::memory_order_relaxed)) {
      const int64_t left = (depth - (next - moment)) / token;
      return {true, static_cast<uint32_t>(left), {}, nanoseconds(next - moment)};
    }
  }
}

void TokenBucket::owe(const RateLimit& limit, uint64_t tokens, Clock::time_point now) {
  const int64_t moment = count(now);
  const int64_t token = kSecond / limit.per_second;
  const int64_t depth = token * limit.burst;
  const int64_t owed = static_cast<int64_t>(std::min<uint64_t>(tokens, kSecond)) * token;
  int64_t full_at = full_at_.load(std::memory_order_relaxed);
  while (!full_at_.compare_exchange_weak(
      full_at, std::min(std::max(full_at, moment) + owed, moment + depth + kOwedMost),
      std::memory_order_relaxed)) {
  }
}

}  // namespace toll::server
