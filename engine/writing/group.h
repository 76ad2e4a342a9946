// A group of commands that are written together: the state machine. It reads the store and what the
// group has changed so far, decides, and puts into the batch; it touches nothing else, so the same
// commands on the same rows always give the same batch.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ingest.h"
#include "engine/storage/values.h"
#include "engine/store.h"
#include "metering/read_events.h"

namespace toll::engine {

class Group {
 public:
  template <typename T>
  using Done = std::expected<T, StoreError>;

  /// `position` is that of the last event in the store. REQUIRES: `view` outlives this and does not
  /// change meanwhile.
  Group(const View& view, uint64_t position) : view_(view), position_(position) {}

  Done<std::vector<Judged>> ingest(std::string_view tenant, std::span<const Candidate> candidates);
  Done<Retraction> retract(std::string_view tenant, std::string_view source, std::string_view id,
                           std::string_view reason, Instant at);
  Done<std::optional<std::string>> put_subscription(std::string_view tenant,
                                                    std::string_view customer,
                                                    const Subscription& subscription);

  /// Puts the rows that belong to the group as a whole. Last.
  void finish();

  const Batch& batch() const { return batch_; }
  uint64_t position() const { return position_; }

 private:
  Done<std::optional<std::string>> get(Table table, std::string_view key) const;
  Done<Counts*> counts_of(std::string_view tenant);
  Done<Judged> judge_again(std::string_view tenant, const Candidate& candidate,
                           std::string_view place);
  Done<Judged> accept(std::string_view tenant, const Candidate& candidate,
                      std::string_view identity, Counts& counts);
  Done<DayRow*> day_of(std::string_view tenant, std::string_view customer, Instant time);
  Done<void> keep_conflict(std::string_view tenant, const Candidate& candidate);
  Done<bool> says_the_same(const Candidate& candidate, std::string_view text);

  const View& view_;
  uint64_t position_;
  Batch batch_;
  std::map<std::string, Counts, std::less<>> counts_;  // of tenants that have been asked for
  std::map<std::string, DayRow> days_;                 // by key, of those that have been asked for
  metering::EventReader reader_;
};

/// Where a damaged row was found.
StoreError damaged(Table table, std::string_view what);

}  // namespace toll::engine
