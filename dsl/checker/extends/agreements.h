// Agreements: what a card says that the prices it replaces were, compared with what is there.
//
// A deal is a text for each version of its card, and all of them are compared with one `was`. Where
// it does not hold, the way out depends on the others: a deal that lives through two versions that
// differ there has no `was` that is true of both. So what is said about an E501 waits until all
// texts of all cards are made.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "base/date.h"
#include "dsl/checker/report.h"
#include "dsl/checker/texts.h"

namespace toll::dsl::checker {

/// Days of a deal on which one version of its card is in force.
struct DealDays {
  std::string deal, card;          ///< their names
  Date from;                       ///< of these days
  std::optional<Date> until = {};  ///< of the whole deal
  Date version = {};               ///< from which the version of the deal is that has them
  std::optional<Date> other = {};  ///< the version that a deal from then on would follow instead
};

class Agreements {
 public:
  /// REQUIRES: both outlive it.
  Agreements(const Texts& texts, Report& report) : texts_(texts), report_(report) {}

  /// What is compared from now on is on these days; of no deal without.
  void set_days(std::optional<DealDays> days) { days_ = std::move(days); }

  /// Whether what stands after `was` is what is `there`; E501 where it is not.
  bool holds(Place was, Place there);

  /// Says of every E501 what stands there and what can be done. Called once, at the end.
  void explain();

 private:
  /// What a `was` was compared with.
  struct Seen {
    Place there;
    std::optional<DealDays> days;
    bool fits = true;
  };
  struct Agreed {
    Place was;
    Seen first;
    std::optional<Seen> then = {};        ///< the first that says something else
    std::optional<Finding> finding = {};  ///< the first that does not fit
    Place changed = {};                   ///< what was there then
  };

  std::string_view text(Place place) const { return texts_.text(place); }
  static std::string ending(const Agreed& agreed);
  void explain(Agreed& agreed) const;

  const Texts& texts_;
  Report& report_;
  std::optional<DealDays> days_;
  std::map<std::tuple<uint32_t, uint32_t>, Agreed> agreed_;  ///< by where `was` was written
};

}  // namespace toll::dsl::checker
