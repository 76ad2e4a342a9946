// A subscription: which card bills a customer, in which plan, since when.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/date.h"
#include "runtime/usage.h"

namespace toll::engine {

/// What others billed before a subscription's first day, by the words of a usage document.
struct OpeningState {
  std::vector<runtime::UsageDocument::ToDate> used_to_date = {}, billed_to_date = {};
  std::vector<runtime::Grant> grants = {};

  bool empty() const { return *this == OpeningState{}; }
  friend bool operator==(const OpeningState&, const OpeningState&) = default;
};

struct Subscription {
  std::string id;
  std::string card;
  std::optional<std::string> plan;
  std::optional<std::string> currency;
  Date start;               ///< the first day that is billed, in the card's time zone
  std::optional<Date> end;  ///< the first day that is not any more
  /// Plans that begin later than `plan`, by their first day, rising.
  std::vector<std::pair<Date, std::string>> plan_changes = {};
  /// The first day on which it was a customer, where others billed it before `start`.
  std::optional<Date> customer_since = {};
  OpeningState state = {};

  /// The day from which terms, commitments and what is due once are counted.
  Date since() const { return customer_since.value_or(start); }

  std::optional<std::string> plan_on(Date day) const {
    std::optional<std::string> on = plan;
    for (const auto& [from, changed] : plan_changes)
      if (from <= day) on = changed;
    return on;
  }

  bool covers(Date day) const { return start <= day && (!end || day < *end); }
  friend bool operator==(const Subscription&, const Subscription&) = default;
};

/// Why a subscription is not set.
struct NotSubscribed {
  std::string overlapping;  ///< another one to the same card on some of its days: both would bill
  std::optional<Date> closed_until;  ///< or: it would bill otherwise what was closed up to here
  std::string grant = {};            ///< or: it would no longer cover the first day of this one
  std::optional<Date> grant_from = {};

  friend bool operator==(const NotSubscribed&, const NotSubscribed&) = default;
};

/// What came of taking a subscription back.
enum class Removal {
  Done,
  Absent,   ///< there is none
  Billed,   ///< a period of it is closed: it can end, and what was billed stays
  Granted,  ///< it has grants
};

/// Whether both bill the days before `until` in the same way.
bool same_until(const Subscription& a, const Subscription& b, Date until);

/// Whether some day is covered by both.
bool overlap(const Subscription& a, const Subscription& b);

}  // namespace toll::engine
