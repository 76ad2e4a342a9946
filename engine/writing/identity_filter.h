// Which identities are certainly new: a Bloom filter in memory over all that were ever accepted.
//
// What it does not have was never accepted; what it seems to have must be looked up. It is filled
// from the store when the engine opens, on a thread of its own, and answers nothing until that is
// done, nor when there are more identities than its memory holds: then all are looked up.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/store.h"

namespace toll::engine {

/// Blocks of one cache line each, 16 bits for an identity: one in some hundred to a thousand that
/// are new seems to be there.
class BloomFilter {
 public:
  explicit BloomFilter(uint64_t identities);
  void add(uint64_t fingerprint);
  bool may_have(uint64_t fingerprint) const;
  /// May be followed by either; the memory comes meanwhile.
  void prefetch(uint64_t fingerprint) const { __builtin_prefetch(&block_of(fingerprint)); }
  bool full() const { return added_ >= room_; }

  static uint64_t bytes_for(uint64_t identities);

 private:
  struct alignas(64) Block {
    uint64_t words[8] = {};
  };
  Block& block_of(uint64_t fingerprint) const;

  const uint64_t room_;
  uint64_t added_ = 0;
  uint64_t count_;
  std::unique_ptr<Block[]> blocks_;
};

class IdentityFilter {
 public:
  /// `identities` is how many the store should have: what it has is read. REQUIRES: `store`
  /// outlives this, and nothing is written to it before the constructor returns.
  IdentityFilter(const Store& store, uint64_t identities, size_t bytes_max);
  ~IdentityFilter();

  static uint64_t fingerprint(std::string_view identity_key);

  /// Whether an identity was certainly never add()ed, nor is in the store. Of one thread, as add().
  bool proves_new(uint64_t fingerprint) const;
  /// Whether it may have been add()ed: the store may not have it yet.
  bool may_have_come(uint64_t fingerprint) const;
  void prefetch(uint64_t fingerprint) const {
    if (past_) past_->prefetch(fingerprint);
    for (const BloomFilter& filter : since_) filter.prefetch(fingerprint);
  }
  /// After it, proves_new() of what was not accepted after all only costs a look into the store.
  void add(uint64_t fingerprint);

  /// Whether proves_new() can say yes.
  bool ready() const { return past_is_read_.load(std::memory_order_acquire) && !overfull_; }
  /// Until the store has been read, or was given up.
  void wait();

 private:
  void read_past(const View& view, const std::stop_token& stop);

  size_t bytes_left_;
  bool overfull_ = false;
  std::unique_ptr<BloomFilter> past_;  // of the store; written by the reading thread
  std::vector<BloomFilter> since_;     // each twice as large as the one before
  std::atomic<bool> past_is_read_ = false;
  std::jthread reader_;  // last: it ends before the rest goes
};

}  // namespace toll::engine
