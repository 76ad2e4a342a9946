// A billing period that was closed: what was billed then, for good. What becomes known later is a
// correction, which the bill of the next open period shows beside its own lines.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/instant.h"
#include "base/int128.h"

namespace toll::engine {

/// In minor units of the subscription's currency.
struct Correction {
  Period period;      ///< the closed one that it is about
  Int128 billed = 0;  ///< for it so far: by its own bill, and by corrections since
  Int128 now = 0;     ///< what it comes to by what is known now

  Int128 difference() const { return now - billed; }
  friend bool operator==(const Correction&, const Correction&) = default;
};

/// What corrections add up to.
inline Int128 sum_of(const std::vector<Correction>& corrections) {
  Int128 sum = 0;
  for (const Correction& correction : corrections) sum += correction.difference();
  return sum;
}

struct ClosedPeriod {
  Period period;  ///< the days that were billed, in the card's time zone
  Instant closed;
  std::string card, version;        ///< that answered; the deal's, where one did
  std::vector<std::string> hashes;  ///< of its revision; where several follow one another, of each
  /// Of each part, where they are not all of `card`: a deal has some of the days.
  std::vector<std::string> part_cards = {};
  std::string currency;
  Int128 total = 0;                     ///< of its own bill, in minor units
  std::vector<Correction> corrections;  ///< of earlier periods, that were billed with it
  /// The usage document that was billed, as JSON; empty where it is too large, or was closed before
  /// usage was kept.
  std::string usage = {};
  std::string bill;  ///< the answer as JSON, to the byte as it was given

  /// What its bill asked for: its total, and the corrections that were billed with it.
  Int128 to_pay() const { return total + sum_of(corrections); }
  /// The revision that the bill names.
  const std::string& hash() const { return hashes.back(); }
  friend bool operator==(const ClosedPeriod&, const ClosedPeriod&) = default;
};

/// What was billed for the one at `index` so far. REQUIRES: they follow one another.
inline Int128 billed_for(const std::vector<ClosedPeriod>& closed, size_t index) {
  Int128 billed = closed[index].total;
  for (const ClosedPeriod& later : closed)
    for (const Correction& correction : later.corrections)
      if (correction.period == closed[index].period) billed += correction.difference();
  return billed;
}

}  // namespace toll::engine
