// Credits, or money, that a customer was sold or given beyond what its card grants by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/date.h"
#include "base/instant.h"
#include "base/ratio.h"

namespace toll::engine {

struct BoughtGrant {
  std::string id;  ///< that whoever bought it gave it; one of a customer
  std::string subscription;
  std::string pool;
  Ratio quantity;  ///< in credits, or the currency's major unit
  Date from;         ///< the first day on which it pays for usage, in the card's time zone
  std::optional<Date> expires = {};        ///< the first day on which it is no longer there
  std::optional<std::string> price = {};   ///< what was paid for it, in words or digits
  std::optional<std::string> source = {};  ///< where it came from
  Instant created = {};
  std::optional<Instant> withdrawn = {};  ///< it pays for nothing since
  uint64_t number = 0;  ///< among those of the customer, in the order in which they were created

  /// Whether both say the same, whenever they were created.
  bool says_the_same(const BoughtGrant& other) const {
    return id == other.id && subscription == other.subscription && pool == other.pool &&
           quantity == other.quantity && from == other.from && expires == other.expires &&
           price == other.price && source == other.source;
  }
  friend bool operator==(const BoughtGrant&, const BoughtGrant&) = default;
};

/// What came of taking a grant back.
struct Withdrawal {
  std::optional<BoughtGrant> grant = {};  ///< as it is now; empty: there is none
  std::optional<Date> closed_until = {};  ///< or it stays, since bills up to here may have used it
};

}  // namespace toll::engine
