// Identities that came since the last run of them (storage/identity_log.h): in memory, found by a
// hash, and on the disk as rows of a log, of which one holds what one batch brought. An identity
// that had a row of a table for itself would have to find its place among all others when it comes.
//
//   { count { shared size rest size value } }      a row of the log
//
// Groups of up to 16 identities, in the order in which they came: of each what its key shares with
// the one before, of which the first of a group shares nothing. Numbers have seven bits a byte, the
// lowest first. They are on disks: do not change what is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/storage/arena.h"

namespace toll::engine {

/// A row of the log that is being written. Not thread-safe.
class IdentityLogRow {
 public:
  /// REQUIRES: `key` stays where it is until the next call.
  void add(std::string_view key, std::string_view value);
  void clear();

  /// What a row of the log holds. False: it is damaged.
  bool read(std::string_view row);

  bool empty() const { return tags_.empty(); }
  std::string_view bytes() const { return {bytes_.data(), used_}; }

 private:
  friend class RecentIdentities;

  char* room(size_t bytes);

  std::string bytes_;  // of which the first used_ are written
  size_t used_ = 0;
  size_t count_at_ = 0;           // of the last group
  std::string_view last_;         // key
  std::vector<uint32_t> tags_;    // of each identity, by its key
  std::vector<uint32_t> groups_;  // where each begins
};

/// What some rows of the log hold. One thread adds; all else from any.
class RecentIdentities {
 public:
  /// `begin` is the number of its first row, where that is known.
  explicit RecentIdentities(uint64_t begin = 0) : begin_(begin), end_(begin) {}

  /// REQUIRES: `number` is beyond those before.
  void add(uint64_t number, const IdentityLogRow& row);

  /// What came last under a key, in rows before number `until`.
  std::optional<std::string> find(std::string_view key, uint64_t until) const;

  /// Tells of all in rows before number `until`, in their order. The value stays where it is.
  using Visit = std::function<void(std::string_view key, std::string_view value)>;
  void visit(uint64_t until, const Visit& visit) const;

  size_t size() const;
  /// The numbers of its rows: from the first until behind the last.
  uint64_t begin() const;
  uint64_t end() const;

  /// Oldest first.
  using Kept = std::vector<std::shared_ptr<const RecentIdentities>>;

 private:
  struct Group {
    const char* at;
    uint64_t row;
  };
  struct Slot {
    uint32_t tag = 0;
    uint32_t group = 0;  // its number and 1; 0: nothing is there
  };

  void grow(size_t identities);
  void put(uint32_t tag, uint32_t group);
  size_t slot_of(uint32_t tag) const { return tag >> (32 - bits_); }

  mutable std::shared_mutex mutex_;
  Arena rows_;
  std::vector<Group> groups_;
  std::vector<Slot> slots_;  // 2^bits_, half of them empty at the least
  int bits_ = 0;
  size_t size_ = 0;
  uint64_t begin_, end_;
};

/// All of some, by rising keys, each once with the value that came last.
class SortedIdentities {
 public:
  SortedIdentities(const RecentIdentities::Kept& kept, uint64_t until);

  struct Identity {
    uint64_t lead, next;  ///< bytes of the key, behind what all keys begin with
    std::string_view key, value;
    uint32_t order;
  };
  std::span<const Identity> all() const { return all_; }

 private:
  Arena keys_;
  std::vector<Identity> all_;
};

}  // namespace toll::engine
