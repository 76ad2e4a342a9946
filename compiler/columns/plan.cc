#include "compiler/columns/plan.h"

#include <algorithm>

namespace toll::compiler {
namespace {

/// A fixed charge has at most so many cells in a row's code: each is code of its own.
constexpr size_t kCellsMax = 64;

/// A column as a charge sees it: which cell, and which part of it.
struct Place {
  PlannedCell cell;
  uint32_t part = 0;
  bool part_by_code = false;
};

class Planner {
 public:
  Planner(const dsl::RateCard& card, const RatingProgram& program, const ColumnShape& shape)
      : card_(card), program_(program), shape_(shape) {
    uint32_t codes = 0;
    for (const UsageColumn& column : shape.columns) {
      first_code_.push_back(codes);
      codes += static_cast<uint32_t>(std::ranges::count(column.values, kByCode));
    }
  }

  /// The columns that feed a charge.
  std::vector<uint32_t> columns_of(uint32_t charge) const {
    std::vector<uint32_t> columns;
    if (card_.charges[charge].is_share()) return columns;
    for (uint32_t i = 0; i < shape_.columns.size(); ++i)
      if (shape_.columns[i].meter == card_.charges[charge].meter) columns.push_back(i);
    return columns;
  }

  Place place(uint32_t charge, uint32_t column) const {
    const Charge& lowered = program_.charges[charge];
    Place place;
    const std::vector<uint32_t>& by = card_.charges[charge].by;
    for (size_t i = 0; i < by.size(); ++i) {
      const Value value = value_of(column, by[i]);
      if (value.code)
        place.cell.codes.push_back({*value.code, lowered.cell_strides[i]});
      else
        place.cell.cell += value.index * lowered.cell_strides[i];
    }
    for (const Split& split : lowered.splits) {
      const Value value = value_of(column, split.dimension);
      if (value.code)
        place.part_by_code = true;
      else
        place.part += split.class_of_value[value.index] * split.stride;
    }
    return place;
  }

  /// Nothing where it depends on the row which cells there are.
  std::optional<PlannedCharge> cells_of(uint32_t charge) const {
    PlannedCharge result;
    const auto columns = columns_of(charge);
    for (const uint32_t column : columns) {
      result.scale = std::max(result.scale, shape_.columns[column].scale);
      Place at = place(charge, column);
      if (at.part_by_code || (!at.cell.is_fixed() && columns.size() > 1)) return std::nullopt;
      add(result, std::move(at), column, program_.charges[charge].parts);
    }
    if (card_.charges[charge].by.empty() && result.cells.empty())
      result.cells.emplace_back().columns_of_part.resize(program_.charges[charge].parts);
    const std::vector<uint32_t>& ranks = program_.charges[charge].rank_of_cell;
    std::ranges::sort(result.cells, {}, [&](const PlannedCell& cell) { return ranks[cell.cell]; });
    return result;
  }

 private:
  struct Value {
    uint32_t index = 0;
    std::optional<uint32_t> code;
  };

  Value value_of(uint32_t column, uint32_t dimension) const {
    const UsageColumn& usage = shape_.columns[column];
    const std::vector<uint32_t>& dimensions = card_.meters[usage.meter].dimensions;
    const auto at =
        static_cast<size_t>(std::ranges::find(dimensions, dimension) - dimensions.begin());
    if (usage.values[at] != kByCode) return {usage.values[at], {}};
    const auto before = std::ranges::count(
        usage.values.begin(), usage.values.begin() + static_cast<ptrdiff_t>(at), kByCode);
    return {0, first_code_[column] + static_cast<uint32_t>(before)};
  }

  static void add(PlannedCharge& charge, Place place, uint32_t column, uint32_t parts) {
    auto cell = std::ranges::find_if(charge.cells, [&](const PlannedCell& other) {
      return other.is_fixed() && place.cell.is_fixed() && other.cell == place.cell.cell;
    });
    if (cell == charge.cells.end()) {
      place.cell.columns_of_part.resize(parts);
      cell = charge.cells.insert(cell, std::move(place.cell));
    }
    cell->columns_of_part[place.part].push_back(column);
  }

  const dsl::RateCard& card_;
  const RatingProgram& program_;
  const ColumnShape& shape_;
  std::vector<uint32_t> first_code_;  // per column of quantities
};

/// What depends on nothing but a row's own quantities, and has one for each cell and part.
bool is_covered(const Charge& charge) {
  if (charge.grain != dsl::Grain::Cell || charge.in_credits || charge.keeps_amounts) return false;
  if (charge.tier_by != dsl::TierBy::Own || charge.to_date) return false;
  using Kind = QuantityStep::Kind;
  return std::ranges::none_of(charge.quantity_steps, [](const QuantityStep& step) {
    return step.kind == Kind::SubtractShare || step.kind == Kind::FreeItems;
  });
}

bool is_covered(const RatingProgram& program) {
  return program.rounding_place != dsl::RoundingPlace::Bill && program.credit_steps.empty() &&
         program.money_pools.empty() && std::ranges::none_of(program.fees, &Fee::by_term) &&
         std::ranges::none_of(program.bill_steps,
                              [](const BillStep& step) { return step.commitment.has_value(); });
}

}  // namespace

std::optional<size_t> lines_of_rows(const dsl::RateCard& card, const RatingProgram& program,
                                    const ColumnShape& shape) {
  const Planner planner(card, program, shape);
  size_t lines = program.fees.size() + program.credit_steps.size() + program.bill_steps.size() +
                 program.money_pools.size();
  for (uint32_t i = 0; i < program.charges.size(); ++i) {
    const auto cells = planner.cells_of(i);
    if (!cells) return std::nullopt;
    lines += cells->cells.size() + program.charges[i].shared_steps.size();
  }
  return lines;
}

std::optional<ColumnPlan> plan_columns(const dsl::RateCard& card, const RatingProgram& program,
                                       const ColumnShape& shape) {
  if (!is_covered(program)) return std::nullopt;
  const Planner planner(card, program, shape);
  ColumnPlan plan{.shape = shape, .charges = {}};
  for (uint32_t i = 0; i < program.charges.size(); ++i) {
    auto cells = planner.cells_of(i);
    if (!cells || !is_covered(program.charges[i]) || cells->cells.size() > kCellsMax)
      return std::nullopt;
    plan.charges.push_back(*std::move(cells));
  }
  return plan;
}

}  // namespace toll::compiler
