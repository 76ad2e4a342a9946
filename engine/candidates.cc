#include "engine/candidates.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>

#include "engine/storage/account_rows.h"
#include "engine/storage/keys.h"
#include "engine/storage/values.h"
#include "engine/writing/identity_filter.h"

namespace toll::engine {
namespace {

/// The first bytes of a text as a number that orders as they do.
uint64_t leading_bytes(std::string_view text) {
  uint64_t number = 0;
  std::memcpy(&number, text.data(), std::min(text.size(), sizeof number));
  return __builtin_bswap64(number);
}

size_t common_size(std::string_view a, std::string_view b) {
  return static_cast<size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

}  // namespace

uint32_t Candidates::reading(std::string_view name) {
  const auto known = std::ranges::find(readings_, name, &Reading::name);
  if (known != readings_.end()) return static_cast<uint32_t>(known - readings_.begin());
  readings_.push_back({std::string(name), {}});
  return static_cast<uint32_t>(readings_.size() - 1);
}

uint32_t Candidates::day_of(std::string_view customer, Date date) {
  const uint64_t hash = std::hash<std::string_view>()(customer) ^
                        static_cast<uint64_t>(date.time_since_epoch().count()) * 0x9e3779b97f4a7c15;
  for (auto [at, end] = day_numbers_.equal_range(hash); at != end; ++at)
    if (days_[at->second].date == date && days_[at->second].customer == customer) return at->second;
  const auto number = static_cast<uint32_t>(days_.size());
  days_.push_back({rows_.keep(customer), date, day_key(tenant_, customer, date), 0, {}});
  day_numbers_.emplace(hash, number);
  return number;
}

uint32_t Candidates::source_day_of(std::string_view source, Date date) {
  const auto is = [&](const auto& at) {
    return at->first.first == source && at->first.second == date;
  };
  if (source_days_.empty() || !is(source_day_)) {
    const auto number = static_cast<uint32_t>(source_days_.size());
    const auto [at, fresh] = source_day_numbers_.try_emplace({std::string(source), date}, number);
    if (fresh) source_days_.push_back(source_day_key(tenant_, source, date));
    source_day_ = at;
  }
  return source_day_->second;
}

void Candidates::add(const metering::UsageEvent& event, std::string_view text, bool unmetered,
                     std::optional<std::string> refusal, std::span<const Given> given) {
  Event one;
  one.time = event.time;
  one.unmetered = unmetered;
  one.sequence = event.sequence;
  const Date date = std::chrono::floor<std::chrono::days>(event.time);
  one.day = day_of(event.subject, date);
  one.source_day = source_day_of(event.source, date);
  RowWriter identity(rows_.room(identity_key_size(tenant_, event.source, event.id)));
  identity.name(tenant_).name(event.source).name(event.id);
  one.identity = identity.written();
  one.fingerprint = IdentityFilter::fingerprint(one.identity);
  one.text = texts_.keep(text);
  if (refusal) {
    one.refusal = static_cast<int32_t>(refusals_.size());
    refusals_.push_back(*std::move(refusal));
  }
  one.given = static_cast<uint32_t>(given_.size());
  for (const Given& by : given) {
    const auto begin = static_cast<uint32_t>(sums_.size());
    sums_.insert(sums_.end(), by.sums.begin(), by.sums.end());
    given_.push_back({by.reading, begin, static_cast<uint32_t>(sums_.size())});
  }
  one.given_end = static_cast<uint32_t>(given_.size());
  events_.push_back(one);
}

void Candidates::add(const Candidate& candidate) {
  std::vector<Given> given;
  for (const Counted& counted : candidate.counted) {
    Given& by = given.emplace_back(Given{reading(counted.reading), {}});
    for (const metering::CellSum& cell : counted.cells)
      by.sums.push_back({cells(by.reading).of(cell.meter, cell.values), cell.sum});
  }
  add(candidate.event, candidate.text, candidate.unmetered, candidate.refusal, given);
}

void Candidates::set_position(const Block& block, uint64_t position) const {
  RowWriter(block.key + block.key_size - sizeof position).number(position);
  for (uint32_t i = block.begin; i < block.end; ++i)
    set_place_position(events_[by_key_[i]].place, position);
}

void Candidates::seal() {
  for (const Event& event : events_) count(event, days_[event.day]);
  sort();
  lay_out();
}

/// Cuts the events into blocks. Their positions will be as far from each other as they stand.
void Candidates::lay_out() {
  std::vector<StoredEvent> events;
  for (uint32_t i = 0; i < by_key_.size();) {
    const Event& first = events_[by_key_[i]];
    const auto time = std::chrono::floor<BlockTime>(first.time);
    Block block;
    block.begin = block.end = i;
    events.clear();
    for (size_t bytes = 0; i < by_key_.size(); block.end = ++i) {
      const Event& event = events_[by_key_[i]];
      const bool fits =
          events.empty() || (event.day == first.day && events.size() < kBlockEventsMax &&
                             bytes + event.text.size() <= kBlockBytesMax &&
                             std::chrono::floor<BlockTime>(event.time) == time);
      if (!fits) break;
      bytes += event.text.size();
      events.push_back(stored(event, by_key_[i]));
    }
    lay_out(block, events);
    blocks_.push_back(block);
  }
  texts_ = Arena();
}

void Candidates::lay_out(Block& block, std::span<StoredEvent> events) {
  const std::string_view customer = days_[events_[by_key_[block.begin]].day].customer;
  RowWriter key(rows_.room(event_key_size(tenant_, customer)));
  key.name(tenant_).name(customer).number(nanoseconds_of(events[0].time)).number(0);
  block.key = key.begin();
  block.key_size = static_cast<uint32_t>(key.written().size());
  const size_t size = events_size(events);
  RowWriter value(rows_.room(size));
  write_events(events, value);
  block.value = value.written();
  const bool alone = events.size() == 1;
  const size_t place_bytes = alone ? place_size(customer) : blocked_place_size(customer);
  for (uint32_t i = 0; i < events.size(); ++i) {
    Event& event = events_[by_key_[block.begin + i]];
    event.text = events[i].row.text;
    RowWriter place(rows_.room(place_bytes));
    if (alone)
      write_place(customer, events[0].time, 0, place);
    else
      write_blocked_place(customer, events[0].time, 0, static_cast<uint8_t>(i), place);
    event.place = place.begin();
    event.place_size = static_cast<uint32_t>(place_bytes);
  }
}

/// Adds an event to its day. A reading stays only where it has read every event.
void Candidates::count(const Event& event, Day& day) const {
  const std::span<const Range> given(given_.data() + event.given, event.given_end - event.given);
  if (day.events++ == 0)
    for (const Range& one : given) day.readings.push_back({one.reading, {}});
  std::erase_if(day.readings, [&](auto& kept) {
    const auto range = std::ranges::find(given, kept.first, &Range::reading);
    if (range == given.end()) return true;
    const metering::CellNumbers& numbers = readings_[kept.first].cells;
    return !std::all_of(sums_.begin() + range->begin, sums_.begin() + range->end,
                        [&](const metering::NumberedSum& sum) {
                          const metering::CellName& cell = numbers.name(sum.cell);
                          return kept.second.add(cell.meter, cell.values, sum.sum);
                        });
  });
}

std::vector<Candidates::Day> Candidates::days_of(const std::vector<bool>& chosen) const {
  std::vector<Day> days = days_;
  for (Day& day : days) {
    day.events = 0;
    day.readings.clear();
  }
  for (size_t i = 0; i < events_.size(); ++i)
    if (chosen[i]) count(events_[i], days[events_[i].day]);
  return days;
}

// Rows that are written in their order find their places side by side. Numbers are compared instead
// of texts, as far as they tell texts apart.
void Candidates::sort() {
  std::vector<uint32_t> days(days_.size()), rank(days_.size());
  std::iota(days.begin(), days.end(), 0);
  std::ranges::sort(days, {}, [this](uint32_t day) -> std::string_view { return days_[day].key; });
  for (uint32_t i = 0; i < days.size(); ++i) rank[days[i]] = i;
  struct Place {
    uint64_t first, second;
    uint32_t event;
    auto operator<=>(const Place&) const = default;
  };
  std::vector<Place> places(events_.size());
  for (uint32_t i = 0; i < events_.size(); ++i)
    places[i] = {rank[events_[i].day], nanoseconds_of(events_[i].time), i};
  std::ranges::sort(places);
  by_key_.reserve(places.size());
  for (const Place& place : places) by_key_.push_back(place.event);

  const std::string_view lead = events_.empty() ? std::string_view() : events_[0].identity;
  size_t common = lead.size();
  for (const Event& event : events_) common = std::min(common, common_size(lead, event.identity));
  for (uint32_t i = 0; i < events_.size(); ++i) {
    const std::string_view rest = events_[i].identity.substr(common);
    places[i] = {leading_bytes(rest), leading_bytes(rest.substr(std::min<size_t>(8, rest.size()))),
                 i};
  }
  std::ranges::sort(places);
  by_identity_.reserve(places.size());
  for (const Place& place : places) by_identity_.push_back(place.event);
}

}  // namespace toll::engine
