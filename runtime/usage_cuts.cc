#include "runtime/usage_cuts.h"

#include <optional>
#include <utility>

#include "runtime/quoting/bound.h"
#include "runtime/quoting/cut_period.h"

namespace toll::runtime {
namespace {

/// Adds the days of an offer, from one of the days inside them to the next.
void add_stretches(const std::shared_ptr<const Revision>& offer, Period days,
                   const std::vector<Date>& cuts, std::vector<UsageStretch>& stretches) {
  for (const Date day : cuts) {
    if (day <= days.from || day >= days.until) continue;
    stretches.push_back({{days.from, day}, offer});
    days.from = day;
  }
  stretches.push_back({days, offer});
}

}  // namespace

std::expected<std::vector<UsageStretch>, Refusal> usage_stretches(const CardSet& cards,
                                                                  const UsageDocument& document) {
  UsageDocument without_usage = document;
  without_usage.usage.clear();
  std::vector<UsageStretch> stretches;
  std::optional<BoundUsage> bound;
  if (bind_document(cards, without_usage, bound)) {
    add_stretches(bound->revision, *document.period, bound->cuts, stretches);
    return stretches;
  }
  auto period = cut_period(cards, without_usage);
  if (!period) return std::unexpected(std::move(period.error()));
  if (period->parts.empty()) return stretches;
  if (auto fits = bind_parts(cards, without_usage, *period); !fits)
    return std::unexpected(std::move(fits.error()));
  const std::vector<Date> of_grants = days_of_grants(period->parts, period->grants);
  for (const CutPart& part : period->parts)
    add_stretches(part.revision, part.days, of_grants, stretches);
  return stretches;
}

}  // namespace toll::runtime
