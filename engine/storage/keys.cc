#include "engine/storage/keys.h"

namespace toll::engine {
namespace {

constexpr char kCounts = 'c', kSubscription = 's', kConflict = 'x';

uint64_t nanoseconds(Instant time) {
  return static_cast<uint64_t>(time.time_since_epoch().count());
}

std::string of_tenant(std::string_view tenant) {
  std::string key;
  append_name(key, tenant);
  return key;
}

/// All keys that begin with `prefix`.
KeyRange with_prefix(std::string prefix) {
  std::string until = prefix;
  while (!until.empty() && static_cast<uint8_t>(until.back()) == 0xff) until.pop_back();
  if (!until.empty()) until.back() = static_cast<char>(static_cast<uint8_t>(until.back()) + 1);
  return {std::move(prefix), std::move(until)};
}

std::string of_customer(std::string_view tenant, std::string_view customer) {
  std::string key = of_tenant(tenant);
  append_name(key, customer);
  return key;
}

}  // namespace

void append_number(std::string& out, uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

void append_name(std::string& out, std::string_view name) {
  if (name.size() >= 128) out += static_cast<char>(0x80 | name.size() >> 8);
  out += static_cast<char>(name.size() & 0xff);
  out += name;
}

std::string position_key() { return {'\0', 'p'}; }

std::string counts_key(std::string_view tenant) { return of_tenant(tenant) + kCounts; }

std::string subscription_key(std::string_view tenant, std::string_view customer,
                             std::string_view id) {
  std::string key = subscriptions_of(tenant, customer).from;
  append_name(key, id);
  return key;
}

KeyRange subscriptions_of(std::string_view tenant, std::string_view customer) {
  std::string prefix = of_tenant(tenant) + kSubscription;
  append_name(prefix, customer);
  return with_prefix(std::move(prefix));
}

std::string conflict_key(std::string_view tenant, std::string_view source, std::string_view id,
                         std::string_view digest) {
  std::string key = conflicts_of(tenant).from;
  append_name(key, source);
  append_name(key, id);
  key += digest;
  return key;
}

KeyRange conflicts_of(std::string_view tenant) {
  return with_prefix(of_tenant(tenant) + kConflict);
}

std::string identity_key(std::string_view tenant, std::string_view source, std::string_view id) {
  std::string key = of_tenant(tenant);
  append_name(key, source);
  append_name(key, id);
  return key;
}

KeyRange identities_of(std::string_view tenant) { return with_prefix(of_tenant(tenant)); }

std::string event_key(std::string_view tenant, std::string_view customer, Instant time,
                      uint64_t position) {
  std::string key = of_customer(tenant, customer);
  append_number(key, nanoseconds(time));
  append_number(key, position);
  return key;
}

KeyRange events_of(std::string_view tenant) { return with_prefix(of_tenant(tenant)); }

KeyRange events_of(std::string_view tenant, std::string_view customer, Instant from,
                   Instant until) {
  KeyRange range{of_customer(tenant, customer), of_customer(tenant, customer)};
  append_number(range.from, nanoseconds(from));
  append_number(range.until, nanoseconds(until));
  return range;
}

std::string day_key(std::string_view tenant, std::string_view customer, Date day) {
  std::string key = of_customer(tenant, customer);
  append_number(key, static_cast<uint64_t>(day.time_since_epoch().count()));
  return key;
}

KeyRange days_of(std::string_view tenant, std::string_view customer, Date from, Date until) {
  return {day_key(tenant, customer, from), day_key(tenant, customer, until)};
}

std::optional<DayPlace> read_day_key(std::string_view tenant, std::string_view key) {
  Parts parts(key);
  if (parts.name() != tenant) return std::nullopt;
  DayPlace place;
  place.customer = parts.name();
  place.day = Date(std::chrono::days(static_cast<int64_t>(parts.number())));
  if (!parts.at_end()) return std::nullopt;
  return place;
}

std::optional<EventPlace> read_event_key(std::string_view tenant, std::string_view key) {
  Parts parts(key);
  if (parts.name() != tenant) return std::nullopt;
  EventPlace place;
  place.customer = parts.name();
  place.time = Instant(std::chrono::nanoseconds(parts.number()));
  place.position = parts.number();
  if (!parts.at_end()) return std::nullopt;
  return place;
}

std::string_view Parts::take(size_t bytes) {
  if (!good_ || text_.size() < bytes) {
    good_ = false;
    text_ = {};
    return {};
  }
  const std::string_view taken = text_.substr(0, bytes);
  text_.remove_prefix(bytes);
  return taken;
}

uint8_t Parts::byte() {
  const std::string_view taken = take(1);
  return taken.empty() ? 0 : static_cast<uint8_t>(taken.front());
}

uint64_t Parts::number() {
  uint64_t number = 0;
  for (const char c : take(8)) number = number << 8 | static_cast<uint8_t>(c);
  return number;
}

std::string_view Parts::name() {
  size_t size = byte();
  if (size >= 128) size = (size & 0x7f) << 8 | byte();
  return take(size);
}

}  // namespace toll::engine
