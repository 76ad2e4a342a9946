// A group of commands that are written together: the state machine. It reads the store and what the
// group has changed so far, decides, and puts into the batch; it touches nothing else, so the same
// commands on the same rows always give the same batch.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/bought_grant.h"
#include "engine/candidates.h"
#include "engine/closed_period.h"
#include "engine/ingest.h"
#include "engine/settled.h"
#include "engine/storage/event_rows.h"
#include "engine/storage/values.h"
#include "engine/store.h"
#include "engine/writing/identity_filter.h"
#include "engine/writing/kept_days.h"
#include "engine/writing/kept_settled.h"
#include "engine/writing/source_days.h"
#include "metering/read_events.h"

namespace toll::engine {

class Group {
 public:
  template <typename T>
  using Done = std::expected<T, StoreError>;

  /// What the writer remembers from group to group; a group does the same without.
  struct Memory {
    IdentityFilter* filter = nullptr;
    KeptDays* days = nullptr;
    KeptSettled* settled = nullptr;
  };

  /// `position` is that of the last event in the store. REQUIRES: `view` outlives this and does not
  /// change meanwhile.
  Group(const View& view, uint64_t position) : Group(view, position, Memory()) {}
  Group(const View& view, uint64_t position, Memory memory)
      : view_(view), position_(position), memory_(memory), sources_(view) {}

  /// A verdict for each, in their order. REQUIRES: they are sealed, and outlive the batch.
  Done<std::vector<Judged>> ingest(const Candidates& candidates);
  Done<Retraction> retract(std::string_view tenant, std::string_view source, std::string_view id,
                           std::string_view reason, Instant at);
  Done<std::optional<NotSubscribed>> put_subscription(std::string_view tenant,
                                                      std::string_view customer,
                                                      const Subscription& subscription);
  Done<Removal> remove_subscription(std::string_view tenant, std::string_view customer,
                                    std::string_view id);
  Done<std::optional<ClosedPeriod>> close_period(std::string_view tenant, std::string_view customer,
                                                 std::string_view subscription,
                                                 const ClosedPeriod& period,
                                                 std::optional<Date> after);
  /// Keeps that nothing is to be corrected, unless something changed since that was found: then,
  /// that it is not known.
  Done<void> settle(std::string_view tenant, std::string_view customer, const FoundSettled& found);
  Done<void> unsettle_all(std::string_view tenant, std::string_view customer);

  Done<std::optional<BoughtGrant>> add_grant(std::string_view tenant, std::string_view customer,
                                             const BoughtGrant& grant);
  Done<Withdrawal> withdraw_grant(std::string_view tenant, std::string_view customer,
                                  std::string_view id, Instant at);
  /// How many were others. REQUIRES: no command of this group changes events of these days.
  Done<uint64_t> set_days(const std::map<std::string, DayRow>& days);

  /// A row that nothing else follows from.
  void put(Table table, std::string_view key, std::string_view value) {
    batch_.put(table, key, value);
  }

  /// Puts the rows that belong to the group as a whole. Last.
  void finish();

  const Batch& batch() const { return batch_; }
  uint64_t position() const { return position_; }
  /// The days that the batch puts. Once, last: they are as in the store once it is written.
  KeptDays::Rows take_days() { return std::move(days_); }
  /// So too of what is settled, as far as it was asked for.
  KeptSettled::Rows take_settled() { return std::move(settled_); }

 private:
  class Ingest;  // one request

  Done<std::optional<std::string>> get(Table table, std::string_view key) const;
  /// The rows of a range as they are with this group, by key.
  Done<std::map<std::string, std::string>> rows_of(Table table, const KeyRange& range) const;
  Done<std::optional<Date>> closed_until(std::string_view tenant, std::string_view customer,
                                         std::string_view subscription) const;
  Done<std::vector<BoughtGrant>> grants_of_subscription(std::string_view tenant,
                                                        std::string_view customer,
                                                        std::string_view subscription) const;
  Done<Counts*> counts_of(std::string_view tenant);
  struct EventsRow;
  Done<EventsRow> events_at(std::string_view tenant, std::string_view identity);
  Done<Judged> judge_again(std::string_view tenant, std::string_view text,
                           std::string_view recorded);
  Done<DayRow*> day_of(const std::string& key);
  /// Until the group changes them.
  Done<const std::vector<Settled>*> settled_of(std::string_view tenant, std::string_view customer);
  void put_settled(std::string_view tenant, std::string_view customer, std::vector<Settled> all);
  Done<void> unsettle(std::string_view tenant, std::string_view customer,
                      const std::function<bool(const Settled&)>& which);
  Done<void> unsettle_before(std::string_view tenant, std::string_view customer, Instant time);
  bool changed(std::string_view tenant, std::string_view customer, Instant before) const;
  Done<void> keep_conflict(std::string_view tenant, const metering::UsageEvent& event,
                           std::string_view text);

  const View& view_;
  uint64_t position_;
  Batch batch_;
  const Memory memory_;
  std::map<std::string, Counts, std::less<>> counts_;  // of tenants that have been asked for
  KeptDays::Rows days_;                                // of those that have been asked for
  KeptSettled::Rows settled_;                          // so too, without those in memory
  SourceDays sources_;
  std::map<std::string, std::string> events_rows_;  // that were read last: duplicates come together
  metering::EventReader reader_;
};

}  // namespace toll::engine
