// One cell of a meter: takes contributions by time and is read at the end of the period.
#pragma once

#include <expected>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "dsl/event_binding.h"
#include "metering/counting/contributions.h"
#include "metering/counting/level.h"

namespace toll::metering {

/// A sum as a quantity: exact, or half-even to 12 places where no decimal of 18 holds it; empty
/// where it does not fit.
std::optional<Decimal> quantity_of_sum(const Ratio& sum);

class Cell {
 public:
  explicit Cell(const dsl::EventBinding& binding) : binding_(binding) {}

  /// REQUIRES: contributions come by time. Those before the window set levels and nothing else.
  void add(Instant at, const Contribution& contribution, const Window& window);

  /// Whether anything was reported inside the window.
  bool reached() const { return reached_; }

  /// The quantity, or why there is none.
  std::expected<Decimal, std::string> read(const Window& window) const;

  const std::vector<Decimal>& items() const { return items_; }

 private:
  std::optional<Ratio> aggregate(const Window& window) const;

  const dsl::EventBinding& binding_;
  std::optional<Ratio> sum_ = Ratio(0);  // counts and sums; empty: does not fit
  std::set<std::string> distinct_;
  std::vector<Decimal> items_;
  Level level_;
  bool below_zero_ = false;
  bool reached_ = false;
};

}  // namespace toll::metering
