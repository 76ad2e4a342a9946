// What was used, sorted by the oracle for each charge: into cells and parts, or items and days.
#pragma once

#include <map>
#include <functional>
#include <optional>
#include <vector>

#include "tests/differential/oracle.h"

namespace toll::differential {

/// Quantities by cell, and in a cell by which conditions on dimensions outside `by` hold.
using Parts = std::map<std::vector<bool>, Fraction>;
using Cells = std::map<uint32_t, Parts>;

/// Items of a cell in the order that they are priced in; of a charge by day, its days.
using Items = std::vector<Usage::Item>;
using ItemCells = std::map<uint32_t, Items>;

/// What was used for a charge: of its own meter by cell, and in all of each meter that has a say in
/// its tier.
struct Used {
  Cells cells;      // of a charge by item or by day only for their sums
  ItemCells items;  // of such a charge
  std::vector<Fraction> totals;
  std::optional<Fraction> to_date;  // where an allowance is for more than the period
};

/// Throws a Fault where it is too much.
Used used_for(const dsl::RateCard& card, const dsl::Charge& charge, const Usage& usage);

/// 10^s.
Integer power_of_scale(const dsl::Charge& charge, const Used& used);

/// The same for the fewest places at which all that pools of credits hold is whole, but for what no
/// places make whole; at most 10^18.
Integer power_of_scale(const std::vector<dsl::Pool>& pools, const Usage& usage);

/// k: what the fractions that pools hold are in besides, where E of the pool that bills what is left
/// of their unit, `parts_of` it, does not know them. Throws a Fault where it is above 10^18.
Integer split_of(const std::vector<dsl::Pool>& pools, const Usage& usage,
                 const std::function<Integer(const dsl::Pool&)>& parts_of);

/// A key's value of a dimension.
uint32_t value_in(const dsl::RateCard& card, const std::vector<uint32_t>& key, uint32_t dimension);

bool is_outside_by(const dsl::MoneyStep& step);
bool holds(const dsl::Condition& condition, uint32_t value);

}  // namespace toll::differential
