// What a group changes of subscriptions, of what was billed, and of the sums of days.
#include <algorithm>
#include <utility>

#include "engine/storage/billing_rows.h"
#include "engine/storage/keys.h"
#include "engine/storage/values.h"
#include "engine/writing/group.h"

namespace toll::engine {

Group::Done<std::map<std::string, std::string>> Group::rows_of(Table table,
                                                               const KeyRange& range) const {
  std::map<std::string, std::string> rows;
  const auto scanned =
      view_.scan(table, range.from, range.until, [&](std::string_view key, std::string_view value) {
        rows.insert_or_assign(std::string(key), value);
        return true;
      });
  if (!scanned) return std::unexpected(scanned.error());
  for (const Batch::Row& row : batch_.rows())
    if (row.table == table && range.from <= row.key && row.key < range.until)
      rows.insert_or_assign(std::string(row.key), row.value);
  return rows;
}

Group::Done<std::optional<NotSubscribed>> Group::put_subscription(
    std::string_view tenant, std::string_view customer, const Subscription& subscription) {
  const KeyRange range = subscriptions_of(tenant, customer);
  const auto others = rows_of(Table::State, range);
  if (!others) return std::unexpected(others.error());
  bool is_known = false;
  for (const auto& [key, value] : *others) {
    if (is_removed(value)) continue;
    Parts parts(std::string_view(key).substr(range.from.size()));
    const auto other = read_subscription(std::string(parts.name()), value);
    if (!other) return std::unexpected(damaged(Table::State, "a subscription"));
    if (other->id != subscription.id) {
      if (other->card == subscription.card && overlap(*other, subscription))
        return NotSubscribed{.overlapping = other->id, .closed_until = {}};
      continue;
    }
    is_known = *other == subscription;
    const auto closed = closed_until(tenant, customer, subscription.id);
    if (!closed) return std::unexpected(closed.error());
    if (*closed && !same_until(*other, subscription, **closed))
      return NotSubscribed{.overlapping = {}, .closed_until = *closed};
  }
  if (subscription.end) {
    const auto grants = grants_of_subscription(tenant, customer, subscription.id);
    if (!grants) return std::unexpected(grants.error());
    for (const BoughtGrant& grant : *grants)
      if (grant.from >= *subscription.end)
        return NotSubscribed{
            .overlapping = {}, .closed_until = {}, .grant = grant.id, .grant_from = grant.from};
  }
  // What is due at an end may be due in days that are closed.
  const auto is_of_it = [&](const Settled& one) { return one.subscription == subscription.id; };
  if (!is_known)
    if (auto done = unsettle(tenant, customer, is_of_it); !done)
      return std::unexpected(done.error());
  batch_.put(Table::State, subscription_key(tenant, customer, subscription.id),
             write_subscription(subscription));
  return std::nullopt;
}

Group::Done<Removal> Group::remove_subscription(std::string_view tenant, std::string_view customer,
                                                std::string_view id) {
  const std::string key = subscription_key(tenant, customer, id);
  const auto row = get(Table::State, key);
  if (!row) return std::unexpected(row.error());
  if (!*row || is_removed(**row)) return Removal::Absent;
  const auto closed = closed_until(tenant, customer, id);
  if (!closed) return std::unexpected(closed.error());
  if (*closed) return Removal::Billed;
  const auto grants = grants_of_subscription(tenant, customer, id);
  if (!grants) return std::unexpected(grants.error());
  if (!grants->empty()) return Removal::Granted;
  batch_.put(Table::State, key, write_removed());
  return Removal::Done;
}

Group::Done<std::optional<Date>> Group::closed_until(std::string_view tenant,
                                                     std::string_view customer,
                                                     std::string_view subscription) const {
  const auto rows = rows_of(Table::State, closed_periods_of(tenant, customer, subscription));
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  const auto last = read_closed_period(rows->rbegin()->second);
  if (!last) return std::unexpected(damaged(Table::State, "a closed period"));
  return last->period.until;
}

Group::Done<std::optional<ClosedPeriod>> Group::close_period(std::string_view tenant,
                                                             std::string_view customer,
                                                             std::string_view subscription,
                                                             const ClosedPeriod& period,
                                                             std::optional<Date> after) {
  const std::string key = closed_period_key(tenant, customer, subscription, period.period.from);
  const auto row = get(Table::State, key);
  if (!row) return std::unexpected(row.error());
  if (*row) {
    auto kept = read_closed_period(**row);
    if (!kept) return std::unexpected(damaged(Table::State, "a closed period"));
    return kept;
  }
  const auto last = closed_until(tenant, customer, subscription);
  if (!last) return std::unexpected(last.error());
  if (*last != after) return std::nullopt;
  batch_.put(Table::State, key, write_closed_period(period));
  return period;
}

/// Those that were not withdrawn.
Group::Done<std::vector<BoughtGrant>> Group::grants_of_subscription(
    std::string_view tenant, std::string_view customer, std::string_view subscription) const {
  const auto rows = rows_of(Table::State, grants_of(tenant, customer));
  if (!rows) return std::unexpected(rows.error());
  std::vector<BoughtGrant> grants;
  for (const auto& [key, value] : *rows) {
    auto grant = read_grant(tenant, key, value);
    if (!grant) return std::unexpected(damaged(Table::State, "a grant"));
    if (grant->subscription == subscription && !grant->withdrawn)
      grants.push_back(*std::move(grant));
  }
  return grants;
}

Group::Done<std::optional<BoughtGrant>> Group::add_grant(std::string_view tenant,
                                                         std::string_view customer,
                                                         const BoughtGrant& grant) {
  const auto others = rows_of(Table::State, grants_of(tenant, customer));
  if (!others) return std::unexpected(others.error());
  const std::string key = grant_key(tenant, customer, grant.id);
  if (const auto same = others->find(key); same != others->end()) {
    auto kept = read_grant(tenant, key, same->second);
    if (!kept) return std::unexpected(damaged(Table::State, "a grant"));
    return kept;
  }
  const auto row = get(Table::State, subscription_key(tenant, customer, grant.subscription));
  if (!row) return std::unexpected(row.error());
  if (!*row || is_removed(**row)) return std::nullopt;
  const auto subscription = read_subscription(grant.subscription, **row);
  if (!subscription) return std::unexpected(damaged(Table::State, "a subscription"));
  if (!subscription->covers(grant.from)) return std::nullopt;
  BoughtGrant added = grant;
  added.number = others->size() + 1;
  const auto pays_there = [&](const Settled& one) {
    return one.subscription == grant.subscription && grant.from < one.until;
  };
  if (auto done = unsettle(tenant, customer, pays_there); !done)
    return std::unexpected(done.error());
  batch_.put(Table::State, key, write_grant(added));
  return added;
}

Group::Done<Withdrawal> Group::withdraw_grant(std::string_view tenant, std::string_view customer,
                                              std::string_view id, Instant at) {
  const std::string key = grant_key(tenant, customer, id);
  const auto row = get(Table::State, key);
  if (!row) return std::unexpected(row.error());
  if (!*row) return Withdrawal{};
  auto grant = read_grant(tenant, key, **row);
  if (!grant) return std::unexpected(damaged(Table::State, "a grant"));
  if (grant->withdrawn) return Withdrawal{.grant = std::move(grant)};
  const auto closed = closed_until(tenant, customer, grant->subscription);
  if (!closed) return std::unexpected(closed.error());
  if (*closed && grant->from < **closed)
    return Withdrawal{.grant = std::move(grant), .closed_until = *closed};
  grant->withdrawn = at;
  batch_.put(Table::State, key, write_grant(*grant));
  return Withdrawal{.grant = std::move(grant)};
}

Group::Done<uint64_t> Group::set_days(const std::map<std::string, DayRow>& days) {
  uint64_t changed = 0;
  for (const auto& [key, row] : days) {
    // As it is kept, not as it is understood: a damaged one is another, too.
    const auto kept = view_.get(Table::Days, key);
    if (!kept) return std::unexpected(kept.error());
    const auto read = *kept ? read_day_row(**kept) : std::optional<DayRow>();
    if (read == row) continue;
    ++changed;
    if (memory_.days) memory_.days->take(key);
    batch_.put(Table::Days, key, write_day_row(row));
  }
  return changed;
}

}  // namespace toll::engine
