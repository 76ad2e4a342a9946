// What events come to by one meter of a card, as a text: for tests.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metering/meter_usage.h"
#include "tests/support/cards.h"

namespace toll::metering {

/// A card that prices the meter `used` and bills in Berlin.
inline dsl::RateCard card_with(std::string_view declarations, std::string_view price_unit,
                               std::string_view by = {}, std::string_view more = {}) {
  const std::string rows = by.empty() ? fmt::format("    at 1.00 USD per {}\n", price_unit)
                                      : fmt::format("    {} at 1.00 USD per {}\n", by, price_unit);
  return testing::lowered_card(
             fmt::format("toll 1\n\n{}\ncard c \"C\"\n  from 2026-01-01\n  currency USD\n"
                         "  time zone Europe/Berlin\n  period month\n"
                         "  round each line half-up\n\n  charge used \"Used\"{}\n{}{}",
                         declarations, by.empty() ? "" : " by kind", rows, more))
      .card;
}

using Fields = std::vector<std::pair<std::string, FieldValue>>;

inline UsageEvent event(std::string_view type, std::string_view time, Fields fields = {}) {
  std::ranges::sort(fields, {}, [](const auto& field) { return field.first; });
  return {.source = "/test",
          .id = std::string(time),
          .type = std::string(type),
          .subject = "acme",
          .time = parse_instant(time).value(),
          .fields = std::move(fields)};
}

inline FieldValue number(std::string_view text) { return parse_decimal(text).value(); }

/// "value value=quantity" of every cell of the meter `used`, in order; `?n` is pending.
inline std::string metered(const dsl::RateCard& card, const std::vector<UsageEvent>& events,
                           std::optional<Instant> as_of = {}, std::string_view month = "2026-03") {
  const auto usage = meter_usage(card, events, parse_month(month).value(), as_of);
  if (!usage) return usage.error().meter + ": " + usage.error().reason;
  std::string text;
  for (const Rejection& rejection : usage->rejected)
    text +=
        fmt::format("#{} rejected by {}: {}; ", rejection.event, rejection.meter, rejection.reason);
  for (const MeterReading& meter : usage->meters) {
    for (const CellReading& cell : meter.cells) {
      if (!text.empty() && !text.ends_with("; ")) text += ", ";
      for (size_t i = 0; i < cell.values.size(); ++i)
        text += card.dimensions[card.meters[meter.meter].dimensions[i]].values[cell.values[i]] +
                (i + 1 < cell.values.size() ? " " : "=");
      text += cell.quantity.to_string();
      if (cell.pending != Decimal{}) text += "?" + cell.pending.to_string();
    }
  }
  return text;
}

}  // namespace toll::metering
