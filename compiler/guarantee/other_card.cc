#include <algorithm>

#include "compiler/guarantee/walk.h"
#include "compiler/interpreter.h"

namespace toll::compiler {
namespace {

std::optional<uint32_t> place_of(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<uint32_t>(found - names.begin());
}

}  // namespace

OtherCard::OtherCard(const dsl::RateCard& other, const RatingProgram& program,
                     const dsl::RateCard& first)
    : card_(other), program_(program), first_(first), usage_(other, program) {
  for (const dsl::Meter& meter : first.meters) {
    const auto found = std::ranges::find(other.meters, meter.name, &dsl::Meter::name);
    meters_.push_back(found == other.meters.end()
                          ? std::nullopt
                          : std::optional(static_cast<uint32_t>(found - other.meters.begin())));
  }
}

void OtherCard::begin(const WalkedPeriod& period,
                      std::span<const std::pair<uint32_t, Decimal>> used_up) {
  usage_.clear();
  fill_blocked_pools(card_, usage_);
  known_ = true;
  set_due(card_, period, usage_);
  if (!period.late) return;
  for (const auto& [meter, all] : used_up)
    if (const std::optional<uint32_t> there = meters_[meter]) usage_.add_used_to_date(*there, all);
}

void OtherCard::add(uint32_t meter, std::span<const uint32_t> values, const Decimal& quantity) {
  const std::optional<uint32_t> there = meters_[meter];
  if (!there) return;
  const std::vector<uint32_t>& dimensions = first_.meters[meter].dimensions;
  std::vector<uint32_t> mapped;
  for (size_t i = 0; i < dimensions.size(); ++i) {
    const std::string& name = first_.dimensions[dimensions[i]].values[values[i]];
    const auto value = place_of(card_.dimensions[card_.meters[*there].dimensions[i]].values, name);
    known_ = known_ && value;
    mapped.push_back(value.value_or(0));
  }
  if (known_) usage_.add(*there, mapped, quantity);
}

std::optional<Int128> OtherCard::total() {
  const RateInput* input = known_ ? usage_.bind() : nullptr;
  if (!input) return std::nullopt;
  RateOutput output{.lines = usage_.lines().data()};
  interpret(program_, *input, output);
  return output.fault == FaultKind::None ? std::optional(output.total) : std::nullopt;
}

}  // namespace toll::compiler
