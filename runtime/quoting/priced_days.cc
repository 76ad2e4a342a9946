#include "runtime/quoting/priced_days.h"

#include <algorithm>
#include <optional>

namespace toll::runtime {
namespace {

using Given = UsageEntry::Given;

/// By what entries a part prices the meter; empty where it does not.
std::optional<Given> form_in(const CutPart& part, const std::string& name) {
  const uint32_t meter = part.revision->meter(name);
  if (meter == Revision::kNone) return std::nullopt;
  switch (part.revision->card().meters[meter].grain) {
    case dsl::Grain::Item:
      return Given::Items;
    case dsl::Grain::Day:
      return Given::Days;
    case dsl::Grain::Cell:
      break;
  }
  return Given::Quantity;
}

}  // namespace

bool PricedDays::is_priced(const std::string& meter) const {
  return std::ranges::any_of(parts_,
                             [&](const CutPart& part) { return form_in(part, meter).has_value(); });
}

bool PricedDays::costs_nothing(const std::string& meter, Date day) const {
  const auto part =
      std::ranges::find_if(parts_, [&](const CutPart& each) { return each.days.contains(day); });
  return part != parts_.end() && !form_in(*part, meter) && is_priced(meter);
}

bool PricedDays::is_given_so(const std::string& meter, Given given) const {
  return std::ranges::any_of(parts_,
                             [&](const CutPart& part) { return form_in(part, meter) == given; });
}

bool PricedDays::is_given_so_on(const std::string& meter, Given given, Date day) const {
  return std::ranges::any_of(parts_, [&](const CutPart& part) {
    return part.days.contains(day) && form_in(part, meter) == given;
  });
}

}  // namespace toll::runtime
