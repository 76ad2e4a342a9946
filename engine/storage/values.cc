#include "engine/storage/values.h"

#include "engine/storage/row_parts.h"

namespace toll::engine {
namespace {

constexpr uint8_t kForm = 1;
constexpr uint8_t kRemovedForm = 0;  // of subscriptions, and all of the row
constexpr uint8_t kShortForm = 2;    // of days
constexpr uint8_t kBlockedForm = 2;  // of places
constexpr uint8_t kPlansForm = 2;    // of subscriptions whose plan changes
constexpr uint8_t kSinceForm = 3;    // of those that say since when it is a customer
constexpr uint8_t kStateForm = 4;    // of those with an opening state
constexpr uint8_t kUnmetered = 1, kRetracted = 2;

std::string begin() { return {static_cast<char>(kForm)}; }

/// Numbers in the second form have seven bits a byte, the lowest first: most are small, and the
/// rows of days are written again with every group.
void append_short(std::string& out, UInt128 number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
  out += static_cast<char>(number);
}

UInt128 short_number(Parts& parts) {
  UInt128 number = 0;
  for (int shift = 0; shift < 128 && parts.good(); shift += 7) {
    const uint8_t byte = parts.byte();
    number |= static_cast<UInt128>(byte & 0x7f) << shift;
    if (byte < 0x80) return number;
  }
  return 0;
}

/// Of numbers below 0 the sign is in the lowest bit, which a ratio's numerator leaves room for.
UInt128 with_sign(Int128 number) {
  return static_cast<UInt128>(number < 0 ? -number : number) << 1 | (number < 0 ? 1 : 0);
}

Int128 from_sign(UInt128 number) {
  const auto magnitude = static_cast<Int128>(number >> 1);
  return number & 1 ? -magnitude : magnitude;
}

void append_cell(std::string& out, const metering::CellSum& cell) {
  append_short(out, cell.meter);
  append_short(out, cell.values.size());
  for (const uint32_t value : cell.values) append_short(out, value);
  append_short(out, with_sign(cell.sum.numerator()));
  append_short(out, static_cast<UInt128>(cell.sum.denominator()));
}

/// A number that is part of a cell's name or counts something, in one of the forms.
uint64_t part(Parts& parts, uint8_t form) {
  return form == kForm ? parts.number() : static_cast<uint64_t>(short_number(parts));
}

std::optional<metering::CellSum> read_cell(Parts& parts, uint8_t form) {
  metering::CellSum cell;
  cell.meter = static_cast<uint32_t>(part(parts, form));
  for (uint64_t values = part(parts, form); values > 0 && parts.good(); --values)
    cell.values.push_back(static_cast<uint32_t>(part(parts, form)));
  const Int128 numerator = form == kForm ? read_wide(parts) : from_sign(short_number(parts));
  const Int128 denominator =
      form == kForm ? read_wide(parts) : static_cast<Int128>(short_number(parts));
  if (!parts.good() || numerator == kInt128Min || denominator <= 0) return std::nullopt;
  cell.sum = Ratio::of(numerator, denominator);
  return cell;
}

void append_to_date(std::string& out, const std::vector<runtime::UsageDocument::ToDate>& values) {
  append_number(out, values.size());
  for (const auto& [name, value] : values) {
    append_name(out, name);
    append_decimal(out, value);
  }
}

bool read_to_date(Parts& parts, std::vector<runtime::UsageDocument::ToDate>& values) {
  for (uint64_t count = parts.number(); count > 0 && parts.good(); --count) {
    std::string name(parts.name());
    const auto value = read_decimal(parts);
    if (!value) return false;
    values.push_back({std::move(name), *value});
  }
  return parts.good();
}

void append_state(std::string& out, const OpeningState& state) {
  append_to_date(out, state.used_to_date);
  append_to_date(out, state.billed_to_date);
  append_number(out, state.grants.size());
  for (const runtime::Grant& grant : state.grants) {
    append_name(out, grant.pool);
    append_ratio(out, grant.quantity);
    append_optional_date(out, grant.from);
    append_optional_date(out, grant.expires);
    out += static_cast<char>(grant.recurring ? 1 : 0);
  }
}

bool read_state(Parts& parts, OpeningState& state) {
  if (!read_to_date(parts, state.used_to_date) || !read_to_date(parts, state.billed_to_date))
    return false;
  for (uint64_t count = parts.number(); count > 0 && parts.good(); --count) {
    runtime::Grant grant;
    grant.pool = parts.name();
    const auto quantity = read_ratio(parts);
    if (!quantity) return false;
    grant.quantity = *quantity;
    grant.from = read_optional_date(parts);
    grant.expires = read_optional_date(parts);
    grant.recurring = parts.byte() != 0;
    state.grants.push_back(std::move(grant));
  }
  return parts.good();
}

uint8_t form_of(const Subscription& subscription) {
  if (!subscription.state.empty()) return kStateForm;
  if (subscription.customer_since) return kSinceForm;
  return subscription.plan_changes.empty() ? kForm : kPlansForm;
}

}  // namespace

size_t event_head_size(const EventRow& row) {
  return 1 + (row.retracted ? sizeof(uint64_t) + name_size(row.reason) : 0);
}

void write_event_head(const EventRow& row, RowWriter& head) {
  head.byte(
      static_cast<uint8_t>((row.unmetered ? kUnmetered : 0) | (row.retracted ? kRetracted : 0)));
  if (row.retracted) head.number(nanoseconds_of(*row.retracted)).name(row.reason);
}

EventRow read_event_head(Parts& parts) {
  const uint8_t flags = parts.byte();
  EventRow row;
  row.unmetered = flags & kUnmetered;
  if (flags & kRetracted) {
    row.retracted = Instant(std::chrono::nanoseconds(parts.number()));
    row.reason = parts.name();
  }
  return row;
}

std::string write_event(const EventRow& row) {
  std::string value(1 + event_head_size(row) + row.text.size(), '\0');
  RowWriter writer(value.data());
  writer.byte(kForm);
  write_event_head(row, writer);
  writer.bytes(row.text);
  return value;
}

std::optional<EventRow> read_event_row(std::string_view value) {
  Parts parts(value);
  if (parts.byte() != kForm) return std::nullopt;
  EventRow row = read_event_head(parts);
  row.text = parts.rest();
  if (!parts.good() || row.text.empty()) return std::nullopt;
  return row;
}

std::string write_place(const EventPlace& place) {
  std::string value(place_size(place.customer), '\0');
  RowWriter row(value.data());
  write_place(place.customer, place.time, place.position, row);
  return value;
}

void write_place(std::string_view customer, Instant time, uint64_t position, RowWriter& row) {
  row.byte(kForm).number(nanoseconds_of(time)).number(position).bytes(customer);
}

void write_blocked_place(std::string_view customer, Instant time, uint64_t position, uint8_t index,
                         RowWriter& row) {
  row.byte(kBlockedForm).number(nanoseconds_of(time)).number(position).byte(index).bytes(customer);
}

size_t blocked_place_size(std::string_view customer) { return place_size(customer) + 1; }

size_t place_size(std::string_view customer) { return 1 + 2 * sizeof(uint64_t) + customer.size(); }

void set_place_position(char* place, uint64_t position) {
  RowWriter(place + 1 + sizeof(uint64_t)).number(position);
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
  std::string value = {static_cast<char>(kShortForm)};
  append_short(value, row.events);
  for (const auto& [reading, sums] : row.readings) {
    append_name(value, reading);
    append_short(value, sums.cells().size());
    for (const metering::CellSum& cell : sums.cells()) append_cell(value, cell);
  }
  return value;
}

std::optional<DayRow> read_day_row(std::string_view value) {
  Parts parts(value);
  const uint8_t form = parts.byte();
  if (form != kForm && form != kShortForm) return std::nullopt;
  DayRow row;
  row.events = part(parts, form);
  while (parts.good() && !parts.rest().empty()) {
    metering::Sums& sums = row.readings[std::string(parts.name())];
    for (uint64_t cells = part(parts, form); cells > 0 && parts.good(); --cells) {
      const auto cell = read_cell(parts, form);
      if (!cell || !sums.add({&*cell, 1})) return std::nullopt;
    }
  }
  if (!parts.good()) return std::nullopt;
  return row;
}

std::optional<uint64_t> read_day_events(std::string_view value) {
  Parts parts(value);
  const uint8_t form = parts.byte();
  if (form != kForm && form != kShortForm) return std::nullopt;
  const uint64_t events = part(parts, form);
  return parts.good() ? std::optional(events) : std::nullopt;
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

std::string write_removed() { return {static_cast<char>(kRemovedForm)}; }

bool is_removed(std::string_view value) { return value == write_removed(); }

std::string write_subscription(const Subscription& subscription) {
  const uint8_t form = form_of(subscription);
  std::string value{static_cast<char>(form)};
  append_date(value, subscription.start);
  append_optional_date(value, subscription.end);
  append_name(value, subscription.card);
  append_optional(value, subscription.plan);
  append_optional(value, subscription.currency);
  if (form == kSinceForm) append_date(value, *subscription.customer_since);
  if (form == kStateForm) {
    append_optional_date(value, subscription.customer_since);
    append_state(value, subscription.state);
  }
  for (const auto& [from, plan] : subscription.plan_changes) {
    append_date(value, from);
    append_name(value, plan);
  }
  return value;
}

std::optional<Subscription> read_subscription(std::string id, std::string_view value) {
  Parts parts(value);
  const uint8_t form = parts.byte();
  if (form < kForm || form > kStateForm) return std::nullopt;
  Subscription subscription;
  subscription.id = std::move(id);
  subscription.start = read_date(parts);
  subscription.end = read_optional_date(parts);
  subscription.card = parts.name();
  subscription.plan = parts.optional_name();
  subscription.currency = parts.optional_name();
  if (form == kSinceForm) subscription.customer_since = read_date(parts);
  if (form == kStateForm) {
    subscription.customer_since = read_optional_date(parts);
    if (!read_state(parts, subscription.state)) return std::nullopt;
  }
  while (form != kForm && parts.good() && !parts.rest().empty()) {
    const Date from = read_date(parts);
    subscription.plan_changes.emplace_back(from, parts.name());
  }
  if (!parts.at_end() || subscription.card.empty()) return std::nullopt;
  return subscription;
}

}  // namespace toll::engine
