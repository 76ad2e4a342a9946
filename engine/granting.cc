#include "engine/granting.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/money.h"
#include "engine/reading/covered_period.h"
#include "engine/reading/no_bill.h"
#include "engine/reading/offer.h"
#include "runtime/quote.h"

namespace toll::engine {
namespace {

using Kind = NoBill::Kind;

std::unexpected<NotGranted> not_granted(Kind kind, std::string message, std::string pointer = {}) {
  NoBill why{kind, message};
  if (!pointer.empty()) why.faults.push_back({std::move(pointer), std::move(message)});
  return std::unexpected(NotGranted{std::move(why)});
}

/// A subscription with the pool that a grant is of.
struct PoolOf {
  std::string subscription;
  std::shared_ptr<const runtime::Revision> revision;
  const dsl::Pool* pool = nullptr;
};

std::expected<PoolOf, NotGranted> pool_of(const runtime::CardSet& cards, const Engine& engine,
                                          const GrantRequest& request) {
  const BoughtGrant& grant = request.grant;
  auto subscriptions = engine.subscriptions(request.tenant, request.customer);
  if (!subscriptions) return std::unexpected(NotGranted{no_bill(subscriptions.error())});
  std::erase_if(*subscriptions, [&](const Subscription& one) {
    return !grant.subscription.empty() && one.id != grant.subscription;
  });
  if (subscriptions->empty())
    return not_granted(Kind::NotFound, grant.subscription.empty()
                                           ? "this customer has no subscription"
                                           : "there is no such subscription of this customer");
  std::vector<PoolOf> found;
  for (const Subscription& one : *subscriptions) {
    if (!one.covers(grant.from)) continue;
    const auto revision = runtime::choose(cards, document_of(one, request.customer, grant.from));
    if (!revision) continue;
    const auto& pools = (*revision)->card().pools;
    const auto pool = std::ranges::find(pools, grant.pool, &dsl::Pool::name);
    if (pool != pools.end()) found.push_back({one.id, *revision, &*pool});
  }
  if (found.empty())
    return not_granted(Kind::Unfit,
                       fmt::format("no card that bills the customer on {} has a pool `{}`",
                                   toll::to_string(grant.from), grant.pool),
                       "/pool");
  if (found.size() > 1)
    return not_granted(
        Kind::Ambiguous,
        fmt::format("the cards of several subscriptions have a pool `{}`: say which", grant.pool),
        "/subscription");
  return std::move(found.front());
}

std::expected<void, NotGranted> check(const PoolOf& of, const BoughtGrant& grant) {
  const Currency currency = of.revision->card().currency;
  if (!of.pool->credit && !to_minor(grant.quantity, currency))
    return not_granted(Kind::Unfit, "is not whole minor units of the currency", "/quantity");
  const auto expiring = std::ranges::find_if(
      of.pool->sales, [](const dsl::Pool::Sale& sale) { return sale.expires.has_value(); });
  if (!grant.expires && expiring != of.pool->sales.end())
    return not_granted(Kind::Unfit,
                       fmt::format("what `{}` sells expires (`{}`): say when this does",
                                   of.pool->name, expiring->source.text),
                       "/expires");
  return {};
}

}  // namespace

std::expected<BoughtGrant, NotGranted> grant(const runtime::CardSet& cards, Engine& engine,
                                             const GrantRequest& request) {
  auto of = pool_of(cards, engine, request);
  if (!of) return std::unexpected(std::move(of.error()));
  if (auto fine = check(*of, request.grant); !fine) return std::unexpected(std::move(fine.error()));
  BoughtGrant grant = request.grant;
  grant.subscription = of->subscription;
  auto kept = engine.add_grant(request.tenant, request.customer, grant);
  if (!kept) return std::unexpected(NotGranted{no_bill(kept.error())});
  if (!*kept)
    return not_granted(
        Kind::Unfit,
        fmt::format("subscription `{}` was changed at this moment: ask again", grant.subscription));
  if (!(*kept)->says_the_same(grant)) return std::unexpected(NotGranted{.taken = true});
  return **std::move(kept);
}

std::expected<void, NoBill> check_grants(const runtime::CardSet& cards, const Engine& engine,
                                         const std::string& tenant, const std::string& customer,
                                         const Subscription& subscription) {
  const auto grants = engine.grants(tenant, customer);
  if (!grants) return std::unexpected(no_bill(grants.error()));
  for (const BoughtGrant& grant : *grants) {
    if (grant.subscription != subscription.id || grant.withdrawn) continue;
    const Date day = std::max(grant.from, subscription.start);
    if (!subscription.covers(day)) continue;  // which the engine refuses, with all else it keeps
    const auto revision = runtime::choose(cards, document_of(subscription, customer, day));
    if (!revision) return std::unexpected(no_bill(revision.error()));
    const auto& pools = (*revision)->card().pools;
    if (std::ranges::find(pools, grant.pool, &dsl::Pool::name) != pools.end()) continue;
    const std::string message = fmt::format(
        "the grant `{}` is of the pool `{}`, which version {} of `{}` does not have, so that it "
        "would pay for nothing: withdraw it first",
        grant.id, grant.pool, (*revision)->version(), (*revision)->card().name);
    return std::unexpected(NoBill{Kind::Unfit, message, {{"/card", message}}});
  }
  return {};
}

Answered<std::vector<PoolsLeft>> pools_left(const runtime::CardSet& cards, const Engine& engine,
                                            const std::string& tenant, const std::string& customer,
                                            Instant as_of) {
  const auto subscriptions = engine.subscriptions(tenant, customer);
  if (!subscriptions) return std::unexpected(subscriptions.error());
  std::vector<PoolsLeft> all;
  for (const Subscription& one : *subscriptions) {
    const BillRequest request{tenant, customer, one.id, {}, as_of};
    const auto covered = covered_period(cards, engine, request);
    if (!covered || covered->is_over(as_of) || covered->revision->card().pools.empty()) continue;
    const auto bill = live_bill(cards, engine, request);
    if (bill)
      all.push_back({one.id, "", bill->remaining});
    else
      all.push_back({one.id, bill.error().message});
  }
  return all;
}

}  // namespace toll::engine
