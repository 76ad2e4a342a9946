#include "engine/storage/keys.h"

#include <cstring>

namespace toll::engine {
namespace {

constexpr char kCounts = 'c', kSubscription = 's', kConflict = 'x';

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

uint64_t nanoseconds_of(Instant time) {
  return static_cast<uint64_t>(time.time_since_epoch().count());
}

RowWriter& RowWriter::byte(uint8_t byte) {
  *at_++ = static_cast<char>(byte);
  return *this;
}

RowWriter& RowWriter::number(uint64_t number) {
  const uint64_t highest_first = __builtin_bswap64(number);
  std::memcpy(at_, &highest_first, sizeof highest_first);
  at_ += sizeof highest_first;
  return *this;
}

RowWriter& RowWriter::short_number(uint64_t number) {
  for (; number >= 0x80; number >>= 7) byte(static_cast<uint8_t>(number | 0x80));
  return byte(static_cast<uint8_t>(number));
}

RowWriter& RowWriter::name(std::string_view name) {
  if (name.size() >= 128) byte(static_cast<uint8_t>(0x80 | name.size() >> 8));
  return byte(static_cast<uint8_t>(name.size() & 0xff)).bytes(name);
}

RowWriter& RowWriter::bytes(std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
  at_ += bytes.size();
  return *this;
}

size_t name_size(std::string_view name) { return name.size() + (name.size() >= 128 ? 2 : 1); }

size_t identity_key_size(std::string_view tenant, std::string_view source, std::string_view id) {
  return name_size(tenant) + name_size(source) + name_size(id);
}

size_t event_key_size(std::string_view tenant, std::string_view customer) {
  return name_size(tenant) + name_size(customer) + 2 * sizeof(uint64_t);
}

void append_number(std::string& out, uint64_t number) {
  char bytes[sizeof number];
  out += RowWriter(bytes).number(number).written();
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

KeyRange subscriptions_of(std::string_view tenant) {
  return with_prefix(of_tenant(tenant) + kSubscription);
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
  append_number(key, nanoseconds_of(time));
  append_number(key, position);
  return key;
}

KeyRange events_of(std::string_view tenant) { return with_prefix(of_tenant(tenant)); }

KeyRange events_of(std::string_view tenant, std::string_view customer, Instant from,
                   Instant until) {
  KeyRange range{of_customer(tenant, customer), of_customer(tenant, customer)};
  append_number(range.from, nanoseconds_of(from));
  append_number(range.until, nanoseconds_of(until));
  return range;
}

std::string day_key(std::string_view tenant, std::string_view customer, Date day) {
  std::string key = of_customer(tenant, customer);
  append_number(key, static_cast<uint64_t>(day.time_since_epoch().count()));
  return key;
}

KeyRange days_of(std::string_view tenant) { return with_prefix(of_tenant(tenant)); }

KeyRange days_of(std::string_view tenant, std::string_view customer) {
  return with_prefix(of_customer(tenant, customer));
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
  uint64_t highest_first = 0;
  if (const std::string_view taken = take(sizeof highest_first); !taken.empty())
    std::memcpy(&highest_first, taken.data(), sizeof highest_first);
  return __builtin_bswap64(highest_first);
}

uint64_t Parts::short_number() {
  uint64_t number = 0;
  for (int shift = 0; shift < 64 && good_; shift += 7) {
    const uint8_t next = byte();
    number |= static_cast<uint64_t>(next & 0x7f) << shift;
    if (next < 0x80) return number;
  }
  good_ = false;
  return 0;
}

std::string_view Parts::bytes(uint64_t size) { return take(size); }

std::string_view Parts::name() {
  size_t size = byte();
  if (size >= 128) size = (size & 0x7f) << 8 | byte();
  return take(size);
}

std::optional<std::string> Parts::optional_name() {
  const std::string_view text = name();
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

}  // namespace toll::engine
