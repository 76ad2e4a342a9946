#include "engine/writing/identity_filter.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "engine/storage/keys.h"

namespace toll::engine {
namespace {

constexpr uint64_t kBitsEach = 16;
constexpr uint64_t kIdentitiesFirst = uint64_t{1} << 18;

uint64_t mixed(uint64_t x) {
  x = (x ^ (x >> 31)) * 0xbf58476d1ce4e5b9;
  return x ^ (x >> 29);
}

}  // namespace

uint64_t BloomFilter::bytes_for(uint64_t identities) {
  return (identities * kBitsEach / 512 + 1) * sizeof(Block);
}

BloomFilter::BloomFilter(uint64_t identities)
    : room_(identities),
      count_(bytes_for(identities) / sizeof(Block)),
      blocks_(std::make_unique<Block[]>(count_)) {}

BloomFilter::Block& BloomFilter::block_of(uint64_t fingerprint) const {
  return blocks_[static_cast<uint64_t>(static_cast<unsigned __int128>(fingerprint) * count_ >> 64)];
}

// One bit in each word of the block, by six bits of the mixed fingerprint.
void BloomFilter::add(uint64_t fingerprint) {
  Block& block = block_of(fingerprint);
  uint64_t bits = mixed(fingerprint);
  for (uint64_t& word : block.words) {
    word |= uint64_t{1} << (bits & 63);
    bits >>= 6;
  }
  ++added_;
}

bool BloomFilter::may_have(uint64_t fingerprint) const {
  const Block& block = block_of(fingerprint);
  uint64_t bits = mixed(fingerprint), missing = 0;
  for (const uint64_t word : block.words) {
    missing |= ~word >> (bits & 63) & 1;
    bits >>= 6;
  }
  return missing == 0;
}

IdentityFilter::IdentityFilter(const Store& store, uint64_t identities, size_t bytes_max)
    : bytes_left_(bytes_max) {
  const uint64_t bytes = BloomFilter::bytes_for(identities);
  overfull_ = bytes > bytes_left_;
  if (overfull_) return;
  bytes_left_ -= bytes;
  past_ = std::make_unique<BloomFilter>(identities);
  reader_ = std::jthread(
      [this, view = store.snapshot()](const std::stop_token& stop) { read_past(*view, stop); });
}

IdentityFilter::~IdentityFilter() = default;

void IdentityFilter::wait() {
  if (reader_.joinable()) reader_.join();
}

void IdentityFilter::read_past(const View& view, const std::stop_token& stop) {
  const auto scanned = view.scan(Table::Identities, kFirstKey, kBehindAllKeys,
                                 [&](std::string_view key, std::string_view) {
                                   past_->add(fingerprint(key));
                                   return !stop.stop_requested();
                                 });
  if (scanned && !stop.stop_requested()) past_is_read_.store(true, std::memory_order_release);
}

uint64_t IdentityFilter::fingerprint(std::string_view identity_key) {
  return std::hash<std::string_view>()(identity_key);
}

bool IdentityFilter::proves_new(uint64_t fingerprint) const {
  return ready() && !past_->may_have(fingerprint) && !may_have_come(fingerprint);
}

bool IdentityFilter::may_have_come(uint64_t fingerprint) const {
  return overfull_ || std::ranges::any_of(since_, [&](const BloomFilter& filter) {
           return filter.may_have(fingerprint);
         });
}

void IdentityFilter::add(uint64_t fingerprint) {
  if (overfull_) return;
  if (since_.empty() || since_.back().full()) {
    const uint64_t identities = kIdentitiesFirst << since_.size();
    const uint64_t bytes = BloomFilter::bytes_for(identities);
    overfull_ = bytes > bytes_left_;
    if (overfull_) return;
    bytes_left_ -= bytes;
    since_.emplace_back(identities);
  }
  since_.back().add(fingerprint);
}

}  // namespace toll::engine
