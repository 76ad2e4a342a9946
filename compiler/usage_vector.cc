#include "compiler/usage_vector.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace toll::compiler {

UsageVector::UsageVector(const dsl::RateCard& card, const RatingProgram& program,
                         std::pmr::memory_resource* memory)
    : card_(card),
      program_(program),
      available_(card.pools.size(), memory),
      bound_pools_(card.pools.size(), memory),
      commitments_(memory),
      fees_due_(program.fees.size(), uint8_t{1}, memory),
      charges_(program.charges.size(), memory),
      usages_(program.charges.size(), memory),
      lines_(memory) {
  for (uint32_t i = 0; i < program.charges.size(); ++i) {
    const Charge& charge = program.charges[i];
    charges_[i].totals.resize(charge.tier_meters.size() + charge.to_date);
    if (charge.keeps_amounts) charges_[i].amounts.resize(kPeriodDaysMax);
  }
  for (const BillStep& step : program.bill_steps)
    if (step.commitment) commitments_.emplace_back();
}

void UsageVector::clear() {
  for (PerCharge& charge : charges_) {
    charge.entries.clear();
    std::ranges::fill(charge.totals, Decimal{});
  }
  too_much_ = false;
  std::ranges::fill(commitments_, CommitmentState{});
  std::ranges::fill(fees_due_, uint8_t{1});
  std::ranges::fill(available_, Ratio());
}

void UsageVector::add(uint32_t meter, std::span<const uint32_t> values, const Decimal& quantity,
                      uint32_t day) {
  add_entries(meter, values, quantity, day, true);
}

void UsageVector::name_cells(uint32_t meter, std::span<const uint32_t> values) {
  add_entries(meter, values, Decimal{}, 0, false);
}

void UsageVector::add_entries(uint32_t meter, std::span<const uint32_t> values,
                              const Decimal& quantity, uint32_t day, bool is_item) {
  const std::vector<uint32_t>& dimensions = card_.meters[meter].dimensions;
  const auto value_of = [&](uint32_t dimension) {
    return values[std::ranges::find(dimensions, dimension) - dimensions.begin()];
  };
  for (uint32_t index : program_.meters[meter].charges) {
    const Charge& charge = program_.charges[index];
    std::pmr::vector<Entry>& entries = charges_[index].entries;
    Entry entry{.rank = 0,
                .cell = 0,
                .part = 0,
                .day = charge.grain == dsl::Grain::Day ? day : 0,
                .order = static_cast<uint32_t>(entries.size()),
                .is_item = is_item,
                .quantity = quantity.normalized()};
    const std::vector<uint32_t>& by = card_.charges[index].by;
    for (size_t i = 0; i < by.size(); ++i) entry.cell += value_of(by[i]) * charge.cell_strides[i];
    for (const Split& split : charge.splits)
      entry.part += split.class_of_value[value_of(split.dimension)] * split.stride;
    entry.rank = charge.rank_of_cell[entry.cell];
    entries.push_back(entry);
  }
  for (const MeterUse::Total& total : program_.meters[meter].totals)
    add(charges_[total.charge].totals[total.index], quantity);
}

void UsageVector::take_charge(uint32_t charge, const UsageVector& other) {
  charges_[charge].entries = other.charges_[charge].entries;
  charges_[charge].totals = other.charges_[charge].totals;
}

void UsageVector::add_used_to_date(uint32_t meter, const Decimal& quantity) {
  for (uint32_t charge : program_.meters[meter].charges)
    if (program_.charges[charge].to_date) add(charges_[charge].totals.back(), quantity);
}

void UsageVector::add(Decimal& total, const Decimal& quantity) {
  const auto with = checked_add(total, quantity.normalized());
  if (with)
    total = *with;
  else
    too_much_ = true;
}

void UsageVector::add_available(uint32_t pool, const Ratio& quantity) {
  const auto with = checked_add(available_[pool], quantity);
  if (with)
    available_[pool] = *with;
  else
    too_much_ = true;
}

RateInput* UsageVector::bind() {
  if (too_much_) return nullptr;
  for (uint32_t i = 0; i < charges_.size(); ++i)
    if (!bind_charge(i)) return nullptr;
  for (uint32_t i = 0; i < charges_.size(); ++i) align_scale(i);
  if (!bind_pools()) return nullptr;
  input_ = {.charges = usages_.data(),
            .commitments = commitments_.data(),
            .fees_due = fees_due_.data(),
            .available = bound_pools_.data(),
            .credit_scale = credit_parts_.scale,
            .credit_split = credit_parts_.split};
  lines_.resize(line_count(program_, input_));
  return &input_;
}

/// A charge that takes a share of another one has at least the places of that one.
void UsageVector::align_scale(uint32_t index) {
  uint32_t scale = usages_[index].scale;
  for (const QuantityStep& step : program_.charges[index].quantity_steps)
    if (step.kind == QuantityStep::Kind::SubtractShare)
      scale = std::max(scale, usages_[step.charge].scale);
  const Int128 factor = power_of_ten(static_cast<int>(scale - usages_[index].scale));
  // Below 10^18 with at most 18 places, so that it fits.
  for (Int128& quantity : charges_[index].quantities) quantity *= factor;
  usages_[index].scale = scale;
}

/// False where a pool holds 10^18 or more, or fractions that do not go together.
bool UsageVector::bind_pools() {
  const Ratio limit(power_of_ten(DecimalLimits{}.whole_digits_max));
  if (std::ranges::any_of(available_, [&](const Ratio& each) { return each >= limit; }))
    return false;
  credit_parts_ = {};
  for (size_t i = 0; i < usages_.size(); ++i)
    if (program_.charges[i].in_credits)
      credit_parts_.scale = std::max(credit_parts_.scale, usages_[i].scale);
  for (const CreditStep& step : program_.credit_steps)
    for (const CreditStep::Draw& draw : step.draws)
      if (!credit_parts_.refine(step, available_[draw.pool])) return false;
  for (const CreditStep& step : program_.credit_steps) {
    // Where that does not fit, what the charges come to does not either, and is a fault.
    const auto parts = checked_mul(step.quantity_denominator, credit_parts_.factor());
    for (const CreditStep::Draw& draw : step.draws) {
      const Ratio& available = available_[draw.pool];
      const auto exact =
          parts ? checked_mul(available.numerator(), *parts / available.denominator()) : parts;
      bound_pools_[draw.pool] = exact.value_or(kInt128Max);
    }
  }
  for (const uint32_t pool : program_.money_pools)
    bound_pools_[pool] = available_[pool].numerator();
  return true;
}

bool UsageVector::bind_charge(uint32_t index) {
  PerCharge& bound = charges_[index];
  int scale = 0;
  for (const Entry& entry : bound.entries) scale = std::max(scale, entry.quantity.scale);
  for (const Decimal& total : bound.totals) scale = std::max(scale, total.scale);
  bound.cells.clear();
  bound.quantities.clear();
  bound.item_ends.clear();
  bound.item_parts.clear();
  const bool by_item = program_.charges[index].grain != dsl::Grain::Cell;
  if (!(by_item ? bind_items(index, scale) : bind_cells(index, scale))) return false;
  const Int128 limit = power_of_ten(DecimalLimits{}.whole_digits_max + scale);
  for (const Decimal& total : bound.totals) {
    const auto mantissa = mantissa_at(total, scale);
    if (!mantissa || *mantissa >= limit) return false;
    bound.quantities.push_back(*mantissa);
  }
  // Sums may need fewer places than what was added up.
  const auto divisible = [](Int128 quantity) { return quantity % 10 == 0; };
  for (; scale > 0 && std::ranges::all_of(bound.quantities, divisible); --scale)
    for (Int128& quantity : bound.quantities) quantity /= 10;

  usages_[index] = {.cells = bound.cells.data(),
                    .quantities = bound.quantities.data(),
                    .count = static_cast<uint32_t>(bound.cells.size()),
                    .scale = static_cast<uint32_t>(scale),
                    .item_ends = by_item ? bound.item_ends.data() : nullptr,
                    .item_parts = by_item ? bound.item_parts.data() : nullptr,
                    .amounts = bound.amounts.data()};
  return true;
}

bool UsageVector::bind_cells(uint32_t index, int scale) {
  PerCharge& bound = charges_[index];
  const Charge& charge = program_.charges[index];
  std::ranges::sort(bound.entries, {}, &Entry::rank);
  Int128 cell_sum = 0;
  const auto start_cell = [&](uint32_t cell) {
    bound.cells.push_back(cell);
    bound.quantities.resize(bound.quantities.size() + charge.parts);
    cell_sum = 0;
  };
  if (card_.charges[index].by.empty()) start_cell(0);
  const Int128 limit = power_of_ten(DecimalLimits{}.whole_digits_max + scale);
  for (const Entry& entry : bound.entries) {
    if (bound.cells.empty() || bound.cells.back() != entry.cell) start_cell(entry.cell);
    // Both summands are below 10^36, so the sum fits.
    const Int128 quantity = *mantissa_at(entry.quantity, scale);
    bound.quantities[bound.quantities.size() - charge.parts + entry.part] += quantity;
    cell_sum += quantity;
    if (cell_sum >= limit) return false;
  }
  return true;
}

bool UsageVector::bind_items(uint32_t index, int scale) {
  PerCharge& bound = charges_[index];
  const bool by_day = program_.charges[index].grain == dsl::Grain::Day;
  std::ranges::sort(bound.entries, {}, [](const Entry& entry) {
    return std::tuple(entry.rank, entry.day, entry.order);
  });
  Int128 cell_sum = 0;
  std::optional<uint32_t> day;  // of the last item, in a charge by day
  const auto start_cell = [&](uint32_t cell) {
    bound.cells.push_back(cell);
    bound.item_ends.push_back(static_cast<uint32_t>(bound.quantities.size()));
    cell_sum = 0;
    day.reset();
  };
  if (card_.charges[index].by.empty()) start_cell(0);
  const Int128 limit = power_of_ten(DecimalLimits{}.whole_digits_max + scale);
  for (const Entry& entry : bound.entries) {
    if (bound.cells.empty() || bound.cells.back() != entry.cell) start_cell(entry.cell);
    if (!entry.is_item) continue;
    const Int128 quantity = *mantissa_at(entry.quantity, scale);
    cell_sum += quantity;
    if (cell_sum >= limit) return false;
    if (by_day && day == entry.day) {
      bound.quantities.back() += quantity;
      continue;
    }
    day = entry.day;
    bound.quantities.push_back(quantity);
    bound.item_parts.push_back(by_day ? entry.day : entry.part);
    bound.item_ends.back() = static_cast<uint32_t>(bound.quantities.size());
  }
  return true;
}

}  // namespace toll::compiler
