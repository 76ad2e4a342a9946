#include "engine/storage/values.h"

namespace toll::engine {
namespace {

constexpr uint8_t kForm = 1;  // of all rows so far
constexpr uint8_t kUnmetered = 1, kRetracted = 2;

std::string begin() { return {static_cast<char>(kForm)}; }

/// A name that may be missing; names are never empty.
void append_optional(std::string& out, const std::optional<std::string>& name) {
  append_name(out, name ? std::string_view(*name) : std::string_view());
}

std::optional<std::string> optional_name(Parts& parts) {
  const std::string_view name = parts.name();
  if (name.empty()) return std::nullopt;
  return std::string(name);
}

uint64_t days(Date date) { return static_cast<uint64_t>(date.time_since_epoch().count()); }

Date date_of(uint64_t days) { return Date(std::chrono::days(static_cast<int64_t>(days))); }

void append_wide(std::string& out, Int128 number) {
  append_number(out, static_cast<uint64_t>(static_cast<UInt128>(number) >> 64));
  append_number(out, static_cast<uint64_t>(number));
}

Int128 wide_number(Parts& parts) {
  const uint64_t high = parts.number();
  return static_cast<Int128>(static_cast<UInt128>(high) << 64 | parts.number());
}

void append_cell(std::string& out, const metering::CellSum& cell) {
  append_number(out, cell.meter);
  append_number(out, cell.values.size());
  for (const uint32_t value : cell.values) append_number(out, value);
  append_wide(out, cell.sum.numerator());
  append_wide(out, cell.sum.denominator());
}

std::optional<metering::CellSum> read_cell(Parts& parts) {
  metering::CellSum cell;
  cell.meter = static_cast<uint32_t>(parts.number());
  for (uint64_t values = parts.number(); values > 0 && parts.good(); --values)
    cell.values.push_back(static_cast<uint32_t>(parts.number()));
  const Int128 numerator = wide_number(parts);
  const Int128 denominator = wide_number(parts);
  if (!parts.good() || numerator == kInt128Min || denominator <= 0) return std::nullopt;
  cell.sum = Ratio::of(numerator, denominator);
  return cell;
}

}  // namespace

std::string write_event(const EventRow& row) {
  std::string value = begin();
  value += static_cast<char>((row.unmetered ? kUnmetered : 0) | (row.retracted ? kRetracted : 0));
  if (row.retracted) {
    append_number(value, static_cast<uint64_t>(row.retracted->time_since_epoch().count()));
    append_name(value, row.reason);
  }
  value += row.text;
  return value;
}

std::optional<EventRow> read_event_row(std::string_view value) {
  Parts parts(value);
  if (parts.byte() != kForm) return std::nullopt;
  const uint8_t flags = parts.byte();
  EventRow row;
  row.unmetered = flags & kUnmetered;
  if (flags & kRetracted) {
    row.retracted = Instant(std::chrono::nanoseconds(parts.number()));
    row.reason = parts.name();
  }
  row.text = parts.rest();
  if (!parts.good() || row.text.empty()) return std::nullopt;
  return row;
}

std::string write_place(const EventPlace& place) {
  std::string value = begin();
  append_number(value, static_cast<uint64_t>(place.time.time_since_epoch().count()));
  append_number(value, place.position);
  value += place.customer;
  return value;
}

std::optional<EventPlace> read_place(std::string_view value) {
  Parts parts(value);
  if (parts.byte() != kForm) return std::nullopt;
  EventPlace place;
  place.time = Instant(std::chrono::nanoseconds(parts.number()));
  place.position = parts.number();
  place.customer = parts.rest();
  if (!parts.good() || place.customer.empty()) return std::nullopt;
  return place;
}

std::string write_counts(const Counts& counts) {
  std::string value = begin();
  for (const uint64_t count : {counts.events, counts.unmetered, counts.retracted, counts.conflicts})
    append_number(value, count);
  return value;
}

std::optional<Counts> read_counts(std::string_view value) {
  Parts parts(value);
  if (parts.byte() != kForm) return std::nullopt;
  Counts counts;
  counts.events = parts.number();
  counts.unmetered = parts.number();
  counts.retracted = parts.number();
  counts.conflicts = parts.number();
  if (!parts.at_end()) return std::nullopt;
  return counts;
}

std::string write_day_row(const DayRow& row) {
  std::string value = begin();
  append_number(value, row.events);
  for (const auto& [reading, sums] : row.readings) {
    const std::vector<metering::CellSum> cells = sums.cells();
    append_name(value, reading);
    append_number(value, cells.size());
    for (const metering::CellSum& cell : cells) append_cell(value, cell);
  }
  return value;
}

std::optional<DayRow> read_day_row(std::string_view value) {
  Parts parts(value);
  if (parts.byte() != kForm) return std::nullopt;
  DayRow row;
  row.events = parts.number();
  while (parts.good() && !parts.rest().empty()) {
    metering::Sums& sums = row.readings[std::string(parts.name())];
    uint64_t cells = parts.number();
    for (; cells > 0 && parts.good(); --cells) {
      const auto cell = read_cell(parts);
      if (!cell || !sums.add({&*cell, 1})) return std::nullopt;
    }
  }
  if (!parts.good()) return std::nullopt;
  return row;
}

std::string write_position(uint64_t position) {
  std::string value = begin();
  append_number(value, position);
  return value;
}

std::optional<uint64_t> read_position(std::string_view value) {
  Parts parts(value);
  if (parts.byte() != kForm) return std::nullopt;
  const uint64_t position = parts.number();
  if (!parts.at_end()) return std::nullopt;
  return position;
}

std::string write_subscription(const Subscription& subscription) {
  std::string value = begin();
  append_number(value, days(subscription.start));
  value += static_cast<char>(subscription.end ? 1 : 0);
  if (subscription.end) append_number(value, days(*subscription.end));
  append_name(value, subscription.card);
  append_optional(value, subscription.plan);
  append_optional(value, subscription.currency);
  return value;
}

std::optional<Subscription> read_subscription(std::string id, std::string_view value) {
  Parts parts(value);
  if (parts.byte() != kForm) return std::nullopt;
  Subscription subscription;
  subscription.id = std::move(id);
  subscription.start = date_of(parts.number());
  if (parts.byte() != 0) subscription.end = date_of(parts.number());
  subscription.card = parts.name();
  subscription.plan = optional_name(parts);
  subscription.currency = optional_name(parts);
  if (!parts.at_end() || subscription.card.empty()) return std::nullopt;
  return subscription;
}

}  // namespace toll::engine
