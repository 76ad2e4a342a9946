// What a group changes of what is settled: what becomes known of closed days unsettles them, in the
// same batch.
#include <algorithm>
#include <utility>

#include "engine/storage/billing_rows.h"
#include "engine/storage/keys.h"
#include "engine/storage/settled_rows.h"
#include "engine/writing/group.h"

namespace toll::engine {

Group::Done<const std::vector<Settled>*> Group::settled_of(std::string_view tenant,
                                                           std::string_view customer) {
  std::string key = settled_key(tenant, customer);
  if (const auto found = settled_.find(key); found != settled_.end()) return &found->second;
  if (memory_.settled)
    if (const auto* const kept = memory_.settled->find(key)) return kept;
  auto all = engine::settled_of(view_, tenant, customer);
  if (!all) return std::unexpected(std::move(all.error()));
  return &settled_.emplace(std::move(key), *std::move(all)).first->second;
}

void Group::put_settled(std::string_view tenant, std::string_view customer,
                        std::vector<Settled> all) {
  const std::string key = settled_key(tenant, customer);
  batch_.put(Table::State, key, write_settled(all));
  if (memory_.settled) memory_.settled->forget(key);
  settled_.insert_or_assign(key, std::move(all));
}

Group::Done<void> Group::unsettle(std::string_view tenant, std::string_view customer,
                                  const std::function<bool(const Settled&)>& which) {
  const auto settled = settled_of(tenant, customer);
  if (!settled) return std::unexpected(settled.error());
  if (std::ranges::none_of(**settled, which)) return {};
  std::vector<Settled> rest = **settled;
  std::erase_if(rest, which);
  put_settled(tenant, customer, std::move(rest));
  return {};
}

Group::Done<void> Group::unsettle_before(std::string_view tenant, std::string_view customer,
                                         Instant time) {
  return unsettle(tenant, customer, [time](const Settled& one) { return time < one.before; });
}

Group::Done<void> Group::unsettle_all(std::string_view tenant, std::string_view customer) {
  return unsettle(tenant, customer, [](const Settled&) { return true; });
}

/// Whether a command of this group changed what the customer's closed days come to.
bool Group::changed(std::string_view tenant, std::string_view customer, Instant before) const {
  const KeyRange events = events_of(tenant, customer, Instant{}, before);
  const KeyRange subscriptions = subscriptions_of(tenant, customer);
  const KeyRange grants = grants_of(tenant, customer);
  const auto has = [](const KeyRange& range, std::string_view key) {
    return range.from <= key && key < range.until;
  };
  return std::ranges::any_of(batch_.rows(), [&](const Batch::Row& row) {
    return row.table == Table::Events
               ? has(events, row.key)
               : row.table == Table::State && (has(subscriptions, row.key) || has(grants, row.key));
  });
}

Group::Done<void> Group::settle(std::string_view tenant, std::string_view customer,
                                const FoundSettled& found) {
  const Settled& settled = found.settled;
  const auto until = closed_until(tenant, customer, settled.subscription);
  if (!until) return std::unexpected(until.error());
  const bool holds = *until == settled.until && !found.watch->changed_before(settled.before) &&
                     !changed(tenant, customer, settled.before);
  const auto before = settled_of(tenant, customer);
  if (!before) return std::unexpected(before.error());
  std::vector<Settled> all = **before;
  std::erase_if(all, [&](const Settled& one) { return one.subscription == settled.subscription; });
  if (holds) all.push_back(settled);
  if (all != **before) put_settled(tenant, customer, std::move(all));
  return {};
}

}  // namespace toll::engine
