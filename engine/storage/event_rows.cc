#include "engine/storage/event_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <queue>
#include <tuple>
#include <utility>

namespace toll::engine {
namespace {

constexpr uint8_t kOwnForm = 1, kBlockForm = 2;
constexpr uint64_t kBlockNanoseconds = std::chrono::nanoseconds(BlockTime(1)).count();

uint64_t with_sign(int64_t number) {
  return static_cast<uint64_t>(number) << 1 ^ static_cast<uint64_t>(number >> 63);
}

int64_t from_sign(uint64_t number) {
  return static_cast<int64_t>(number >> 1) ^ -static_cast<int64_t>(number & 1);
}

size_t short_size(uint64_t number) {
  return (static_cast<size_t>(std::bit_width(number | 1)) + 6) / 7;
}

/// What an event is written as, beside its row.
struct Steps {
  uint64_t time, position;
};

Steps steps_between(const StoredEvent& before, const StoredEvent& event) {
  return {static_cast<uint64_t>((event.time - before.time).count()),
          with_sign(static_cast<int64_t>(event.position - before.position))};
}

/// Reads a block.
bool read_block(const EventPlace& first, Parts& parts, std::vector<StoredEvent>& events) {
  const uint64_t count = parts.short_number();
  if (count == 0 || count > kBlockEventsMax) return false;
  Instant time = first.time;
  uint64_t position = first.position;
  for (uint64_t i = 0; i < count && parts.good(); ++i) {
    const uint64_t passed = parts.short_number();
    if (passed > kBlockNanoseconds) return false;
    time += std::chrono::nanoseconds(static_cast<int64_t>(passed));
    if (std::chrono::floor<BlockTime>(time) != std::chrono::floor<BlockTime>(first.time))
      return false;
    position += static_cast<uint64_t>(from_sign(parts.short_number()));
    StoredEvent event{time, position, read_event_head(parts)};
    event.row.text = parts.bytes(parts.short_number());
    if (event.row.text.empty()) return false;
    events.push_back(event);
  }
  return parts.at_end();
}

/// Puts the events of rows into their order: those of blocks overlap.
class Merged {
 public:
  Merged(Instant from, Instant until, const VisitStored& visit)
      : from_(from), until_(until), visit_(visit) {}

  /// Rows come by their keys. False: the row is damaged.
  bool add(const EventPlace& first, std::string_view value) {
    auto row = std::make_unique<Row>();
    row->value = value;
    if (!read_events(first, row->value, row->events)) return false;
    rows_.push_back(std::move(row));
    std::ranges::push_heap(rows_, is_later);
    return true;
  }

  /// Tells of the events before a place: those of no row to come lie before it. False: enough.
  bool tell_before(const EventPlace& place) {
    while (!rows_.empty() && place_of(rows_.front()) < std::tuple(place.time, place.position))
      if (!tell_next()) return false;
    return true;
  }

  void tell_all() {
    while (!rows_.empty())
      if (!tell_next()) return;
  }

 private:
  struct Row {
    std::string value;
    std::vector<StoredEvent> events;
    size_t next = 0;
  };
  using Rows = std::vector<std::unique_ptr<Row>>;

  static std::tuple<Instant, uint64_t> place_of(const Rows::value_type& row) {
    const StoredEvent& event = row->events[row->next];
    return {event.time, event.position};
  }
  static bool is_later(const Rows::value_type& a, const Rows::value_type& b) {
    return place_of(b) < place_of(a);
  }

  bool tell_next() {
    std::ranges::pop_heap(rows_, is_later);
    Row& row = *rows_.back();
    const StoredEvent& event = row.events[row.next++];
    if (from_ <= event.time && event.time < until_ && !visit_(event)) return false;
    if (row.next < row.events.size())
      std::ranges::push_heap(rows_, is_later);
    else
      rows_.pop_back();
    return true;
  }

  const Instant from_, until_;
  const VisitStored& visit_;
  Rows rows_;  // a heap: the earliest is in front
};

}  // namespace

size_t events_size(std::span<const StoredEvent> events) {
  if (events.size() == 1) return event_head_size(events[0].row) + 1 + events[0].row.text.size();
  size_t size = 1 + short_size(events.size());
  const StoredEvent* before = &events.front();
  for (const StoredEvent& event : events) {
    const Steps steps = steps_between(*before, event);
    size += short_size(steps.time) + short_size(steps.position) + event_head_size(event.row) +
            short_size(event.row.text.size()) + event.row.text.size();
    before = &event;
  }
  return size;
}

void write_events(std::span<StoredEvent> events, RowWriter& row) {
  const auto write_text = [&row](StoredEvent& event) {
    row.bytes(event.row.text);
    event.row.text = row.written().substr(row.written().size() - event.row.text.size());
  };
  if (events.size() == 1) {
    row.byte(kOwnForm);
    write_event_head(events[0].row, row);
    return write_text(events[0]);
  }
  row.byte(kBlockForm).short_number(events.size());
  const StoredEvent* before = &events.front();
  for (StoredEvent& event : events) {
    const Steps steps = steps_between(*before, event);
    row.short_number(steps.time).short_number(steps.position);
    write_event_head(event.row, row);
    row.short_number(event.row.text.size());
    write_text(event);
    before = &event;
  }
}

std::string write_events(std::vector<StoredEvent> events) {
  std::string value(events_size(events), '\0');
  RowWriter row(value.data());
  write_events(events, row);
  return value;
}

bool is_block(std::string_view value) {
  return !value.empty() && static_cast<uint8_t>(value.front()) == kBlockForm;
}

bool read_events(const EventPlace& first, std::string_view value,
                 std::vector<StoredEvent>& events) {
  if (is_block(value)) {
    Parts parts(value.substr(1));
    return read_block(first, parts, events);
  }
  const auto row = read_event_row(value);
  if (row) events.push_back({first.time, first.position, *row});
  return row.has_value();
}

std::string write_identity(const EventPlace& row, bool is_block, size_t index) {
  if (!is_block) return write_place(row);
  std::string value(blocked_place_size(row.customer), '\0');
  RowWriter place(value.data());
  write_blocked_place(row.customer, row.time, row.position, static_cast<uint8_t>(index), place);
  return value;
}

std::optional<IdentityRow> read_identity(std::string_view value) {
  if (!is_block(value)) {
    auto place = read_place(value);
    if (!place) return std::nullopt;
    return IdentityRow{*std::move(place), {}};
  }
  Parts parts(value.substr(1));
  IdentityRow identity;
  identity.row.time = Instant(std::chrono::nanoseconds(parts.number()));
  identity.row.position = parts.number();
  identity.index = parts.byte();
  identity.row.customer = parts.rest();
  if (!parts.good() || identity.row.customer.empty()) return std::nullopt;
  return identity;
}

const StoredEvent* event_of(const IdentityRow& identity, std::span<const StoredEvent> events) {
  const size_t index = identity.index.value_or(0);
  return index < events.size() ? &events[index] : nullptr;
}

std::expected<void, StoreError> scan_events(const View& view, std::string_view tenant,
                                            std::string_view customer, Instant from, Instant until,
                                            const VisitStored& visit) {
  const KeyRange range = events_of(tenant, customer, std::chrono::floor<BlockTime>(from), until);
  Merged merged(from, until, visit);
  bool good = true, goes_on = true;
  const auto scanned = view.scan(Table::Events, range.from, range.until,
                                 [&](std::string_view key, std::string_view value) {
                                   const auto place = read_event_key(tenant, key);
                                   good = place.has_value();
                                   goes_on = good && merged.tell_before(*place);
                                   good = good && (!goes_on || merged.add(*place, value));
                                   return good && goes_on;
                                 });
  if (!scanned) return scanned;
  if (!good) return std::unexpected(damaged(Table::Events, "an event"));
  if (goes_on) merged.tell_all();
  return {};
}

StoreError damaged(Table table, std::string_view what) {
  constexpr std::string_view kNames[] = {"state", "identities", "events", "days"};
  return {StoreError::Kind::Failed,
          fmt::format("a row of `{}` is damaged: {}", kNames[static_cast<size_t>(table)], what)};
}

}  // namespace toll::engine
