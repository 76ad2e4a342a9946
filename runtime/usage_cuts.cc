#include "runtime/usage_cuts.h"

#include <optional>
#include <set>

#include "runtime/quoting/bound.h"
#include "runtime/quoting/cut_period.h"

namespace toll::runtime {

std::expected<std::vector<Date>, Refusal> usage_cuts(const CardSet& cards,
                                                     const UsageDocument& document) {
  UsageDocument without_usage = document;
  without_usage.usage.clear();
  std::optional<BoundUsage> bound;
  if (bind_document(cards, without_usage, bound)) return bound->cuts;
  auto period = cut_period(cards, without_usage);
  if (!period) return std::unexpected(std::move(period.error()));
  if (period->parts.empty()) return std::vector<Date>();
  if (auto fits = bind_parts(cards, without_usage, *period); !fits)
    return std::unexpected(std::move(fits.error()));
  std::set<Date> days;
  for (const CutPart& part : period->parts) days.insert(part.days.from);
  const std::vector<Date> of_grants = days_of_grants(period->parts, period->grants);
  days.insert(of_grants.begin(), of_grants.end());
  days.erase(document.period->from);
  return std::vector<Date>(days.begin(), days.end());
}

}  // namespace toll::runtime
