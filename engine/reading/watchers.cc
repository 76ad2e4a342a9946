#include "engine/reading/watchers.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "engine/storage/keys.h"

namespace toll::engine {
namespace {

/// Behind the customer's name an event's key has its time and position.
constexpr size_t kPlaceBytes = 16;

/// When the first event of a row happened; of other rows nothing is known.
Instant time_of(const Batch::Row& row) {
  if (row.table != Table::Events) return Instant::min();
  return Instant(
      std::chrono::nanoseconds(Parts(row.key.substr(row.key.size() - kPlaceBytes)).number()));
}

/// Of rows of State that lead with tenant and customer, and that a bill depends on: subscriptions,
/// closed periods and grants.
constexpr std::string_view kKinds = "sbg";

/// Of a key of Table::Events, or of such a row, what it begins with for all of its customer's;
/// empty for any other row.
std::string_view prefix_of(const Batch::Row& row) {
  if (row.table == Table::Events && row.key.size() > kPlaceBytes)
    return row.key.substr(0, row.key.size() - kPlaceBytes);
  if (row.table != Table::State) return {};
  Parts parts(row.key);
  const std::string_view tenant = parts.name();
  const char kind = static_cast<char>(parts.byte());
  const std::string_view customer = parts.name();
  if (!parts.good() || tenant.empty() || !kKinds.contains(kind)) return {};
  return row.key.substr(0, name_size(tenant) + 1 + name_size(customer));
}

}  // namespace

std::shared_ptr<Watch> Watchers::add(std::string_view tenant, std::string_view customer) {
  auto watch = std::make_shared<Watch>();
  const std::string events = events_of(tenant, customer, Instant{}, Instant{}).from;
  const std::lock_guard lock(mutex_);
  forget_gone();
  // A range's end has a time behind the customer, and no position.
  by_prefix_[events.substr(0, events.size() - kPlaceBytes / 2)].push_back(watch);
  for (const char kind : kKinds) {
    std::string prefix = subscriptions_of(tenant, customer).from;
    prefix[name_size(tenant)] = kind;
    by_prefix_[std::move(prefix)].push_back(watch);
  }
  count_ = by_prefix_.size();
  return watch;
}

void Watchers::forget_gone() {
  for (auto entry = by_prefix_.begin(); entry != by_prefix_.end();) {
    std::erase_if(entry->second, [](const auto& other) { return other.expired(); });
    entry = entry->second.empty() ? by_prefix_.erase(entry) : std::next(entry);
  }
  count_ = by_prefix_.size();
}

void Watchers::tell(List& list, Instant first) {
  for (const auto& one : list)
    if (const auto watch = one.lock()) watch->changed(first);
}

void Watchers::tell_all() {
  const std::lock_guard lock(mutex_);
  for (auto& [prefix, list] : by_prefix_) tell(list, Instant::min());
}

void Watchers::written(const Batch& batch) {
  if (count_ == 0) return;
  const std::lock_guard lock(mutex_);
  forget_gone();
  const auto tell_of = [this](std::string_view prefix, Instant first) {
    if (const auto found = by_prefix_.find(prefix); found != by_prefix_.end())
      tell(found->second, first);
  };
  std::string_view last;  // rows of one customer stand together, and are told of once
  Instant first;
  for (const Batch::Row& row : batch.rows()) {
    const std::string_view prefix = prefix_of(row);
    if (prefix.empty()) continue;
    if (prefix != last) {
      if (!last.empty()) tell_of(last, first);
      last = prefix;
      first = Instant::max();
    }
    first = std::min(first, time_of(row));
  }
  if (!last.empty()) tell_of(last, first);
}

}  // namespace toll::engine
