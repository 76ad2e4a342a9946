#include "metering/counting/outcomes.h"

#include "metering/counting/contributions.h"
#include "metering/counting/elapsed.h"

namespace toll::metering {

bool Outcomes::names(const dsl::Outcome& rules, std::string_view type) {
  return type == rules.when || type == rules.after || type == rules.unless;
}

bool Outcomes::lacks_key(const dsl::Outcome& rules, const UsageEvent& event) {
  return rules.once_per && !text_of(event, *rules.once_per);
}

void Outcomes::add(const UsageEvent& event, std::vector<uint32_t> values) {
  Thread& thread = threads_[rules_.once_per ? *text_of(event, *rules_.once_per) : std::string()];
  if (event.type == rules_.after) thread.began = event.time;
  if (event.type == rules_.unless && !thread.outcomes.empty() &&
      event.time <= *thread.outcomes.back().open_until)
    thread.outcomes.pop_back();
  if (event.type != rules_.when) return;
  const bool in_time =
      !rules_.within ||
      (thread.began && event.time <= later_by(*rules_.within, *thread.began, zone_));
  if (!in_time || (rules_.once_per && !thread.outcomes.empty())) return;
  Standing outcome{.at = event.time, .values = std::move(values), .open_until = {}};
  if (rules_.unless_within) outcome.open_until = later_by(*rules_.unless_within, event.time, zone_);
  thread.outcomes.push_back(std::move(outcome));
}

std::vector<Outcomes::Standing> Outcomes::standing() const {
  std::vector<Standing> result;
  for (const auto& [key, thread] : threads_)
    result.insert(result.end(), thread.outcomes.begin(), thread.outcomes.end());
  return result;
}

}  // namespace toll::metering
