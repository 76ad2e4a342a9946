#include "metering/period_usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "dsl/parts_of_period.h"
#include "metering/usage_document.h"
#include "runtime/quote.h"
#include "runtime/usage_cuts.h"

namespace toll::metering {
namespace {

using runtime::Refusal;
using runtime::UsageDocument;
using runtime::UsageEntry;

/// Whether what a period comes to follows from what its parts come to.
bool follows_from_parts(const dsl::Meter& meter) {
  return meter.binding.outcome || meter.grain == dsl::Grain::Day ||
         dsl::follows_from_parts(meter.binding.aggregate);
}

class PeriodUsage {
 public:
  PeriodUsage(const runtime::CardSet& cards, const CountDays& count, UsageDocument& document)
      : cards_(cards), count_(count), document_(document) {}

  std::expected<void, Refusal> add() {
    const auto cuts = runtime::usage_cuts(cards_, document_);
    if (!cuts) return std::unexpected(cuts.error());
    if (cuts->empty()) return add_days(*document_.period, Part::Whole);
    Date from = document_.period->from;
    for (size_t i = 0; i <= cuts->size(); ++i) {
      const Date until = i < cuts->size() ? (*cuts)[i] : document_.period->until;
      if (auto added = add_days({from, until}, Part::Stretch); !added) return added;
      from = until;
    }
    return add_days(*document_.period, Part::Rest);
  }

 private:
  enum class Part {
    Whole,    ///< all meters
    Stretch,  ///< those that follow from their parts, with the days on which it was
    Rest,     ///< the others
  };

  std::expected<void, Refusal> add_days(const Period& days, Part part) {
    UsageDocument asked = document_;
    asked.usage.clear();
    asked.period.reset();
    asked.on = days.from;
    const auto revision = runtime::choose(cards_, asked);
    if (!revision) return std::unexpected(revision.error());
    const dsl::RateCard& card = (*revision)->card();
    if (part == Part::Rest && std::ranges::all_of(card.meters, follows_from_parts)) return {};
    auto usage = count_(card, days);
    if (!usage)
      return std::unexpected(
          Refusal{Refusal::Kind::Unfit,
                  {{"/usage", fmt::format("from {}: {}", to_string(days.from), usage.error())}}});
    if (part != Part::Whole)
      std::erase_if(usage->meters, [&](const MeterReading& reading) {
        return follows_from_parts(card.meters[reading.meter]) != (part == Part::Stretch);
      });
    UsageDocument counted = to_document(card, *usage, {}, days, document_.final);
    for (UsageEntry& entry : counted.usage)
      if (part == Part::Stretch && entry.given != UsageEntry::Given::Days) {
        entry.from = days.from;
        entry.until = days.until;
      }
    std::ranges::move(counted.usage, std::back_inserter(document_.usage));
    return {};
  }

  const runtime::CardSet& cards_;
  const CountDays& count_;
  UsageDocument& document_;
};

}  // namespace

std::expected<void, Refusal> add_usage(const runtime::CardSet& cards, const CountDays& count,
                                       UsageDocument& document) {
  return PeriodUsage(cards, count, document).add();
}

}  // namespace toll::metering
