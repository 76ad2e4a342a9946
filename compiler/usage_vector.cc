#include "compiler/usage_vector.h"

#include <algorithm>

namespace toll::compiler {

UsageVector::UsageVector(const dsl::RateCard& card, const RatingProgram& program)
    : card_(card), program_(program) {
  charges_of_meter_.resize(card.meters.size());
  totals_of_meter_.resize(card.meters.size());
  charges_.resize(program.charges.size());
  for (uint32_t i = 0; i < card.charges.size(); ++i) {
    const dsl::Charge& charge = card.charges[i];
    if (!charge.is_share()) charges_of_meter_[charge.meter].push_back(i);
    for (uint32_t k = 0; k < charge.tier_meters.size(); ++k)
      totals_of_meter_[charge.tier_meters[k]].push_back({i, k});
    charges_[i].totals.resize(charge.tier_meters.size() + program.charges[i].to_date);
  }
  for (const BillStep& step : program.bill_steps)
    if (step.commitment) commitments_.emplace_back();
  usages_.resize(program.charges.size());
}

void UsageVector::clear() {
  for (PerCharge& charge : charges_) {
    charge.entries.clear();
    std::ranges::fill(charge.totals, Decimal{});
  }
  too_much_ = false;
  std::ranges::fill(commitments_, CommitmentState{});
}

void UsageVector::add(uint32_t meter, std::span<const uint32_t> values, const Decimal& quantity) {
  const std::vector<uint32_t>& dimensions = card_.meters[meter].dimensions;
  const auto value_of = [&](uint32_t dimension) {
    return values[std::ranges::find(dimensions, dimension) - dimensions.begin()];
  };
  for (uint32_t index : charges_of_meter_[meter]) {
    const Charge& charge = program_.charges[index];
    Entry entry{.rank = 0, .cell = 0, .part = 0, .quantity = quantity.normalized()};
    const std::vector<uint32_t>& by = card_.charges[index].by;
    for (size_t i = 0; i < by.size(); ++i) entry.cell += value_of(by[i]) * charge.cell_strides[i];
    for (const Split& split : charge.splits)
      entry.part += split.class_of_value[value_of(split.dimension)] * split.stride;
    entry.rank = charge.rank_of_cell[entry.cell];
    charges_[index].entries.push_back(entry);
  }
  for (const Total& total : totals_of_meter_[meter]) add_total(total, quantity);
}

void UsageVector::add_used_to_date(uint32_t meter, const Decimal& quantity) {
  for (uint32_t charge : charges_of_meter_[meter])
    if (program_.charges[charge].to_date)
      add_total({charge, static_cast<uint32_t>(charges_[charge].totals.size() - 1)}, quantity);
}

void UsageVector::add_total(const Total& total, const Decimal& quantity) {
  Decimal& sum = charges_[total.charge].totals[total.index];
  const auto with = checked_add(sum, quantity.normalized());
  if (with)
    sum = *with;
  else
    too_much_ = true;
}

RateInput* UsageVector::bind() {
  if (too_much_) return nullptr;
  for (uint32_t i = 0; i < charges_.size(); ++i)
    if (!bind_charge(i)) return nullptr;
  input_ = {.charges = usages_.data(), .commitments = commitments_.data()};
  lines_.resize(line_count(program_, input_));
  return &input_;
}

bool UsageVector::bind_charge(uint32_t index) {
  PerCharge& bound = charges_[index];
  const Charge& charge = program_.charges[index];
  std::vector<Entry>& entries = bound.entries;
  std::ranges::sort(entries, {}, &Entry::rank);
  int scale = 0;
  for (const Entry& entry : entries) scale = std::max(scale, entry.quantity.scale);
  for (const Decimal& total : bound.totals) scale = std::max(scale, total.scale);

  bound.cells.clear();
  bound.quantities.clear();
  Int128 cell_sum = 0;
  const auto start_cell = [&](uint32_t cell) {
    bound.cells.push_back(cell);
    bound.quantities.resize(bound.quantities.size() + charge.parts);
    cell_sum = 0;
  };
  if (card_.charges[index].by.empty()) start_cell(0);  // also of a share
  const Int128 limit = power_of_ten(DecimalLimits{}.whole_digits_max + scale);
  for (const Entry& entry : entries) {
    if (bound.cells.empty() || bound.cells.back() != entry.cell) start_cell(entry.cell);
    // Both summands are below 10^36, so the sum fits.
    const Int128 quantity = *mantissa_at(entry.quantity, scale);
    bound.quantities[bound.quantities.size() - charge.parts + entry.part] += quantity;
    cell_sum += quantity;
    if (cell_sum >= limit) return false;
  }
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
                    .scale = static_cast<uint32_t>(scale)};
  return true;
}

}  // namespace toll::compiler
