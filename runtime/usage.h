// The usage document: what a quote is asked for. The same shape comes in as JSON (wire), from the
// command line and from C++. Plain values: any thread may read one that none writes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/date.h"
#include "base/decimal.h"
#include "base/ratio.h"

namespace toll::runtime {

/// A quantity of one meter at one combination of its dimension values. Entries of one meter add up
/// within a cell of a charge, to less than 10^18.
struct UsageEntry {
  std::string meter;
  std::vector<std::pair<std::string, std::string>> at;  ///< dimension, value
  enum class Given { Quantity, Items, Days } given = Given::Quantity;
  Decimal quantity;                                 ///< in the meter's unit; within DecimalLimits{}
  std::vector<Decimal> items = {};                  ///< the same, of each item
  std::vector<std::pair<Date, Decimal>> days = {};  ///< the same, of each day; a day stands once
  std::optional<Date> from, until;                  ///< the part of the period in which it was used
  /// Of `quantity`, what may still be taken back: outcomes that are not settled yet.
  std::optional<Decimal> pending = {};
};

/// Credits, or money, that a pool holds.
struct Grant {
  std::string pool;
  Ratio quantity;            ///< what is left of it, in credits or the currency's major unit; > 0
  std::optional<Date> from;  ///< empty: it is there when the period begins
  std::optional<Date> expires;  ///< the first day on which it is no longer there; empty: never
  bool recurring = false;       ///< by a `grant` line of the card, so that `rollover` is about it

  friend bool operator==(const Grant&, const Grant&) = default;
};

struct UsageDocument {
  std::string card;
  std::optional<Date> on;           ///< picks the version; default: the period's start, or today
  std::optional<std::string> hash;  ///< pins a revision; `on` must be one of its days
  std::optional<std::string> plan;
  /// Changes of plan inside the period, which `period` then names: `plan` up to the first of them,
  /// then each from its day on. In any order; a day stands once.
  std::vector<std::pair<Date, std::string>> plan_changes = {};
  std::optional<std::string> currency;  ///< default: the card's
  std::optional<std::string> customer;
  std::optional<Date> customer_since;
  std::optional<Date> customer_until = {};  ///< the first day on which it is none any more
  std::optional<Period> period;  ///< what is covered; default: the billing period of `on`
  std::vector<UsageEntry> usage;
  bool final = true;  ///< false: the period goes on; minimums are not due yet

  // What came before this period.
  struct ToDate {
    std::string name;
    Decimal value;  ///< within DecimalLimits{}

    friend bool operator==(const ToDate&, const ToDate&) = default;
  };
  std::vector<ToDate> used_to_date;    ///< by meter, in its unit, of an allowance for a longer time
  std::vector<ToDate> billed_to_date;  ///< by commitment, in the card's currency
  std::vector<Grant> grants;           ///< that pools hold, in the order in which they were created
};

/// Why a document cannot be answered, at a place in it.
struct UsageFault {
  std::string
      pointer;  ///< JSON pointer (RFC 6901) into the usage document, e.g. "/usage/2/at/model"
  std::string message;  ///< one sentence, lower case, no full stop
};

/// A name as a part of such a pointer, between slashes (RFC 6901, section 3).
std::string pointer_token(std::string_view name);

/// A refused document. Nothing of it was rated.
struct Refusal {
  enum class Kind {
    NotFound,  ///< no such card, version or revision
    Unfit,     ///< understood, but does not fit the card
  } kind = Kind::Unfit;
  std::vector<UsageFault> faults;  ///< at least one
};

}  // namespace toll::runtime
