#include "runtime/usage_cuts.h"

#include <optional>
#include <set>

#include "runtime/quoting/bound.h"
#include "runtime/quoting/cut_period.h"

namespace toll::runtime {

std::vector<Date> usage_cuts(const CardSet& cards, const UsageDocument& document) {
  UsageDocument without_usage = document;
  without_usage.usage.clear();
  std::optional<BoundUsage> bound;
  if (bind_document(cards, without_usage, bound)) return bound->cuts;
  auto period = cut_period(cards, without_usage);
  if (!period || period->parts.empty() || !bind_parts(cards, without_usage, *period)) return {};
  std::set<Date> days;
  for (const CutPart& part : period->parts) days.insert(part.days.from);
  const std::vector<Date> of_grants = days_of_grants(period->parts, period->grants);
  days.insert(of_grants.begin(), of_grants.end());
  days.erase(document.period->from);
  return {days.begin(), days.end()};
}

}  // namespace toll::runtime
