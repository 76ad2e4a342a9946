#include "runtime/quoting/item_groups.h"

#include <utility>

namespace toll::runtime {

void ItemGroups::add(const ItemGroup& item, std::vector<ItemStep> steps) {
  ++count_;
  if (const auto known = shown_.find(item); known != shown_.end()) {
    ++known->second.count;
    return;
  }
  // What is dearer than one of those that are shown takes its place; so a group that is put aside
  // never comes back.
  if (shown_.size() == kShown && item < std::prev(shown_.end())->first) return put_aside(item, 1);
  shown_.emplace(item, Members{.count = 1, .steps = std::move(steps)});
  if (shown_.size() <= kShown) return;
  const auto last = std::prev(shown_.end());
  put_aside(last->first, last->second.count);
  shown_.erase(last);
}

void ItemGroups::put_aside(const ItemGroup& group, uint64_t count) {
  rest_count_ += count;
  const auto sum = checked_mul(group.amount, Ratio(Int128{count}));
  rest_ = rest_ && sum ? checked_add(*rest_, *sum) : std::nullopt;
}

}  // namespace toll::runtime
