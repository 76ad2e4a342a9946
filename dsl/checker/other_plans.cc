#include "dsl/checker/other_plans.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

using Names = std::vector<std::string>;

/// The plans below which an item stands that `is_meant`.
template <typename IsMeant>
Names plans_with(const CardContext& context, const IsMeant& is_meant) {
  Names plans;
  const syntax::Plan* plan = nullptr;
  for (const syntax::Item& item : context.syntax.items) {
    if (const auto* opened = std::get_if<syntax::Plan>(&item)) plan = opened;
    if (!plan || plan->name.text.empty() || !std::visit(is_meant, item)) continue;
    if (std::ranges::find(plans, plan->name.text) == plans.end()) plans.push_back(plan->name.text);
  }
  return plans;
}

Names plans_with_name(const CardContext& context, std::string_view name) {
  return plans_with(context, [name](const auto& item) {
    using Item = std::decay_t<decltype(item)>;
    if constexpr (std::is_same_v<Item, syntax::Fee> || std::is_same_v<Item, syntax::Charge> ||
                  std::is_same_v<Item, syntax::Pool> || std::is_same_v<Item, syntax::Commit>)
      return item.name.text == name;
    else
      return false;
  });
}

Names plans_that_read(const CardContext& context, std::string_view meter) {
  return plans_with(context, [meter](const auto& item) {
    using Item = std::decay_t<decltype(item)>;
    if constexpr (std::is_same_v<Item, syntax::Charge>)
      return (item.on ? item.on->text : item.name.text) == meter ||
             std::ranges::find(item.also_on, meter, &syntax::Word::text) != item.also_on.end();
    else if constexpr (std::is_same_v<Item, syntax::Limit> || std::is_same_v<Item, syntax::Alert>)
      return item.subject.text == meter;
    else
      return false;
  });
}

std::string quoted_plans(const Names& plans) {
  Names words;
  for (const std::string& plan : plans) words.push_back(quoted(plan));
  return listed(words);
}

std::string hint(const Names& plans, const syntax::Example& example) {
  if (plans.empty()) return {};
  const bool one = plans.size() == 1;
  const std::string have =
      fmt::format("plan{} {} {} it", one ? "" : "s", quoted_plans(plans), one ? "has" : "have");
  if (!example.plan_changes.empty()) return have;
  return have + fmt::format(": say `on plan {}`", plans.front());
}

}  // namespace

std::string plans_with_line(const CardContext& context, std::string_view name) {
  return quoted_plans(plans_with_name(context, name));
}

std::string hint_at_plan_with_line(const CardContext& context, const syntax::Example& example,
                                   std::string_view name) {
  return hint(plans_with_name(context, name), example);
}

std::string hint_at_plan_with_meter(const CardContext& context, const syntax::Example& example,
                                    std::string_view meter) {
  return hint(plans_that_read(context, meter), example);
}

}  // namespace toll::dsl::checker
