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

Group::Done<std::vector<Judged>> Group::ingest(std::string_view tenant,
                                               std::span<const Candidate> candidates) {
  std::vector<std::string> keys;
  keys.reserve(candidates.size());
  for (const Candidate& candidate : candidates)
    keys.push_back(identity_key(tenant, candidate.event.source, candidate.event.id));
  const std::vector<std::string_view> views(keys.begin(), keys.end());
  const auto stored = view_.get_many(Table::Identities, views);
  if (!stored) return std::unexpected(stored.error());
  const auto counts = counts_of(tenant);
  if (!counts) return std::unexpected(counts.error());
  std::vector<Judged> judged;
  judged.reserve(candidates.size());
  for (size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i];
    // What this group accepted goes before what the store knew when it began.
    const auto put = batch_.find(Table::Identities, keys[i]);
    const bool known = put || (*stored)[i];
    if (!known && candidate.refusal) {
      judged.push_back({Verdict::Rejected, false, *candidate.refusal});
      continue;
    }
    auto one = known ? judge_again(tenant, candidate, put ? *put : std::string_view(*(*stored)[i]))
                     : accept(tenant, candidate, keys[i], **counts);
    if (!one) return std::unexpected(one.error());
    judged.push_back(*std::move(one));
  }
  return judged;
}

namespace {

/// Adds an event to its day. A reading stays only where it has read every event.
void count(DayRow& day, std::span<const Counted> counted) {
  if (day.events++ == 0)
    for (const Counted& one : counted) day.readings.try_emplace(one.reading);
  for (auto kept = day.readings.begin(); kept != day.readings.end();) {
    const auto found = std::ranges::find(counted, kept->first, &Counted::reading);
    const bool whole = found != counted.end() && kept->second.add(found->cells);
    kept = whole ? std::next(kept) : day.readings.erase(kept);
  }
}

}  // namespace

Group::Done<DayRow*> Group::day_of(std::string_view tenant, std::string_view customer,
                                   Instant time) {
  std::string key = day_key(tenant, customer, std::chrono::floor<std::chrono::days>(time));
  if (const auto found = days_.find(key); found != days_.end()) return &found->second;
  const auto row = view_.get(Table::Days, key);
  if (!row) return std::unexpected(row.error());
  auto day = *row ? read_day_row(**row) : DayRow();
  if (!day) return std::unexpected(damaged(Table::Days, "the sums of a day"));
  return &days_.emplace(std::move(key), *std::move(day)).first->second;
}

Group::Done<Judged> Group::accept(std::string_view tenant, const Candidate& candidate,
                                  std::string_view identity, Counts& counts) {
  const metering::UsageEvent& event = candidate.event;
  const auto day = day_of(tenant, event.subject, event.time);
  if (!day) return std::unexpected(day.error());
  count(**day, candidate.counted);
  ++position_;
  ++counts.events;
  if (candidate.unmetered) ++counts.unmetered;
  batch_.put(Table::Identities, identity, write_place({event.subject, event.time, position_}));
  batch_.put(Table::Events, event_key(tenant, event.subject, event.time, position_),
             write_event({.unmetered = candidate.unmetered,
                          .retracted = {},
                          .reason = {},
                          .text = candidate.text}));
  return Judged{Verdict::Accepted, candidate.unmetered, {}};
}

/// An event whose identity is taken.
Group::Done<Judged> Group::judge_again(std::string_view tenant, const Candidate& candidate,
                                       std::string_view place) {
  const auto at = read_place(place);
  if (!at) return std::unexpected(damaged(Table::Identities, "no place of an event"));
  const auto row = get(Table::Events, event_key(tenant, at->customer, at->time, at->position));
  if (!row) return std::unexpected(row.error());
  const auto recorded = *row ? read_event_row(**row) : std::nullopt;
  if (!recorded) return std::unexpected(damaged(Table::Events, "an event is missing"));
  const auto same = says_the_same(candidate, recorded->text);
  if (!same) return std::unexpected(same.error());
  if (*same) return Judged{Verdict::Duplicate, false, {}};
  if (auto kept = keep_conflict(tenant, candidate); !kept) return std::unexpected(kept.error());
  return Judged{Verdict::Conflict, false,
                "another event was accepted with this source and id: give each event an id of its "
                "own"};
}

/// By what the events say, not by how they are written: a client may order fields otherwise when it
/// sends again.
Group::Done<bool> Group::says_the_same(const Candidate& candidate, std::string_view text) {
  if (candidate.text == text) return true;
  const auto recorded = reader_.read(text);
  if (!recorded) return std::unexpected(damaged(Table::Events, recorded.error().message));
  return *recorded == candidate.event;
}

Group::Done<void> Group::keep_conflict(std::string_view tenant, const Candidate& candidate) {
  const std::string key =
      conflict_key(tenant, candidate.event.source, candidate.event.id, sha256_hex(candidate.text));
  const auto known = get(Table::State, key);
  if (!known) return std::unexpected(known.error());
  if (*known) return {};
  const auto counts = counts_of(tenant);
  if (!counts) return std::unexpected(counts.error());
  ++(*counts)->conflicts;
  batch_.put(
      Table::State, key,
      write_event({.unmetered = false, .retracted = {}, .reason = {}, .text = candidate.text}));
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
  const auto day = day_of(tenant, place->customer, place->time);
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

Group::Done<std::optional<std::string>> Group::put_subscription(std::string_view tenant,
                                                                std::string_view customer,
                                                                const Subscription& subscription) {
  std::map<std::string, std::string> others;  // by key, as they are with this group
  const KeyRange range = subscriptions_of(tenant, customer);
  const auto scanned = view_.scan(Table::State, range.from, range.until,
                                  [&](std::string_view key, std::string_view value) {
                                    others.insert_or_assign(std::string(key), value);
                                    return true;
                                  });
  if (!scanned) return std::unexpected(scanned.error());
  for (const Batch::Row& row : batch_.rows())
    if (row.table == Table::State && range.from <= row.key && row.key < range.until)
      others.insert_or_assign(std::string(row.key), row.value);
  for (const auto& [key, value] : others) {
    Parts parts(std::string_view(key).substr(range.from.size()));
    const auto other = read_subscription(std::string(parts.name()), value);
    if (!other) return std::unexpected(damaged(Table::State, "a subscription"));
    if (other->id != subscription.id && other->card == subscription.card &&
        overlap(*other, subscription))
      return other->id;
  }
  batch_.put(Table::State, subscription_key(tenant, customer, subscription.id),
             write_subscription(subscription));
  return std::nullopt;
}

void Group::finish() {
  if (batch_.empty()) return;
  for (const auto& [tenant, counts] : counts_)
    batch_.put(Table::State, counts_key(tenant), write_counts(counts));
  for (const auto& [key, day] : days_) batch_.put(Table::Days, key, write_day_row(day));
  batch_.put(Table::State, position_key(), write_position(position_));
}

}  // namespace toll::engine
