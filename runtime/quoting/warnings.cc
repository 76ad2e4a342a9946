#include "runtime/quoting/warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/quoting/choice.h"

namespace toll::runtime {

void add_warning(std::vector<std::string>& warnings, std::string warning) {
  constexpr size_t kWarningsMax = 20;
  if (warning.empty() || warnings.size() >= kWarningsMax ||
      std::ranges::find(warnings, warning) != warnings.end())
    return;
  warnings.push_back(std::move(warning));
}

std::string warning_of_no_plan(const dsl::RateCard& card) {
  if (!card.plan.empty() || card.plans.empty()) return {};
  return fmt::format(
      "no `plan` is named, so only what is common to all plans of `{}` is billed; its plans are {}",
      card.name, listed(card.plans));
}

}  // namespace toll::runtime
