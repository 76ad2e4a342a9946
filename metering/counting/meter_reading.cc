#include "metering/counting/meter_reading.h"

#include <fmt/format.h>

#include <algorithm>

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

}  // namespace

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
