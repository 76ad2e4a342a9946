// What one event gives to one meter: into which cells, and how much.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/ratio.h"
#include "dsl/rate_card.h"
#include "metering/event.h"

namespace toll::metering {

struct Contribution {
  std::vector<uint32_t> values;  ///< one per dimension of the meter
  Ratio quantity{1};             ///< in the meter's unit; of a step or an `until` event, may be < 0
  std::string distinct;          ///< CountsDistinct: the field's value
};

/// Why an event gives nothing: the line of the card, and a sentence.
struct Unreadable {
  uint32_t line = 0;
  std::string reason;
};

/// REQUIRES: the meter reads events of this type; `meter` is one of the card's.
std::expected<std::vector<Contribution>, Unreadable> contributions(const dsl::RateCard& card,
                                                                   const dsl::Meter& meter,
                                                                   const UsageEvent& event);

/// A field as text: of a number, its digits. Empty where the event has none that could be read so.
std::optional<std::string> text_of(const UsageEvent& event, std::string_view field);

}  // namespace toll::metering
