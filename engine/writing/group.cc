#include "engine/writing/group.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/sha256.h"
#include "engine/storage/keys.h"

namespace toll::engine {

StoreError damaged(Table table, std::string_view what) {
  constexpr std::string_view kNames[] = {"state", "identities", "events", "days"};
  return {StoreError::Kind::Failed,
          fmt::format("a row of `{}` is damaged: {}", kNames[static_cast<size_t>(table)], what)};
}

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
        accepted_(candidates.size()),
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
      put_so_far(i);
      place = group_.batch_.find(Table::Identities, event.identity);
    }
    if (!place && !stored_.empty() && stored_[i]) place = *stored_[i];
    if (place) return group_.judge_again(candidates_.tenant(), event.text(), *place);
    if (event.refusal >= 0) return Judged{Verdict::Rejected, false, candidates_.refusal(event)};
    accept(i, event);
    return Judged{Verdict::Accepted, event.unmetered, {}};
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
    accepted_[i] = true;
    ++accepted_count_;
    Candidates::set_position(event, ++group_.position_);
    ++counts_->events;
    if (event.unmetered) ++counts_->unmetered;
    if (group_.memory_.filter) group_.memory_.filter->add(event.fingerprint);
  }

  void put_event(const Event& event) {
    group_.batch_.append(Table::Events, {event.key, event.key_size}, event.value);
  }
  void put_identity(const Event& event) {
    group_.batch_.append(Table::Identities, event.identity, {event.place, event.place_size});
  }

  /// What was accepted before this event may be looked for.
  void put_so_far(size_t until) {
    for (; put_ < until; ++put_) {
      if (!accepted_[put_]) continue;
      put_event(candidates_.events()[put_]);
      put_identity(candidates_.events()[put_]);
    }
  }

  /// The rest, so that rows lie beside one another.
  void put_in_order() {
    const auto is_left = [this](uint32_t i) { return i >= put_ && accepted_[i]; };
    for (const uint32_t i : candidates_.by_key())
      if (is_left(i)) put_event(candidates_.events()[i]);
    for (const uint32_t i : candidates_.by_identity())
      if (is_left(i)) put_identity(candidates_.events()[i]);
  }

  Done<void> add_days() {
    if (accepted_count_ == 0) return {};
    if (accepted_count_ == candidates_.size()) return add_days(candidates_.days());
    return add_days(candidates_.days_of(accepted_));
  }

  Done<void> add_days(std::span<const Candidates::Day> days) {
    for (const Candidates::Day& day : days) {
      if (day.events == 0) continue;
      const auto row = group_.day_of(day.key);
      if (!row) return std::unexpected(row.error());
      add_day(day, **row);
    }
    return {};
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
  std::vector<bool> accepted_;
  size_t accepted_count_ = 0;
  std::vector<SourceDay*> source_days_;  // null: not looked up so far
  size_t put_ = 0;                       // events before it are in the batch
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

/// An event whose identity is taken. It is the same by what it says, not by how it is written: a
/// client may order fields otherwise when it sends again.
Group::Done<Judged> Group::judge_again(std::string_view tenant, std::string_view text,
                                       std::string_view place) {
  const auto at = read_place(place);
  if (!at) return std::unexpected(damaged(Table::Identities, "no place of an event"));
  const auto row = get(Table::Events, event_key(tenant, at->customer, at->time, at->position));
  if (!row) return std::unexpected(row.error());
  const auto recorded = *row ? read_event_row(**row) : std::nullopt;
  if (!recorded) return std::unexpected(damaged(Table::Events, "an event is missing"));
  if (recorded->text == text) return Judged{Verdict::Duplicate, false, {}};
  const auto before = reader_.read(recorded->text);
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
  const auto place = read_place(**identity);
  if (!place) return std::unexpected(damaged(Table::Identities, "no place of an event"));
  const std::string key = event_key(tenant, place->customer, place->time, place->position);
  const auto row = get(Table::Events, key);
  if (!row) return std::unexpected(row.error());
  auto event = *row ? read_event_row(**row) : std::nullopt;
  if (!event) return std::unexpected(damaged(Table::Events, "an event is missing"));
  if (event->retracted) return Retraction::AlreadyRetracted;
  const auto counts = counts_of(tenant);
  if (!counts) return std::unexpected(counts.error());
  const auto day =
      day_of(day_key(tenant, place->customer, std::chrono::floor<std::chrono::days>(place->time)));
  if (!day) return std::unexpected(day.error());
  if ((*day)->events == 0)
    return std::unexpected(damaged(Table::Days, "a day with an event has none"));
  // What the event gave is known to its card alone: without it the day is counted event by event.
  (*day)->readings.clear();
  --(*day)->events;
  ++(*counts)->retracted;
  event->retracted = at;
  event->reason = reason;
  batch_.put(Table::Events, key, write_event(*event));
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
