#include "engine/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/reading/kept_grants.h"
#include "engine/reading/kept_subscriptions.h"
#include "engine/reading/watchers.h"
#include "engine/storage/account_rows.h"
#include "engine/storage/billing_rows.h"
#include "engine/storage/event_rows.h"
#include "engine/storage/keys.h"
#include "engine/storage/settled_rows.h"
#include "engine/storage/values.h"
#include "engine/writing/writer.h"

namespace toll::engine {

std::string_view to_string(Verdict verdict) {
  constexpr std::string_view kNames[] = {"accepted", "duplicate", "conflict", "rejected"};
  return kNames[static_cast<size_t>(verdict)];
}

bool overlap(const Subscription& a, const Subscription& b) {
  return (!a.end || b.start < *a.end) && (!b.end || a.start < *b.end);
}

bool same_until(const Subscription& a, const Subscription& b, Date until) {
  const auto end_of = [&](const Subscription& one) {
    return std::min(one.end.value_or(until), until);
  };
  const auto changes_of = [&](Subscription one) {
    std::erase_if(one.plan_changes, [&](const auto& change) { return change.first >= until; });
    return std::move(one.plan_changes);
  };
  return a.card == b.card && a.plan == b.plan && changes_of(a) == changes_of(b) &&
         a.currency == b.currency && a.start == b.start && a.since() == b.since() &&
         a.state == b.state && end_of(a) == end_of(b);
}

struct Engine::Impl {
  Impl(std::unique_ptr<Store> opened, uint64_t position, EngineOptions options)
      : store(std::move(opened)),
        writer(*store, position, options,
               {.written = [this](const Batch& batch) { watchers.written(batch); },
                .mended =
                    [this] {
                      subscriptions.forget_all();
                      watchers.tell_all();
                    }}) {}

  template <typename T>
  std::future<Answered<T>> submit(typename JobOf<T>::Apply apply, size_t events, size_t bytes) {
    auto job = std::make_unique<JobOf<T>>(std::move(apply));
    job->events = events;
    job->bytes = bytes;
    auto future = job->future();
    writer.submit(std::move(job));
    return future;
  }

  const std::unique_ptr<Store> store;
  KeptSubscriptions subscriptions;
  Watchers watchers;
  Writer writer;  // last: it ends before the store goes
};

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::open(std::unique_ptr<Store> store, EngineOptions options) {
  const auto row = store->get(Table::State, position_key());
  if (!row) return std::unexpected(Error{row.error().message});
  const auto position = *row ? read_position(**row) : std::optional<uint64_t>(0);
  if (!position)
    return std::unexpected(Error{"the log position is not understood: a newer toll wrote it"});
  return std::unique_ptr<Engine>(
      new Engine(std::make_unique<Impl>(std::move(store), *position, options)));
}

std::future<Answered<std::vector<Judged>>> Engine::submit(Candidates candidates) {
  candidates.seal();
  const size_t events = std::max<size_t>(1, candidates.size()), bytes = candidates.bytes();
  return impl_->submit<std::vector<Judged>>(
      [candidates = std::make_shared<const Candidates>(std::move(candidates))](Group& group) {
        return group.ingest(*candidates);
      },
      events, bytes);
}

std::future<Answered<std::vector<Judged>>> Engine::submit(
    std::string tenant, const std::vector<Candidate>& candidates) {
  Candidates all(std::move(tenant));
  for (const Candidate& candidate : candidates) all.add(candidate);
  return submit(std::move(all));
}

Answered<std::vector<Judged>> Engine::ingest(Candidates candidates) {
  return submit(std::move(candidates)).get();
}

Answered<std::vector<Judged>> Engine::ingest(std::string tenant,
                                             const std::vector<Candidate>& candidates) {
  return submit(std::move(tenant), candidates).get();
}

Answered<Retraction> Engine::retract(std::string tenant, std::string source, std::string id,
                                     std::string reason, Instant at) {
  return impl_
      ->submit<Retraction>(
          [tenant = std::move(tenant), source = std::move(source), id = std::move(id),
           reason = std::move(reason),
           at](Group& group) { return group.retract(tenant, source, id, reason, at); },
          1, 0)
      .get();
}

Answered<Customer> Engine::put_customer(std::string tenant, Customer customer) {
  return impl_
      ->submit<Customer>(
          [key = customer_key(tenant, customer.id),
           customer = std::move(customer)](Group& group) -> Group::Done<Customer> {
            group.put(Table::State, key, write_customer(customer));
            return customer;
          },
          1, 0)
      .get();
}

Answered<std::optional<Customer>> Engine::customer(std::string_view tenant,
                                                   std::string_view customer) const {
  const auto row = impl_->store->get(Table::State, customer_key(tenant, customer));
  if (!row) return std::unexpected(unanswered(row.error()));
  if (!*row) return std::nullopt;
  auto read = read_customer(std::string(customer), **row);
  if (!read) return std::unexpected(unanswered(damaged(Table::State, "a customer")));
  return read;
}

Answered<std::optional<NotSubscribed>> Engine::put_subscription(std::string tenant,
                                                                std::string customer,
                                                                Subscription subscription) {
  const std::string of = subscriptions_of(tenant, customer).from;
  auto answer = impl_
                    ->submit<std::optional<NotSubscribed>>(
                        [tenant = std::move(tenant), customer = std::move(customer),
                         subscription = std::move(subscription)](Group& group) {
                          return group.put_subscription(tenant, customer, subscription);
                        },
                        1, 0)
                    .get();
  impl_->subscriptions.forget(of);
  return answer;
}

Answered<Removal> Engine::remove_subscription(std::string tenant, std::string customer,
                                              std::string id) {
  const std::string of = subscriptions_of(tenant, customer).from;
  auto answer =
      impl_
          ->submit<Removal>(
              [tenant = std::move(tenant), customer = std::move(customer), id = std::move(id)](
                  Group& group) { return group.remove_subscription(tenant, customer, id); },
              1, 0)
          .get();
  impl_->subscriptions.forget(of);
  return answer;
}

Answered<std::vector<Subscription>> Engine::subscriptions(std::string_view tenant,
                                                          std::string_view customer) const {
  const KeyRange range = subscriptions_of(tenant, customer);
  return impl_->subscriptions.get(range.from, [&]() -> Answered<std::vector<Subscription>> {
    std::vector<Subscription> found;
    bool good = true;
    const auto scanned = impl_->store->scan(
        Table::State, range.from, range.until, [&](std::string_view key, std::string_view value) {
          if (is_removed(value)) return true;
          Parts parts(key.substr(range.from.size()));
          auto subscription = read_subscription(std::string(parts.name()), value);
          good = subscription.has_value() && parts.at_end();
          if (good) found.push_back(*std::move(subscription));
          return good;
        });
    if (!scanned) return std::unexpected(unanswered(scanned.error()));
    if (!good) return std::unexpected(unanswered(damaged(Table::State, "a subscription")));
    std::ranges::sort(found, {}, &Subscription::id);
    return found;
  });
}

Answered<std::optional<ClosedPeriod>> Engine::close_period(std::string tenant, std::string customer,
                                                           std::string subscription,
                                                           ClosedPeriod period,
                                                           std::optional<Date> after,
                                                           std::optional<FoundSettled> found) {
  return impl_
      ->submit<std::optional<ClosedPeriod>>(
          [tenant = std::move(tenant), customer = std::move(customer),
           subscription = std::move(subscription), period = std::move(period), after,
           found = std::move(found)](Group& group) -> Group::Done<std::optional<ClosedPeriod>> {
            auto closed = group.close_period(tenant, customer, subscription, period, after);
            if (closed && *closed == period && found)
              if (auto kept = group.settle(tenant, customer, *found); !kept)
                return std::unexpected(std::move(kept.error()));
            return closed;
          },
          1, 0)
      .get();
}

Answered<bool> Engine::settle(std::string tenant, std::string customer, FoundSettled found) {
  return impl_
      ->submit<bool>(
          [tenant = std::move(tenant), customer = std::move(customer),
           found = std::move(found)](Group& group) -> Group::Done<bool> {
            auto kept = group.settle(tenant, customer, found);
            if (!kept) return std::unexpected(std::move(kept.error()));
            return true;
          },
          1, 0)
      .get();
}

Answered<bool> Engine::unsettle(std::string tenant, std::string customer) {
  return impl_
      ->submit<bool>(
          [tenant = std::move(tenant),
           customer = std::move(customer)](Group& group) -> Group::Done<bool> {
            auto done = group.unsettle_all(tenant, customer);
            if (!done) return std::unexpected(std::move(done.error()));
            return true;
          },
          1, 0)
      .get();
}

Answered<std::vector<Settled>> Engine::settled(std::string_view tenant,
                                               std::string_view customer) const {
  auto all = settled_of(*impl_->store, tenant, customer);
  if (!all) return std::unexpected(unanswered(all.error()));
  return *std::move(all);
}

Answered<std::vector<ClosedPeriod>> Engine::closed_periods(std::string_view tenant,
                                                           std::string_view customer,
                                                           std::string_view subscription) const {
  std::vector<ClosedPeriod> found;
  bool good = true;
  const KeyRange range = closed_periods_of(tenant, customer, subscription);
  const auto scanned = impl_->store->scan(Table::State, range.from, range.until,
                                          [&](std::string_view, std::string_view value) {
                                            auto period = read_closed_period(value);
                                            good = period.has_value();
                                            if (good) found.push_back(*std::move(period));
                                            return good;
                                          });
  if (!scanned) return std::unexpected(unanswered(scanned.error()));
  if (!good) return std::unexpected(unanswered(damaged(Table::State, "a closed period")));
  return found;
}

Answered<std::optional<BoughtGrant>> Engine::add_grant(std::string tenant, std::string customer,
                                                       BoughtGrant grant) {
  return impl_
      ->submit<std::optional<BoughtGrant>>(
          [tenant = std::move(tenant), customer = std::move(customer), grant = std::move(grant)](
              Group& group) { return group.add_grant(tenant, customer, grant); },
          1, 0)
      .get();
}

Answered<Withdrawal> Engine::withdraw_grant(std::string tenant, std::string customer,
                                            std::string id, Instant at) {
  return impl_
      ->submit<Withdrawal>(
          [tenant = std::move(tenant), customer = std::move(customer), id = std::move(id),
           at](Group& group) { return group.withdraw_grant(tenant, customer, id, at); },
          1, 0)
      .get();
}

Answered<std::vector<BoughtGrant>> Engine::grants(std::string_view tenant,
                                                  std::string_view customer) const {
  auto grants = read_grants(*impl_->store, tenant, customer);
  if (!grants) return std::unexpected(unanswered(grants.error()));
  return *std::move(grants);
}

Answered<void> Engine::record(std::string_view tenant, std::string_view customer, Instant from,
                              Instant until, const VisitEvent& visit) const {
  const auto scanned =
      scan_events(*impl_->store, tenant, customer, from, until, [&](const StoredEvent& event) {
        return visit({.customer = std::string(customer),
                      .time = event.time,
                      .position = event.position,
                      .unmetered = event.row.unmetered,
                      .retracted = event.row.retracted,
                      .reason = std::string(event.row.reason),
                      .text = std::string(event.row.text)});
      });
  if (!scanned) return std::unexpected(unanswered(scanned.error()));
  return {};
}

Answered<uint64_t> Engine::set_days(std::map<std::string, DayRow> days) {
  return impl_
      ->submit<uint64_t>([days = std::move(days)](Group& group) { return group.set_days(days); }, 1,
                         0)
      .get();
}

std::shared_ptr<Watch> Engine::watch(std::string_view tenant, std::string_view customer) const {
  return impl_->watchers.add(tenant, customer);
}

const Store& Engine::store() const { return *impl_->store; }

}  // namespace toll::engine
