// The engine: events and subscriptions, kept exactly once and durably.
//
//   commands ── bounded queue ── one writer ── one batch for a group of them ── synced ── answers
//
// Many threads hand in commands; one writer takes those that wait, judges them in order and writes
// what they change, with the identities of new events and the log position, in one batch. Nobody is
// answered before the batch is on the disk. What a command is told therefore holds after a crash,
// and what was not told may be asked again: an event that is sent twice is one event.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "engine/bought_grant.h"
#include "engine/candidates.h"
#include "engine/closed_period.h"
#include "engine/customer.h"
#include "engine/ingest.h"
#include "engine/settled.h"
#include "engine/store.h"
#include "engine/subscription.h"
#include "engine/watch.h"
#include "metering/event.h"

namespace toll::engine {

/// Tenants, customers, sources and ids are names of 1 to this many bytes.
inline constexpr size_t kNameBytesMax = 256;

struct EngineOptions {
  size_t queued_events_max = 100'000;  ///< that wait for the writer, over all commands
  size_t queued_bytes_max = size_t{64} << 20;
  size_t group_events_max = 20'000;  ///< after which a group takes no further command
  /// Of memory for what proves an identity new: two bytes each. Beyond it the store is asked.
  size_t filter_bytes_max = size_t{256} << 20;
};

/// Why there is no answer. Nothing may be assumed of the command: it may be sent again.
struct Unanswered {
  enum class Kind {
    Busy,     ///< the queue is full: later
    Full,     ///< the disk is
    Failed,   ///< the storage failed
    Stopped,  ///< the engine ends
  } kind = Kind::Failed;
  std::string message;  ///< one sentence, for an operator
};

template <typename T>
using Answered = std::expected<T, Unanswered>;

/// An event of the record.
struct RecordedEvent {
  std::string customer;
  Instant time;
  uint64_t position = 0;  ///< in the log: rises with every accepted event
  bool unmetered = false;
  std::optional<Instant> retracted = {};
  std::string reason = {};  ///< of the retraction
  std::string text;         ///< as it was sent

  friend bool operator==(const RecordedEvent&, const RecordedEvent&) = default;
};

struct DayRow;

/// Thread rule: all members from any thread; the destructor once they are done.
class Engine {
 public:
  /// An Error where what the store holds is not understood.
  static Result<std::unique_ptr<Engine>> open(std::unique_ptr<Store> store,
                                              EngineOptions options = {});
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();  ///< after what is queued has been written

  /// Hands in events; a verdict for each, in their order. The future waits for the disk.
  std::future<Answered<std::vector<Judged>>> submit(Candidates candidates);
  std::future<Answered<std::vector<Judged>>> submit(std::string tenant,
                                                    const std::vector<Candidate>& candidates);

  /// submit(), waited for.
  Answered<std::vector<Judged>> ingest(Candidates candidates);
  Answered<std::vector<Judged>> ingest(std::string tenant,
                                       const std::vector<Candidate>& candidates);

  /// Takes an event back: it stays in the record, and counts no more. `reason` has at most
  /// kNameBytesMax bytes. Its identity stays taken.
  Answered<Retraction> retract(std::string tenant, std::string source, std::string id,
                               std::string reason, Instant at);

  /// Sets what holds for a customer.
  Answered<Customer> put_customer(std::string tenant, Customer customer);

  /// Empty where it was never set; it may have subscriptions and events all the same.
  Answered<std::optional<Customer>> customer(std::string_view tenant,
                                             std::string_view customer) const;

  /// Sets a subscription of a customer. Where there is a reason not to, nothing is changed.
  Answered<std::optional<NotSubscribed>> put_subscription(std::string tenant, std::string customer,
                                                          Subscription subscription);

  /// Takes a subscription back that has billed nothing, as if it had never been.
  Answered<Removal> remove_subscription(std::string tenant, std::string customer, std::string id);

  /// Those of a customer, by id.
  Answered<std::vector<Subscription>> subscriptions(std::string_view tenant,
                                                    std::string_view customer) const;

  /// Keeps what was billed for a period, behind those that are closed up to `after` (empty: there
  /// are none). The one of these days that is there already, where there is one; empty where others
  /// were closed meanwhile, and nothing is changed. `found`: nothing is to be corrected then.
  Answered<std::optional<ClosedPeriod>> close_period(std::string tenant, std::string customer,
                                                     std::string subscription, ClosedPeriod period,
                                                     std::optional<Date> after,
                                                     std::optional<FoundSettled> found = {});

  /// Keeps that nothing is to be corrected of a subscription's closed periods, unless something
  /// changed since that was found.
  Answered<bool> settle(std::string tenant, std::string customer, FoundSettled found);

  /// Keeps that it is not known of any closed period of a customer. For rebuild().
  Answered<bool> unsettle(std::string tenant, std::string customer);

  /// Subscriptions of a customer of which nothing is to be corrected.
  Answered<std::vector<Settled>> settled(std::string_view tenant, std::string_view customer) const;

  /// Those of a subscription, by time.
  Answered<std::vector<ClosedPeriod>> closed_periods(std::string_view tenant,
                                                     std::string_view customer,
                                                     std::string_view subscription) const;

  /// Keeps a grant of a customer, with the number that follows. The one that has its id already,
  /// where there is one: nothing is changed then. Empty where its subscription does not cover its
  /// first day, and nothing is changed either.
  Answered<std::optional<BoughtGrant>> add_grant(std::string tenant, std::string customer,
                                                 BoughtGrant grant);

  /// Takes a grant back that no closed period could use.
  Answered<Withdrawal> withdraw_grant(std::string tenant, std::string customer, std::string id,
                                      Instant at);

  /// Those of a customer, in the order in which they were created, withdrawn ones included.
  Answered<std::vector<BoughtGrant>> grants(std::string_view tenant,
                                            std::string_view customer) const;

  /// The record of a customer, from <= time < until, by time and log position, those that were
  /// taken back included; `visit` says whether to go on. It is that of one moment.
  using VisitEvent = std::function<bool(const RecordedEvent&)>;
  Answered<void> record(std::string_view tenant, std::string_view customer, Instant from,
                        Instant until, const VisitEvent& visit) const;

  /// Puts the sums of days, by their keys, in the place of those that are kept; how many were
  /// others. For rebuild().
  Answered<uint64_t> set_days(std::map<std::string, DayRow> days);

  /// Told of every change of the customer's events and subscriptions, once it is on the disk, as
  /// long as it is held.
  std::shared_ptr<Watch> watch(std::string_view tenant, std::string_view customer) const;

  /// The rows themselves, for an audit.
  const Store& store() const;

 private:
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::engine
