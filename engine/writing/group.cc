#include "engine/writing/group.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "base/sha256.h"
#include "engine/storage/keys.h"

namespace toll::engine {

namespace {
constexpr size_t kEventsRowsMax = 256;
constexpr size_t kAhead = 16;  // events whose place in memory is asked for before it is needed
}  // namespace

/// A row of events, and the one of them that was asked for.
struct Group::EventsRow {
  std::string key, value;
  std::vector<StoredEvent> events;
  size_t index = 0;
};

Group::Done<std::optional<std::string>> Group::get(Table table, std::string_view key) const {
  if (const auto put = batch_.find(table, key)) return std::string(*put);
  return view_.get(table, key);
}

Group::Done<Counts*> Group::counts_of(std::string_view tenant) {
  if (const auto found = counts_.find(tenant); found != counts_.end()) return &found->second;
  const auto row = view_.get(Table::State, counts_key(tenant));
  if (!row) return std::unexpected(row.error());
  Counts counts;
  if (*row) {
    const auto read = read_counts(**row);
    if (!read) return std::unexpected(damaged(Table::State, "the counts of a tenant"));
    counts = *read;
  }
  return &counts_.emplace(tenant, counts).first->second;
}

/// The events of one request: each is looked up, and those that are accepted are put together.
class Group::Ingest {
 public:
  Ingest(Group& group, const Candidates& candidates)
      : group_(group),
        candidates_(candidates),
        positions_(candidates.size()),
        source_days_(candidates.source_days().size()) {}

  Done<std::vector<Judged>> run() {
    if (auto read = look_up_together(); !read) return std::unexpected(read.error());
    const auto counts = group_.counts_of(candidates_.tenant());
    if (!counts) return std::unexpected(counts.error());
    counts_ = *counts;
    std::vector<Judged> judged;
    judged.reserve(candidates_.size());
    for (size_t i = 0; i < candidates_.size(); ++i) {
      auto one = judge(i);
      if (!one) return std::unexpected(one.error());
      if (auto counted = count_source(candidates_.events()[i], *one); !counted)
        return std::unexpected(counted.error());
      judged.push_back(*std::move(one));
    }
    put_in_order();
    if (auto added = add_days(); !added) return std::unexpected(added.error());
    return judged;
  }

 private:
  using Event = Candidates::Event;

  bool proves_new(const Event& event) const {
    return group_.memory_.filter && group_.memory_.filter->proves_new(event.fingerprint);
  }

  bool may_be_in_group(const Event& event) const {
    return !group_.memory_.filter || group_.memory_.filter->may_have_come(event.fingerprint);
  }

  /// What the store has of the identities that may be there. Most requests have none.
  Done<void> look_up_together() {
    const auto events = candidates_.events();
    std::vector<std::string_view> keys;
    std::vector<size_t> of;
    for (size_t i = 0; i < events.size(); ++i) {
      if (group_.memory_.filter && i + kAhead < events.size())
        group_.memory_.filter->prefetch(events[i + kAhead].fingerprint);
      if (proves_new(events[i])) continue;
      keys.push_back(events[i].identity);
      of.push_back(i);
    }
    if (keys.empty()) return {};
    auto found = group_.view_.get_many(Table::Identities, keys);
    if (!found) return std::unexpected(found.error());
    stored_.resize(events.size());
    for (size_t i = 0; i < keys.size(); ++i) stored_[of[i]] = std::move((*found)[i]);
    return {};
  }

  Done<Judged> judge(size_t i) {
    const Event& event = candidates_.events()[i];
    std::optional<std::string_view> place;
    // What this group accepted goes before what the store knew when it began.
    if (may_be_in_group(event)) {
      if (const Event* const before = accepted_before(i))
        return group_.judge_again(candidates_.tenant(), event.text, before->text);
      place = group_.batch_.find(Table::Identities, event.identity);
    }
    if (!place && !stored_.empty() && stored_[i]) place = *stored_[i];
    if (place) return judge_again(event, *place);
    if (event.refusal >= 0) return Judged{Verdict::Rejected, false, candidates_.refusal(event)};
    accept(i, event);
    return Judged{Verdict::Accepted, event.unmetered, {}};
  }

  Done<Judged> judge_again(const Event& event, std::string_view place) {
    const auto row = group_.events_at(candidates_.tenant(), place);
    if (!row) return std::unexpected(row.error());
    return group_.judge_again(candidates_.tenant(), event.text, row->events[row->index].row.text);
  }

  /// The event of this request before number `i` that has its identity.
  const Event* accepted_before(size_t i) {
    const auto events = candidates_.events();
    for (; indexed_ < i; ++indexed_)
      if (positions_[indexed_] != 0) accepted_.emplace(events[indexed_].identity, indexed_);
    const auto found = accepted_.find(events[i].identity);
    return found == accepted_.end() ? nullptr : &events[found->second];
  }

  /// A duplicate tells nothing new.
  Done<void> count_source(const Event& event, const Judged& judged) {
    if (judged.verdict == Verdict::Duplicate) return {};
    SourceDay*& day = source_days_[event.source_day];
    if (!day) {
      const auto row = group_.sources_.of(candidates_.source_days()[event.source_day]);
      if (!row) return std::unexpected(row.error());
      day = *row;
    }
    count(event, judged, *day);
    return {};
  }

  void accept(size_t i, const Event& event) {
    positions_[i] = ++group_.position_;
    ++accepted_count_;
    ++counts_->events;
    if (event.unmetered) ++counts_->unmetered;
    if (group_.memory_.filter) group_.memory_.filter->add(event.fingerprint);
  }

  /// Puts the rows of what was accepted, so that they lie beside one another.
  void put_in_order() {
    if (accepted_count_ == candidates_.size())
      put_as_laid_out();
    else if (accepted_count_ > 0)
      put_chosen();
  }

  void put_as_laid_out() {
    const auto events = candidates_.events();
    for (const Candidates::Block& block : candidates_.blocks()) {
      candidates_.set_position(block, positions_[candidates_.by_key()[block.begin]]);
      group_.batch_.append(Table::Events, {block.key, block.key_size}, block.value);
    }
    for (const uint32_t i : candidates_.by_identity())
      group_.batch_.append(Table::Identities, events[i].identity,
                           {events[i].place, events[i].place_size});
  }

  /// Blocks without what is not new are other blocks.
  void put_chosen() {
    std::vector<std::string> places(candidates_.size());
    for (const Candidates::Block& block : candidates_.blocks())
      put_chosen(candidates_.by_key().subspan(block.begin, block.end - block.begin), places);
    for (const uint32_t i : candidates_.by_identity())
      if (positions_[i] != 0)
        group_.batch_.put(Table::Identities, candidates_.events()[i].identity, places[i]);
  }

  void put_chosen(std::span<const uint32_t> of_block, std::vector<std::string>& places) {
    std::vector<uint32_t> chosen;
    std::vector<StoredEvent> events;
    for (const uint32_t i : of_block) {
      if (positions_[i] == 0) continue;
      chosen.push_back(i);
      events.push_back(Candidates::stored(candidates_.events()[i], positions_[i]));
    }
    if (events.empty()) return;
    const std::string customer(candidates_.customer(candidates_.events()[chosen[0]]));
    const EventPlace first{customer, events[0].time, events[0].position};
    for (size_t i = 0; i < chosen.size(); ++i)
      places[chosen[i]] = write_identity(first, chosen.size() > 1, i);
    group_.batch_.put(Table::Events,
                      event_key(candidates_.tenant(), customer, first.time, first.position),
                      write_events(std::move(events)));
  }

  Done<void> add_days() {
    if (accepted_count_ == 0) return {};
    if (accepted_count_ == candidates_.size()) return add_days(candidates_.days());
    std::vector<bool> chosen(candidates_.size());
    for (size_t i = 0; i < chosen.size(); ++i) chosen[i] = positions_[i] != 0;
    return add_days(candidates_.days_of(chosen));
  }

  Done<void> add_days(std::span<const Candidates::Day> days) {
    for (const Candidates::Day& day : days) {
      if (day.events == 0) continue;
      if (auto done = unsettle(day); !done) return done;
      const auto row = group_.day_of(day.key);
      if (!row) return std::unexpected(row.error());
      add_day(day, **row);
    }
    return {};
  }

  /// What comes late is known of closed days in the same batch.
  Done<void> unsettle(const Candidates::Day& day) {
    const auto settled = group_.settled_of(candidates_.tenant(), day.customer);
    if (!settled) return std::unexpected(settled.error());
    const auto is_late = [&](const Settled& one) { return day.date < one.before; };
    if (std::ranges::none_of(**settled, is_late)) return {};
    return group_.unsettle_before(candidates_.tenant(), day.customer, first_of(day));
  }

  /// The time of the first event of a day that was accepted.
  Instant first_of(const Candidates::Day& day) const {
    Instant first = day.date + std::chrono::days(1);
    const auto events = candidates_.events();
    for (size_t i = 0; i < events.size(); ++i)
      if (positions_[i] != 0 && events[i].time >= day.date && events[i].time < first &&
          candidates_.customer(events[i]) == day.customer)
        first = events[i].time;
    return first;
  }

  /// A reading stays only where it has read every event.
  void add_day(const Candidates::Day& day, DayRow& row) const {
    if (row.events == 0)
      for (const auto& [reading, sums] : day.readings)
        row.readings.try_emplace(std::string(candidates_.reading_name(reading)));
    row.events += day.events;
    for (auto kept = row.readings.begin(); kept != row.readings.end();) {
      const auto read = std::ranges::find_if(day.readings, [&](const auto& reading) {
        return candidates_.reading_name(reading.first) == kept->first;
      });
      const bool whole = read != day.readings.end() && kept->second.add(read->second.cells());
      kept = whole ? std::next(kept) : row.readings.erase(kept);
    }
  }

  Group& group_;
  const Candidates& candidates_;
  Counts* counts_ = nullptr;
  std::vector<View::Value> stored_;  // by event; empty where none needed to be looked up
  std::vector<uint64_t> positions_;  // by event; 0: it was not accepted
  size_t accepted_count_ = 0;
  std::unordered_map<std::string_view, size_t> accepted_;  // of the events before indexed_
  size_t indexed_ = 0;
  std::vector<SourceDay*> source_days_;  // null: not looked up so far
};

Group::Done<std::vector<Judged>> Group::ingest(const Candidates& candidates) {
  return Ingest(*this, candidates).run();
}

Group::Done<DayRow*> Group::day_of(const std::string& key) {
  if (const auto found = days_.find(key); found != days_.end()) return &found->second;
  if (memory_.days)
    if (auto kept = memory_.days->take(key); !kept.empty())
      return &days_.insert(std::move(kept)).position->second;
  const auto row = view_.get(Table::Days, key);
  if (!row) return std::unexpected(row.error());
  auto day = *row ? read_day_row(**row) : DayRow();
  if (!day) return std::unexpected(damaged(Table::Days, "the sums of a day"));
  return &days_.emplace(key, *std::move(day)).first->second;
}

/// The row that an identity's row leads to.
Group::Done<Group::EventsRow> Group::events_at(std::string_view tenant, std::string_view identity) {
  const auto at = read_identity(identity);
  if (!at) return std::unexpected(damaged(Table::Identities, "no place of an event"));
  EventsRow row;
  row.key = event_key(tenant, at->row.customer, at->row.time, at->row.position);
  if (const auto known = events_rows_.find(row.key);
      known != events_rows_.end() && !batch_.find(Table::Events, row.key)) {
    row.value = known->second;
  } else {
    auto value = get(Table::Events, row.key);
    if (!value) return std::unexpected(value.error());
    row.value = std::move(*value).value_or(std::string());
    if (events_rows_.size() == kEventsRowsMax) events_rows_.clear();
    events_rows_.insert_or_assign(row.key, row.value);
  }
  const bool good = read_events(at->row, row.value, row.events);
  const StoredEvent* const event = good ? event_of(*at, row.events) : nullptr;
  if (!event) return std::unexpected(damaged(Table::Events, "an event is missing"));
  row.index = static_cast<size_t>(event - row.events.data());
  return row;
}

/// An event whose identity is taken. It is the same by what it says, not by how it is written: a
/// client may order fields otherwise when it sends again.
Group::Done<Judged> Group::judge_again(std::string_view tenant, std::string_view text,
                                       std::string_view recorded) {
  if (recorded == text) return Judged{Verdict::Duplicate, false, {}};
  const auto before = reader_.read(recorded);
  if (!before) return std::unexpected(damaged(Table::Events, before.error().message));
  const auto event = reader_.read(text);
  if (!event) return std::unexpected(damaged(Table::Events, event.error().message));
  if (*event == *before) return Judged{Verdict::Duplicate, false, {}};
  if (auto kept = keep_conflict(tenant, *event, text); !kept) return std::unexpected(kept.error());
  return Judged{Verdict::Conflict, false,
                "another event was accepted with this source and id: give each event an id of its "
                "own"};
}

Group::Done<void> Group::keep_conflict(std::string_view tenant, const metering::UsageEvent& event,
                                       std::string_view text) {
  const std::string key = conflict_key(tenant, event.source, event.id, sha256_hex(text));
  const auto known = get(Table::State, key);
  if (!known) return std::unexpected(known.error());
  if (*known) return {};
  const auto counts = counts_of(tenant);
  if (!counts) return std::unexpected(counts.error());
  ++(*counts)->conflicts;
  batch_.put(Table::State, key,
             write_event({.unmetered = false, .retracted = {}, .reason = {}, .text = text}));
  return {};
}

Group::Done<Retraction> Group::retract(std::string_view tenant, std::string_view source,
                                       std::string_view id, std::string_view reason, Instant at) {
  const auto identity = get(Table::Identities, identity_key(tenant, source, id));
  if (!identity) return std::unexpected(identity.error());
  if (!*identity) return Retraction::NoSuchEvent;
  auto row = events_at(tenant, **identity);
  if (!row) return std::unexpected(row.error());
  StoredEvent& event = row->events[row->index];
  if (event.row.retracted) return Retraction::AlreadyRetracted;
  const auto counts = counts_of(tenant);
  if (!counts) return std::unexpected(counts.error());
  const std::string customer = read_event_key(tenant, row->key)->customer;
  const auto day =
      day_of(day_key(tenant, customer, std::chrono::floor<std::chrono::days>(event.time)));
  if (!day) return std::unexpected(day.error());
  if ((*day)->events == 0)
    return std::unexpected(damaged(Table::Days, "a day with an event has none"));
  if (auto done = unsettle_before(tenant, customer, event.time); !done)
    return std::unexpected(done.error());
  // What the event gave is known to its card alone: without it the day is counted event by event.
  (*day)->readings.clear();
  --(*day)->events;
  ++(*counts)->retracted;
  event.row.retracted = at;
  event.row.reason = reason;
  batch_.put(Table::Events, row->key, write_events(std::move(row->events)));
  return Retraction::Retracted;
}

void Group::finish() {
  sources_.put_into(batch_);
  if (batch_.empty()) return;
  for (const auto& [tenant, counts] : counts_)
    batch_.put(Table::State, counts_key(tenant), write_counts(counts));
  std::vector<const KeptDays::Rows::value_type*> days;
  for (const auto& day : days_) days.push_back(&day);
  std::ranges::sort(days, {}, [](const auto* day) -> const std::string& { return day->first; });
  for (const auto* day : days) batch_.put(Table::Days, day->first, write_day_row(day->second));
  batch_.put(Table::State, position_key(), write_position(position_));
}

}  // namespace toll::engine
