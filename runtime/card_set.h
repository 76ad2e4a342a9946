// The cards that are live together. A CardSet never changes; a new one replaces it as a whole, so a
// request that took a set sees all of its cards and none of another set's.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/date.h"
#include "base/result.h"
#include "dsl/check.h"
#include "runtime/revision.h"

namespace toll::runtime {

/// A version by its card and its first day.
using VersionKey = std::pair<std::string, Date>;
VersionKey version_key(const dsl::RateCard& card);

/// What HeldBack::deal_on says of a file that may hold a deal on any card. No card is called so.
inline constexpr std::string_view kAnyCard = "*";

/// Revisions that were live once, and may not be any more. Any thread.
class EarlierRevisions {
 public:
  virtual ~EarlierRevisions() = default;

  /// All offers of a revision; none where no revision of this hash was ever live. An Error, which a
  /// client may read: it was, and cannot be made again.
  virtual Result<std::vector<std::shared_ptr<const Revision>>> find(
      std::string_view card, std::string_view hash) const = 0;
};

class CardSet {
 public:
  using Revisions = std::vector<std::shared_ptr<const Revision>>;
  using Versions = Revisions;  ///< of one card, by rising `from`; the first offer of each

  CardSet() = default;
  /// `held_back`: versions that are in error. `earlier`: what hashes are looked for in that are not
  /// live; may be null. REQUIRES: no two revisions of one card with the same `from`, plan and
  /// currency.
  explicit CardSet(Revisions revisions, std::vector<dsl::HeldBack> held_back = {},
                   std::shared_ptr<const EarlierRevisions> earlier = nullptr);

  const std::map<std::string, Versions, std::less<>>& cards() const { return cards_; }

  /// All versions of a card, or null.
  const Versions* versions(std::string_view card) const;

  /// All offers of the version that this is one of, in their order. REQUIRES: it is of this set.
  const Revisions& offers(const Revision& revision) const;

  /// Every offer of every version of every card.
  Revisions revisions() const;

  // The functions below answer with the first offer of a version.

  /// The version that a customer since `since` has on a day, or null; null too where that would be
  /// one that is in error and was never live. Without `since` the customer is new on that day.
  std::shared_ptr<const Revision> find(std::string_view card, Date on,
                                       std::optional<Date> since = {}) const;

  /// The same today, by the calendar of each version's time zone.
  std::shared_ptr<const Revision> find_today(std::string_view card,
                                             std::optional<Date> since = {}) const;

  /// The version in error that this customer would have on a day, where no text of it is live; null
  /// where there is none. Its price is not known, and that of the version before is not its price.
  const dsl::HeldBack* version_held_back(std::string_view card, Date on,
                                         std::optional<Date> since) const;
  /// The same today, by the calendar of each version's time zone.
  const dsl::HeldBack* version_held_back_today(std::string_view card,
                                               std::optional<Date> since) const;

  /// The cards that stand for `card` for this customer, none of them on the same days.
  std::span<const std::string> deals(std::string_view card, std::string_view customer) const;

  /// What is in error stands for `card` for this customer on a day, or may do so, where it does not
  /// say whose it is; null where nothing does. Where no deal answers then, neither may the card:
  /// its price is not that customer's.
  const dsl::HeldBack* deal_held_back(std::string_view card, std::string_view customer,
                                      Date on) const;
  const std::vector<dsl::HeldBack>& held_back() const { return held_back_; }

  /// The live revision with this hash, or null.
  std::shared_ptr<const Revision> find_hash(std::string_view card, std::string_view hash) const;

  /// What a revision that was live once is rated with: the versions of its card as they are now,
  /// and it in the place of its own version. Null where no such revision was ever live; an Error
  /// where it cannot be made again.
  Result<std::shared_ptr<const CardSet>> with_earlier(std::string_view card,
                                                      std::string_view hash) const;
  const std::shared_ptr<const EarlierRevisions>& earlier() const { return earlier_; }

  /// Days without an end are those of a version that no other follows.
  struct Days {
    Date from;
    std::optional<Date> until;
  };
  /// The days around `on` on which a customer since `since` has this version; without `since`,
  /// those on which a new customer has it.
  Days days_of(const Revision& revision, Date on, std::optional<Date> since) const;

 private:
  /// A version in the row of its card: live, or in error and never live.
  struct Slot {
    std::shared_ptr<const Revision> revision;
    std::shared_ptr<const dsl::HeldBack> held;

    const dsl::RateCard& card() const { return revision->card(); }
    Date from() const { return held ? held->from : card().from; }
    const dsl::AppliesTo& applies() const { return held ? held->applies : card().applies; }
    const std::string& time_zone() const { return held ? held->time_zone : card().time_zone; }
    const std::optional<Date>& until(bool known_customer) const;
  };

  void add_rows();
  std::span<const Slot> row(std::string_view card) const;
  template <typename Day>
  const Slot* slot_for(std::string_view card, std::optional<Date> since, Day day) const;

  std::map<std::string, Versions, std::less<>> cards_;
  std::map<VersionKey, Revisions> offers_;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>>
      deals_;  // by card, customer
  std::vector<dsl::HeldBack> held_back_;
  std::map<std::string, std::vector<Slot>, std::less<>> rows_;  // by card, then by rising `from`
  std::shared_ptr<const EarlierRevisions> earlier_;
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
