#include "metering/period_usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
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

using dsl::Grain;
using runtime::UsageStretch;

/// Whether what a period comes to follows from what its parts come to.
bool follows_from_parts(const dsl::Meter& meter) {
  return meter.binding.outcome || meter.grain == Grain::Day ||
         dsl::follows_from_parts(meter.binding.aggregate);
}

const dsl::Meter* meter_called(const dsl::RateCard& card, const std::string& name) {
  const auto found = std::ranges::find(card.meters, name, &dsl::Meter::name);
  return found == card.meters.end() ? nullptr : &*found;
}

class PeriodUsage {
 public:
  PeriodUsage(const runtime::CardSet& cards, const CountDays& count, UsageDocument& document)
      : cards_(cards), count_(count), document_(document) {}

  std::expected<void, Refusal> add() {
    const auto stretches = runtime::usage_stretches(cards_, document_);
    if (!stretches) return std::unexpected(stretches.error());
    if (stretches->size() < 2) return add_whole();
    for (const UsageStretch& stretch : *stretches)
      if (parts_.empty() || parts_.back().offer != stretch.offer)
        parts_.push_back(stretch);
      else
        parts_.back().days.until = stretch.days.until;
    for (const UsageStretch& stretch : *stretches)
      if (auto added = add_stretch(stretch); !added) return added;
    for (const UsageStretch& part : parts_)
      if (auto added = add_rest(part); !added) return added;
    return {};
  }

 private:
  /// Which meters of a card are added.
  using Choice = std::function<bool(const dsl::Meter&)>;

  std::expected<void, Refusal> add_whole() {
    UsageDocument asked = document_;
    asked.usage.clear();
    asked.period.reset();
    asked.on = document_.period->from;
    const auto revision = runtime::choose(cards_, asked);
    if (!revision) return std::unexpected(revision.error());
    return add_days((*revision)->card(), *document_.period, [](const dsl::Meter&) { return true; });
  }

  /// Of the meters that its offer has, those that follow from their parts.
  std::expected<void, Refusal> add_stretch(const UsageStretch& stretch) {
    const dsl::RateCard& own = stretch.offer->card();
    const auto add = [&](const dsl::RateCard& card) {
      return add_days(card, stretch.days, follows_from_parts);
    };
    if (std::ranges::all_of(own.meters, [&](const auto& m) { return form_of(m) == m.grain; }))
      return add(own);
    dsl::RateCard card = own;
    for (dsl::Meter& meter : card.meters) meter.grain = form_of(meter);
    return add(card);
  }

  /// What the sum of a meter is made of, where a part prices that one by one: it counts what came
  /// before it, too, and the sum follows from them.
  Grain form_of(const dsl::Meter& meter) const {
    if (meter.grain != Grain::Cell) return meter.grain;
    for (const UsageStretch& part : parts_) {
      const dsl::Meter* const there = meter_called(part.offer->card(), meter.name);
      if (!there || there->grain == Grain::Cell) continue;
      const bool is_made_of_these = there->grain == Grain::Item
                                        ? meter.binding.aggregate == dsl::Aggregate::Lists
                                        : dsl::adds_up(meter.binding.aggregate);
      if (is_made_of_these) return there->grain;
    }
    return Grain::Cell;
  }

  /// The other ones: for the days of the part, where no other one has them, and else as a whole.
  std::expected<void, Refusal> add_rest(const UsageStretch& part) {
    const dsl::RateCard& card = part.offer->card();
    const auto with = [&](const dsl::Meter& meter) {
      const auto has = [&](const UsageStretch& each) {
        return meter_called(each.offer->card(), meter.name) != nullptr;
      };
      return std::pair(std::ranges::find_if(parts_, has), std::ranges::count_if(parts_, has));
    };
    const Choice own = [&](const dsl::Meter& meter) {
      return !follows_from_parts(meter) && with(meter).second == 1;
    };
    const Choice shared = [&](const dsl::Meter& meter) {
      const auto [first, parts] = with(meter);
      return !follows_from_parts(meter) && parts > 1 && &*first == &part;
    };
    if (auto added = add_days(card, part.days, own); !added) return added;
    return add_days(card, *document_.period, shared);
  }

  std::expected<void, Refusal> add_days(const dsl::RateCard& card, const Period& days,
                                        const Choice& choice) {
    if (std::ranges::none_of(card.meters, choice)) return {};
    const bool whole = days.from == document_.period->from && days.until == document_.period->until;
    auto usage = count_(card, days);
    if (!usage)
      return std::unexpected(
          Refusal{Refusal::Kind::Unfit,
                  {{"/usage", fmt::format("from {}: {}", to_string(days.from), usage.error())}}});
    std::erase_if(usage->meters,
                  [&](const MeterReading& reading) { return !choice(card.meters[reading.meter]); });
    UsageDocument counted = to_document(card, *usage, {}, days, document_.final);
    for (UsageEntry& entry : counted.usage)
      if (!whole && entry.given != UsageEntry::Given::Days) {
        entry.from = days.from;
        entry.until = days.until;
      }
    std::ranges::move(counted.usage, std::back_inserter(document_.usage));
    return {};
  }

  const runtime::CardSet& cards_;
  const CountDays& count_;
  UsageDocument& document_;
  std::vector<UsageStretch> parts_;  // of the period, each of one offer
};

}  // namespace

std::expected<void, Refusal> add_usage(const runtime::CardSet& cards, const CountDays& count,
                                       UsageDocument& document) {
  return PeriodUsage(cards, count, document).add();
}

}  // namespace toll::metering
