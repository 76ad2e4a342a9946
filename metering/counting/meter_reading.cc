#include "metering/counting/meter_reading.h"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/near_value.h"
#include "metering/counting/outcomes.h"

namespace toll::metering {
namespace {

bool reads(const dsl::Meter& meter, const UsageEvent& event) {
  const dsl::EventBinding& binding = meter.binding;
  if (binding.outcome) return Outcomes::names(*binding.outcome, event.type);
  return event.type == binding.until ||
         std::ranges::find(binding.from, event.type) != binding.from.end();
}

std::expected<std::vector<Contribution>, Unreadable> contributions_of(const dsl::RateCard& card,
                                                                      const dsl::Meter& meter,
                                                                      const UsageEvent& event) {
  const auto& outcome = meter.binding.outcome;
  if (!outcome) return contributions(card, meter, event);
  if (Outcomes::lacks_key(*outcome, event))
    return std::unexpected(
        Unreadable{meter.source.line,
                   fmt::format("field `{}` is missing, or is no text", *outcome->once_per)});
  if (event.type != outcome->when) return std::vector<Contribution>(1);
  return contributions(card, meter, event);
}

/// Whether the event says which cell the meter counts it in: one that only begins an outcome or
/// takes it back does not.
bool has_cell(const dsl::Meter& meter, const UsageEvent& event) {
  return reads(meter, event) &&
         (!meter.binding.outcome || event.type == meter.binding.outcome->when);
}

/// Whether a `take` line names the value of a dimension, and not a field of the event.
bool is_named_by_take(const dsl::Meter& meter, uint32_t place) {
  const auto& takes = meter.binding.takes;
  return !takes.empty() && takes.front().as && takes.front().as->dimension == place;
}

}  // namespace

std::vector<std::string> event_warnings(const dsl::RateCard& card, const UsageEvent& event) {
  std::vector<std::string> warnings;
  std::vector<uint32_t> seen;  // dimensions
  for (const dsl::Meter& meter : card.meters) {
    if (!has_cell(meter, event)) continue;
    for (uint32_t place = 0; place < meter.dimensions.size(); ++place) {
      const dsl::Dimension& dimension = card.dimensions[meter.dimensions[place]];
      if (!dimension.open || is_named_by_take(meter, place) ||
          std::ranges::find(seen, meter.dimensions[place]) != seen.end())
        continue;
      seen.push_back(meter.dimensions[place]);
      const FieldValue* const field = event.field(dimension.name);
      const auto* const given = field ? std::get_if<std::string>(field) : nullptr;
      std::string why = given ? dsl::warning_of_other(dimension, *given) : std::string();
      if (!why.empty())
        warnings.push_back(
            rejection_text({0, meter.name, meter.source.line, std::move(why)}, card));
    }
  }
  return warnings;
}

std::expected<std::vector<std::pair<uint32_t, std::vector<Contribution>>>, Rejection>
contributions_to_meters(const dsl::RateCard& card, const UsageEvent& event) {
  std::vector<std::pair<uint32_t, std::vector<Contribution>>> read;
  for (uint32_t index = 0; index < card.meters.size(); ++index) {
    const dsl::Meter& meter = card.meters[index];
    if (!reads(meter, event)) continue;
    auto contributions = contributions_of(card, meter, event);
    if (!contributions) {
      Unreadable& fault = contributions.error();
      return std::unexpected(Rejection{0, meter.name, fault.line, std::move(fault.reason)});
    }
    read.emplace_back(index, *std::move(contributions));
  }
  return read;
}

}  // namespace toll::metering
