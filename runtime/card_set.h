// The cards that are live together. A CardSet never changes; a new one replaces it as a whole, so a
// request that took a set sees all of its cards and none of another set's.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "runtime/revision.h"

namespace toll::runtime {

class CardSet {
 public:
  using Versions = std::vector<std::shared_ptr<const Revision>>;  ///< of one card, by rising `from`

  CardSet() = default;
  /// REQUIRES: no two revisions of one card with the same `from`.
  explicit CardSet(std::vector<std::shared_ptr<const Revision>> revisions);

  const std::map<std::string, Versions, std::less<>>& cards() const { return cards_; }

  /// All versions of a card, or null.
  const Versions* versions(std::string_view card) const;

  /// The version in force on a day, or null.
  std::shared_ptr<const Revision> find(std::string_view card, Date on) const;

  /// The version in force today, by the calendar of each version's time zone, or null.
  std::shared_ptr<const Revision> find_today(std::string_view card) const;

  /// The revision with this hash, or null.
  std::shared_ptr<const Revision> find_hash(std::string_view card, std::string_view hash) const;

  /// The first day on which a version is not in force any more: its `until`, or the next one's
  /// `from`.
  std::optional<Date> end_of(const Revision& revision) const;

 private:
  std::map<std::string, Versions, std::less<>> cards_;
};

/// The set that answers now. get() and exchange() may be called from any thread; take the set once
/// per request or batch. (A mutex, since libstdc++ 12's atomic shared_ptr is a data race under
/// ThreadSanitizer, and slower with two readers.)
class LiveCards {
 public:
  LiveCards();
  std::shared_ptr<const CardSet> get() const;
  void exchange(std::shared_ptr<const CardSet> set);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const CardSet> set_;
};

}  // namespace toll::runtime
