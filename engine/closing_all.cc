#include "engine/closing_all.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "engine/customers.h"
#include "engine/reading/covered_period.h"

namespace toll::engine {
namespace {

/// Of customers that are closed ahead of the one that is told of, for each thread: one that takes
/// long holds up no thread, and memory holds few bills.
constexpr size_t kAheadOfEach = 4;

/// Results that several threads work out and one takes, in their order.
template <typename Result>
class InOrder {
 public:
  InOrder(size_t size, size_t ahead) : results_(size), ahead_(ahead) {}

  /// Which one to work out; empty where none is left.
  std::optional<size_t> begin() {
    std::unique_lock lock(mutex_);
    room_.wait(lock,
               [this] { return stopped_ || begun_ == results_.size() || begun_ < done_ + ahead_; });
    return stopped_ || begun_ == results_.size() ? std::nullopt : std::optional(begun_++);
  }

  void put(size_t number, Result result) {
    {
      const std::lock_guard lock(mutex_);
      results_[number].emplace(std::move(result));
    }
    ready_.notify_one();
  }

  Result take(size_t number) {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return results_[number].has_value(); });
    Result result = *std::move(results_[number]);
    results_[number].reset();
    return result;
  }

  /// With the one that was taken: another may begin.
  void done() {
    {
      const std::lock_guard lock(mutex_);
      ++done_;
    }
    room_.notify_one();
  }

  /// No other begins.
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    room_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable room_, ready_;
  std::vector<std::optional<Result>> results_;
  const size_t ahead_;
  size_t begun_ = 0, done_ = 0;
  bool stopped_ = false;
};

class AllClosings {
 public:
  AllClosings(const runtime::CardSet& cards, Engine& engine, const CloseAllRequest& request,
              const std::function<bool(const Closing&)>& visit)
      : cards_(cards), engine_(engine), request_(request), visit_(visit) {}

  Answered<void> run() {
    for (std::optional<std::string> after = std::string(); after;) {
      std::vector<std::string> ids;
      auto behind = customers(engine_,
                              {.tenant = request_.tenant,
                               .after = *std::exchange(after, std::nullopt),
                               .subscribed = true,
                               .with_events = false},
                              [&](const ListedCustomer& listed) {
                                ids.push_back(listed.customer.id);
                                return ids.size() < request_.names_max;
                              });
      if (!behind) return std::unexpected(std::move(behind.error()));
      const auto goes_on = close(ids);
      if (!goes_on) return std::unexpected(goes_on.error());
      if (!*goes_on) return {};
      after = ids.size() == request_.names_max ? std::optional(ids.back()) : *std::move(behind);
    }
    return {};
  }

 private:
  using OfCustomer = Answered<std::vector<Closing>>;

  /// Whether to go on. What one of them comes to depends on no other, and most of the time of a
  /// closing is spent waiting for the disk, which those that wait together share.
  Answered<bool> close(const std::vector<std::string>& ids) {
    const size_t threads = std::clamp<size_t>(request_.threads, 1, std::max<size_t>(1, ids.size()));
    InOrder<OfCustomer> closings(ids.size(), threads == 1 ? 1 : threads * kAheadOfEach);
    std::vector<std::jthread> workers;
    for (size_t i = 0; i < threads; ++i)
      workers.emplace_back([&] {
        while (const auto number = closings.begin()) closings.put(*number, close(ids[*number]));
      });
    auto goes_on = tell(closings, ids.size());
    closings.stop();
    return goes_on;
  }

  Answered<bool> tell(InOrder<OfCustomer>& closings, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      auto all = closings.take(i);
      if (!all) return std::unexpected(std::move(all.error()));
      for (const Closing& one : *all)
        if (!visit_(one)) return false;
      closings.done();
    }
    return true;
  }

  /// Any thread.
  OfCustomer close(const std::string& customer) const {
    const auto subscriptions = engine_.subscriptions(request_.tenant, customer);
    if (!subscriptions) return std::unexpected(subscriptions.error());
    std::vector<Closing> all;
    for (const Subscription& subscription : *subscriptions) {
      const bool billed = is_billed(subscription);
      if (!billed && !has_ended(subscription)) continue;
      const auto settled = billed ? false : is_settled(customer, subscription);
      if (!settled) return std::unexpected(settled.error());
      if (*settled) continue;
      auto bill = close_period(cards_, engine_,
                               {.tenant = request_.tenant,
                                .customer = customer,
                                .subscription = subscription.id,
                                .day = request_.day,
                                .as_of = request_.as_of});
      if (!billed && !bill && bill.error().kind == NoBill::Kind::NotFound) continue;
      const bool was_closed = bill && bill->closed != request_.as_of;
      all.push_back({customer, subscription.id, std::move(bill), was_closed});
    }
    return all;
  }

  /// Behind an end there is a bill where something is to be corrected.
  bool has_ended(const Subscription& subscription) const {
    return subscription.end && *subscription.end <= request_.day &&
           cards_.versions(subscription.card);
  }

  /// Whether nothing is to be corrected of one that has ended, and the day has no bill of
  /// corrections.
  Answered<bool> is_settled(const std::string& customer, const Subscription& ended) const {
    const auto all = engine_.settled(request_.tenant, customer);
    if (!all) return std::unexpected(all.error());
    return std::ranges::any_of(*all, [&](const Settled& one) {
      return one.subscription == ended.id && one.until <= request_.day && one.at <= request_.as_of;
    });
  }

  /// Where nobody can be asked how long a period of the card is, it is taken for a month: one that
  /// cannot be billed is to be seen.
  bool is_billed(const Subscription& subscription) const {
    const auto* const versions = cards_.versions(subscription.card);
    const PeriodUnit unit = versions ? versions->front()->card().period : PeriodUnit::Month;
    return billed_days(subscription, unit, request_.day).has_value();
  }

  const runtime::CardSet& cards_;
  Engine& engine_;
  const CloseAllRequest& request_;
  const std::function<bool(const Closing&)>& visit_;
};

}  // namespace

Answered<void> close_all(const runtime::CardSet& cards, Engine& engine,
                         const CloseAllRequest& request,
                         const std::function<bool(const Closing&)>& visit) {
  return AllClosings(cards, engine, request, visit).run();
}

}  // namespace toll::engine
