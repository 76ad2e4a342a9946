#include "engine/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/reading/closed_chain.h"
#include "engine/storage/account_rows.h"
#include "engine/storage/billing_rows.h"
#include "engine/storage/event_rows.h"
#include "engine/storage/keys.h"
#include "engine/storage/rocksdb_store.h"
#include "engine/storage/settled_rows.h"
#include "engine/storage/values.h"
#include "metering/read_events.h"
#include "metering/sums.h"

namespace toll::engine {
namespace {

constexpr size_t kLookedUpTogether = 1000;

/// Reads one view of the store from end to end.
class Auditor {
 public:
  Auditor(const View& view, const runtime::CardSet& cards) : view_(view) {
    for (const auto& revision : cards.revisions())
      if (metering::adds_up(revision->card()))
        readers_.emplace(metering::reading_of(revision->card()), revision);
  }

  std::expected<Audit, StoreError> run() {
    using Step = std::expected<void, StoreError> (Auditor::*)();
    for (const Step step : {&Auditor::read_events, &Auditor::read_identities, &Auditor::read_days,
                            &Auditor::check_sums, &Auditor::read_state, &Auditor::check_position})
      if (auto done = (this->*step)(); !done) return std::unexpected(std::move(done.error()));
    for (std::string& sentence : closed_.faults()) differs(std::move(sentence));
    result_.closed = closed_.periods();
    for (const auto& [tenant, counts] : found_) {
      result_.events += counts.events;
      result_.unmetered += counts.unmetered;
      result_.retracted += counts.retracted;
      result_.conflicts += counts.conflicts;
      check_counts(tenant, counts);
    }
    return std::move(result_);
  }

 private:
  void differs(std::string sentence) {
    if (result_.differences.size() < Audit::kDifferencesMax)
      result_.differences.push_back(std::move(sentence));
    ++result_.difference_count;
  }

  // ---- events ----

  /// What the identity of an event must be.
  struct Expected {
    std::string key, place;
    uint64_t position;
    std::string settled;  ///< the key of what is settled of its customer
    Instant time;
  };

  std::expected<void, StoreError> read_events() {
    std::expected<void, StoreError> looked_up;
    const auto scanned = view_.scan(Table::Events, kFirstKey, kBehindAllKeys,
                                    [&](std::string_view key, std::string_view value) {
                                      read_row(key, value);
                                      if (expected_.size() >= kLookedUpTogether)
                                        looked_up = look_up();
                                      return looked_up.has_value();
                                    });
    if (!scanned) return scanned;
    return looked_up ? look_up() : looked_up;
  }

  void read_row(std::string_view key, std::string_view value) {
    const std::string tenant(Parts(key).name());
    const auto first = read_event_key(tenant, key);
    std::vector<StoredEvent> events;
    const bool good = first && engine::read_events(*first, value, events);
    if (!good || !std::ranges::is_sorted(events, {}, [](const StoredEvent& event) {
          return std::pair(event.time, event.position);
        })) {
      ++found_[tenant].events;
      return differs("an event's row is damaged");
    }
    for (size_t i = 0; i < events.size(); ++i)
      read_event(tenant, first->customer, events[i], write_identity(*first, is_block(value), i));
  }

  void read_event(const std::string& tenant, const std::string& customer, const StoredEvent& stored,
                  std::string place) {
    Counts& counts = found_[tenant];
    const EventRow& row = stored.row;
    ++counts.events;
    counts.unmetered += row.unmetered ? 1 : 0;
    counts.retracted += row.retracted ? 1 : 0;
    position_max_ = std::max(position_max_, stored.position);
    if (!row.retracted)
      ++days_[day_key(tenant, customer, std::chrono::floor<std::chrono::days>(stored.time))];
    const auto event = reader_.read(row.text);
    all_read_ = all_read_ && event.has_value();
    if (!event)
      return differs(fmt::format("event {} of the log cannot be read: {}{}{}", stored.position,
                                 event.error().pointer, event.error().pointer.empty() ? "" : " ",
                                 event.error().message));
    if (event->subject != customer || event->time != stored.time)
      differs(fmt::format("event {} of the log lies under another customer or time than its own",
                          stored.position));
    add_to_source(tenant, *event, row.unmetered);
    expected_.push_back({identity_key(tenant, event->source, event->id), std::move(place),
                         stored.position, settled_key(tenant, customer), stored.time});
  }

  void add_to_source(const std::string& tenant, const metering::UsageEvent& event, bool unmetered) {
    const Date day = std::chrono::floor<std::chrono::days>(event.time);
    SourceDay& found = sources_[source_day_key(tenant, event.source, day)];
    ++found.events;
    found.unmetered += unmetered ? 1 : 0;
    found.mark(event.time);
    if (event.sequence) found.sequence.add(*event.sequence);
  }

  std::expected<void, StoreError> look_up() {
    std::vector<std::string_view> keys;
    for (const Expected& expected : expected_) keys.push_back(expected.key);
    const auto values = view_.get_many(Table::Identities, keys);
    if (!values) return std::unexpected(values.error());
    for (size_t i = 0; i < expected_.size(); ++i)
      if ((*values)[i] != expected_[i].place)
        differs(fmt::format("the identity of event {} of the log {}", expected_[i].position,
                            (*values)[i] ? "leads to another event" : "is missing"));
    for (const Expected& expected : expected_)
      if (auto checked = check_settled(expected); !checked) return checked;
    expected_.clear();
    return {};
  }

  /// What came for days that are settled unsettles them.
  std::expected<void, StoreError> check_settled(const Expected& event) {
    if (settled_of_ != event.settled) {
      const auto row = view_.get(Table::State, event.settled);
      if (!row) return std::unexpected(row.error());
      settled_of_ = event.settled;
      // One that is damaged is seen where all rows are read.
      settled_ = (*row ? read_settled(**row) : std::nullopt).value_or(std::vector<Settled>());
    }
    for (const Settled& one : settled_)
      if (event.time < one.before && event.position > one.position)
        differs(fmt::format("event {} of the log came for days that are settled without it",
                            event.position));
    return {};
  }

  // ---- what is kept beside them ----

  /// Every event has its own, so there are as many; one too many leads to no event.
  std::expected<void, StoreError> read_identities() {
    std::map<std::string, uint64_t> identities;
    const auto scanned = view_.scan(Table::Identities, kFirstKey, kBehindAllKeys,
                                    [&](std::string_view key, std::string_view) {
                                      ++identities[std::string(Parts(key).name())];
                                      return true;
                                    });
    if (!scanned) return scanned;
    for (const auto& [tenant, count] : identities)
      if (count != found_[tenant].events)
        differs(
            fmt::format("a tenant has {} events and {} identities", found_[tenant].events, count));
    return {};
  }

  /// How many events each day has; which sums can be worked out again.
  std::expected<void, StoreError> read_days() {
    const auto scanned = view_.scan(
        Table::Days, kFirstKey, kBehindAllKeys, [&](std::string_view key, std::string_view value) {
          const auto row = read_day_row(value);
          const auto found = days_.find(std::string(key));
          if (!row || row->events != (found == days_.end() ? 0 : found->second))
            differs("a customer's day has another number of events than is kept of it");
          if (found != days_.end()) days_.erase(found);
          if (row && std::ranges::any_of(row->readings, [&](const auto& reading) {
                return readers_.contains(reading.first);
              }))
            summed_.emplace_back(key);
          return true;
        });
    if (!days_.empty())
      differs(fmt::format("{} days of customers have events, and nothing is kept of them",
                          days_.size()));
    return scanned;
  }

  std::expected<void, StoreError> check_sums() {
    for (const std::string& key : summed_) {
      const std::string tenant(Parts(key).name());
      const auto place = read_day_key(tenant, key);
      const auto value = view_.get(Table::Days, key);
      if (!value) return std::unexpected(value.error());
      const auto row = read_day_row(**value);
      for (const auto& [reading, sums] : row->readings) {
        const auto reader = readers_.find(reading);
        if (reader == readers_.end()) continue;
        ++result_.sums;
        const auto again = sum_again(tenant, *place, reader->second->card());
        if (!again) return std::unexpected(again.error());
        if (*again != sums) differs("the sums of a customer's day are not those of its events");
      }
    }
    return {};
  }

  std::expected<metering::Sums, StoreError> sum_again(const std::string& tenant,
                                                      const DayPlace& place,
                                                      const dsl::RateCard& card) {
    metering::Sums sums;
    const auto scanned =
        scan_events(view_, tenant, place.customer, place.day, place.day + std::chrono::days(1),
                    [&](const StoredEvent& stored) {
                      if (stored.row.retracted) return true;
                      const auto event = reader_.read(stored.row.text);
                      const auto cells = event ? metering::sums_of(card, *event)
                                               : std::unexpected(metering::Rejection{});
                      // What cannot be read any more gives nothing, and the sums differ.
                      if (cells) sums.add(*cells);
                      return true;
                    });
    if (!scanned) return std::unexpected(scanned.error());
    return sums;
  }

  std::expected<void, StoreError> read_state() {
    const auto scanned = view_.scan(Table::State, kFirstKey, kBehindAllKeys,
                                    [&](std::string_view key, std::string_view value) {
                                      read_state_row(key, value);
                                      return true;
                                    });
    if (!sources_.empty())
      differs(fmt::format("{} days of sources have events, and nothing is kept of them",
                          sources_.size()));
    return scanned;
  }

  /// What came of a source on a day: all but what was rejected, of which there is no other record.
  void check_source_day(std::string_view key, std::string_view value) {
    const auto kept = read_source_day(value);
    const auto node = sources_.extract(std::string(key));
    const SourceDay found = node ? node.mapped() : SourceDay();
    SequenceSeen with = kept ? kept->sequence : SequenceSeen();
    with.add(found.sequence);
    if (!all_read_) return;  // an event that cannot be read says no source
    if (!kept || kept->events != found.events || kept->unmetered != found.unmetered ||
        kept->minutes != found.minutes || with != kept->sequence)
      differs("what is kept of a source's day does not follow from its events");
  }

  void read_state_row(std::string_view key, std::string_view value) {
    const std::string tenant(Parts(key).name());
    if (tenant.empty()) return;  // the engine's own
    closed_.add(tenant, key, value);
    if (const KeyRange grants = grants_of(tenant);
        grants.from <= key && key < grants.until && !read_grant(tenant, key, value))
      differs("the row of a grant is damaged");
    if (read_source_day_key(tenant, key)) check_source_day(key, value);
    if (key == counts_key(tenant)) {
      const auto counts = read_counts(value);
      if (counts)
        kept_[tenant] = *counts;
      else
        differs("the counts of a tenant are damaged");
      found_.try_emplace(tenant);
    }
    const KeyRange conflicts = conflicts_of(tenant);
    if (conflicts.from <= key && key < conflicts.until) ++found_[tenant].conflicts;
  }

  std::expected<void, StoreError> check_position() {
    const auto row = view_.get(Table::State, position_key());
    if (!row) return std::unexpected(row.error());
    const auto position = *row ? read_position(**row) : std::optional<uint64_t>(0);
    uint64_t events = 0;
    for (const auto& [tenant, counts] : found_) events += counts.events;
    if (!position || *position != events || position_max_ != events)
      differs(fmt::format("the log is at {}, its last event at {}, and there are {} events",
                          position.value_or(0), position_max_, events));
    return {};
  }

  void check_counts(const std::string& tenant, const Counts& counts) {
    const Counts kept = kept_[tenant];
    const auto compare = [&](std::string_view what, uint64_t counted, uint64_t said) {
      if (counted != said)
        differs(fmt::format("a tenant has {} {}, and the counts say {}", counted, what, said));
    };
    compare("events", counts.events, kept.events);
    compare("unmetered events", counts.unmetered, kept.unmetered);
    compare("retracted events", counts.retracted, kept.retracted);
    compare("conflicts", counts.conflicts, kept.conflicts);
  }

  const View& view_;
  metering::EventReader reader_;
  std::vector<Expected> expected_;
  bool all_read_ = true;
  std::string settled_of_;                      // a key
  std::vector<Settled> settled_;                // the row under it
  std::map<std::string, SourceDay> sources_;    // by key, until they are compared
  std::map<std::string, Counts> found_, kept_;  // by tenant
  std::map<std::string, std::shared_ptr<const runtime::Revision>> readers_;  // by reading
  std::map<std::string, uint64_t> days_;  // events by day, not seen among the days yet
  std::vector<std::string> summed_;       // keys of days
  ClosedChain closed_;
  uint64_t position_max_ = 0;
  Audit result_;
};

}  // namespace

std::expected<Audit, StoreError> audit(const Store& store, const runtime::CardSet& cards) {
  const auto view = store.snapshot();
  return Auditor(*view, cards).run();
}

Result<Audit> audit_folder(const std::filesystem::path& folder,
                           const std::filesystem::path& scratch, const runtime::CardSet& cards) {
  // What is written meanwhile would be found in one table and not yet in the other.
  if (is_in_use(folder))
    return std::unexpected(Error{fmt::format(
        "`{0}` is in use: another process has it open; end it first, or make a copy of the folder "
        "(`toll backup COPY --data {0}`) and audit that",
        folder.string())});
  const auto view = open_view(folder, scratch);
  if (!view) return std::unexpected(view.error());
  auto audited = Auditor(**view, cards).run();
  if (!audited) return std::unexpected(Error{std::move(audited.error().message)});
  return *std::move(audited);
}

}  // namespace toll::engine
