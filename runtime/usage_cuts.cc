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
  auto parts = cut_period(cards, without_usage);
  if (!parts || parts->empty() || !bind_parts(cards, without_usage, *parts)) return {};
  std::set<Date> days;
  for (const CutPart& part : *parts) {
    days.insert(part.days.from);
    days.insert(part.upto->cuts.begin(), part.upto->cuts.end());
  }
  days.erase(document.period->from);
  return {days.begin(), days.end()};
}

}  // namespace toll::runtime
