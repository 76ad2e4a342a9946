#include "engine/storage/recent_identities.h"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "engine/storage/keys.h"

namespace toll::engine {
namespace {

constexpr size_t kGroupMax = 16;
constexpr size_t kNumberBytes = 10;  // of a number, at most
constexpr size_t kAhead = 8;         // identities whose slot is asked for before it is needed
constexpr int kBitsFirst = 8;

/// The highest bits of a hash: where an identity is looked for, and what tells it from others
/// there.
uint32_t tag_of(std::string_view key) {
  return static_cast<uint32_t>(std::hash<std::string_view>()(key) >> 32);
}

size_t shared_size(std::string_view a, std::string_view b) {
  return static_cast<size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

/// Tells of the identities of a group, whose key is put together in `key`. False: it is damaged.
template <typename Visit>
bool read_group(Parts& parts, std::string& key, Visit visit) {
  const size_t count = parts.byte();
  if (count == 0 || count > kGroupMax) return false;
  key.clear();
  for (size_t i = 0; i < count; ++i) {
    const uint64_t shared = parts.short_number();
    const std::string_view rest = parts.bytes(parts.short_number());
    const std::string_view value = parts.bytes(parts.short_number());
    if (!parts.good() || shared > key.size()) return false;
    key.resize(shared);
    key += rest;
    visit(std::string_view(key), value);
  }
  return true;
}

/// Of a row that is in memory, where only its beginning is known: a group says where it ends.
constexpr size_t kAnySize = size_t{1} << 40;

uint64_t leading_bytes(std::string_view text) {
  uint64_t number = 0;
  if (!text.empty()) std::memcpy(&number, text.data(), std::min(text.size(), sizeof number));
  return __builtin_bswap64(number);
}

}  // namespace

char* IdentityLogRow::room(size_t bytes) {
  if (bytes_.size() - used_ < bytes) bytes_.resize(std::max(2 * bytes_.size(), used_ + bytes));
  return bytes_.data() + used_;
}

void IdentityLogRow::add(std::string_view key, std::string_view value) {
  char* const begin = room(1 + 3 * kNumberBytes + key.size() + value.size());
  RowWriter row(begin);
  if (tags_.size() % kGroupMax == 0) {
    groups_.push_back(static_cast<uint32_t>(used_));
    count_at_ = used_;
    row.byte(0);
    last_ = {};
  }
  const size_t shared = shared_size(last_, key);
  row.short_number(shared).short_number(key.size() - shared).bytes(key.substr(shared));
  row.short_number(value.size()).bytes(value);
  used_ += row.written().size();
  ++bytes_[count_at_];
  tags_.push_back(tag_of(key));
  last_ = key;
}

void IdentityLogRow::clear() {
  used_ = 0;
  last_ = {};
  tags_.clear();
  groups_.clear();
}

bool IdentityLogRow::read(std::string_view row) {
  clear();
  Parts parts(row);
  std::string key;
  while (parts.good() && !parts.at_end()) {
    groups_.push_back(static_cast<uint32_t>(row.size() - parts.rest().size()));
    if (tags_.size() % kGroupMax != 0) return false;  // only the last one is not full
    if (!read_group(parts, key, [this](std::string_view one, std::string_view) {
          tags_.push_back(tag_of(one));
        }))
      return false;
  }
  std::memcpy(room(row.size()), row.data(), row.size());
  used_ = row.size();
  return !empty();
}

void RecentIdentities::grow(size_t identities) {
  int bits = std::max(bits_, kBitsFirst);
  while ((size_t{1} << bits) < 2 * identities) ++bits;
  if (bits == bits_) return;
  const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(size_t{1} << bits));
  bits_ = bits;
  for (const Slot& slot : before)
    if (slot.group != 0) put(slot.tag, slot.group);
}

void RecentIdentities::put(uint32_t tag, uint32_t group) {
  size_t at = slot_of(tag);
  while (slots_[at].group != 0) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = {tag, group};
}

void RecentIdentities::add(uint64_t number, const IdentityLogRow& row) {
  const std::unique_lock lock(mutex_);
  grow(size_ + row.tags_.size());
  const std::string_view kept = rows_.keep(row.bytes());
  if (size_ == 0) begin_ = number;
  end_ = number + 1;
  for (size_t i = 0; i < row.tags_.size(); ++i) {
    if (i % kGroupMax == 0) groups_.push_back({kept.data() + row.groups_[i / kGroupMax], number});
    if (i + kAhead < row.tags_.size())
      __builtin_prefetch(&slots_[slot_of(row.tags_[i + kAhead])], 1);
    put(row.tags_[i], static_cast<uint32_t>(groups_.size()));
  }
  size_ += row.tags_.size();
}

std::optional<std::string> RecentIdentities::find(std::string_view key, uint64_t until) const {
  const uint32_t tag = tag_of(key);
  const std::shared_lock lock(mutex_);
  if (slots_.empty()) return std::nullopt;
  std::optional<std::string> found;
  uint32_t last = 0;  // the group that it was found in
  std::string read;
  for (size_t at = slot_of(tag); slots_[at].group != 0; at = (at + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[at];
    if (slot.tag != tag || slot.group < last) continue;
    const Group& group = groups_[slot.group - 1];
    if (group.row >= until) continue;
    Parts parts({group.at, kAnySize});
    read_group(parts, read, [&](std::string_view one, std::string_view value) {
      if (one != key) return;
      found = value;
      last = slot.group;
    });
  }
  return found;
}

void RecentIdentities::visit(uint64_t until, const Visit& visit) const {
  const std::shared_lock lock(mutex_);
  std::string key;
  for (const Group& group : groups_) {
    if (group.row >= until) return;
    Parts parts({group.at, kAnySize});
    read_group(parts, key, visit);
  }
}

size_t RecentIdentities::size() const {
  const std::shared_lock lock(mutex_);
  return size_;
}

uint64_t RecentIdentities::begin() const {
  const std::shared_lock lock(mutex_);
  return begin_;
}

uint64_t RecentIdentities::end() const {
  const std::shared_lock lock(mutex_);
  return end_;
}

SortedIdentities::SortedIdentities(const RecentIdentities::Kept& kept, uint64_t until) {
  size_t common = 0;
  for (const auto& identities : kept) {
    all_.reserve(all_.size() + identities->size());
    identities->visit(until, [&](std::string_view key, std::string_view value) {
      key = keys_.keep(key);
      common = all_.empty() ? key.size() : std::min(common, shared_size(all_.front().key, key));
      all_.push_back({0, 0, key, value, static_cast<uint32_t>(all_.size())});
    });
  }
  // Numbers are compared instead of texts, as far as they tell texts apart.
  for (Identity& one : all_) {
    const std::string_view rest = one.key.substr(common);
    one.lead = leading_bytes(rest);
    one.next = leading_bytes(rest.substr(std::min<size_t>(8, rest.size())));
  }
  std::ranges::sort(all_, [](const Identity& a, const Identity& b) {
    if (a.lead != b.lead) return a.lead < b.lead;
    if (a.next != b.next) return a.next < b.next;
    if (const int order = a.key.compare(b.key); order != 0) return order < 0;
    return a.order > b.order;
  });
  const auto twice = std::ranges::unique(all_, {}, &Identity::key);
  all_.erase(twice.begin(), twice.end());
}

}  // namespace toll::engine
