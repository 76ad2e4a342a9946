// Costs: what the units of a meter cost the one who sells them, by the values of its dimensions,
// from a day on. The cost tables of a folder; of those on one meter the last that has begun holds.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "base/money.h"
#include "base/ratio.h"
#include "dsl/checker/budget.h"
#include "dsl/checker/report.h"
#include "dsl/checker/scope.h"
#include "dsl/checker/texts.h"
#include "dsl/syntax.h"

namespace toll::dsl::checker {

/// What a row of a cost table says: `minor` for each `per` units of the meter.
struct UnitCost {
  Ratio minor;       ///< minor units, as written
  Ratio per;         ///< in the meter's unit, > 0
  std::string unit;  ///< "GPU-hour", "1M tokens"
  Place place;
};

struct CostEntry {
  const MeterEntry* meter = nullptr;
  Date from;
  Currency currency;
  std::vector<const DimensionEntry*> by;
  std::vector<uint32_t> value_counts;
  std::vector<UnitCost> rows;
  std::vector<uint32_t> row_of_cell;  ///< mixed radix as in Charge
  const syntax::Cost* syntax = nullptr;
  Place name;
  Place block;
  std::string canonical;
  bool sound = true;
};

/// A dimension and its value, by name.
using ValueNames = std::vector<std::pair<std::string_view, std::string_view>>;

class Costs {
 public:
  /// REQUIRES: all arguments outlive it.
  Costs(std::span<const syntax::File> trees, Texts& texts, Scope& scope, Report& report,
        Budget& budget);

  /// The table that holds on a day, sound or not; null where none has begun.
  const CostEntry* in_force(const MeterEntry& meter, Date on) const;

  /// Those that hold on some day of [from, until).
  std::vector<const CostEntry*> during(const MeterEntry& meter, Date from,
                                       std::optional<Date> until) const;

  /// Whether a cost table on the meter may be one that could not be read.
  bool may_be_unread() const { return any_unread_; }

 private:
  void declare(const syntax::Cost& cost, Place block);
  bool is_said_before(const CostEntry& entry);

  Texts& texts_;
  Scope& scope_;
  Report& report_;
  Budget& budget_;
  std::deque<syntax::File> made_;  ///< with the rows of table files
  std::map<const MeterEntry*, std::map<Date, CostEntry>> tables_;
  bool any_unread_ = false;
};

/// The rows that price the cells with these values, at most `most`: more than one where the table
/// goes on splitting by what is not among them. REQUIRES: `cost` is sound.
std::vector<const UnitCost*> costs_at(const CostEntry& cost, const ValueNames& values,
                                      size_t most = 2);

}  // namespace toll::dsl::checker
