// The keys of rows. They are on disks: do not change them.
//
//   State        0 'p'                            log position
//                tenant 'c'                       counts
//                tenant 's' customer id           subscription
//                tenant 'x' source id digest      an event that was refused as a conflict
//                (and those of account_rows.h, billing_rows.h and settled_rows.h)
//   Identities   tenant source id                 of every accepted event: where it is
//   Events       tenant customer time position    the event
//   Days         tenant customer day              what the events of a day (of UTC) come to
//
// Every key but those of the engine itself leads with the tenant. A name is its length (one byte
// below 128, else two with the highest bit set) and its bytes, so that no name begins another one;
// numbers have eight bytes, the highest first, so that rows lie in the order of time. No name has
// the length 0, which is the engine's own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"

namespace toll::engine {

/// Rows with from <= key < until.
struct KeyRange {
  std::string from, until;
};

/// Of every row of a table: keys begin with the length of a name, whose first byte is 0x81 at most.
inline constexpr std::string_view kFirstKey = "", kBehindAllKeys = "\xff";

std::string position_key();
std::string counts_key(std::string_view tenant);
std::string subscription_key(std::string_view tenant, std::string_view customer,
                             std::string_view id);
KeyRange subscriptions_of(std::string_view tenant);
KeyRange subscriptions_of(std::string_view tenant, std::string_view customer);
std::string conflict_key(std::string_view tenant, std::string_view source, std::string_view id,
                         std::string_view digest);
KeyRange conflicts_of(std::string_view tenant);
std::string identity_key(std::string_view tenant, std::string_view source, std::string_view id);
KeyRange identities_of(std::string_view tenant);
std::string event_key(std::string_view tenant, std::string_view customer, Instant time,
                      uint64_t position);
KeyRange events_of(std::string_view tenant);
/// Those with from <= time < until.
KeyRange events_of(std::string_view tenant, std::string_view customer, Instant from, Instant until);

std::string day_key(std::string_view tenant, std::string_view customer, Date day);
KeyRange days_of(std::string_view tenant);
KeyRange days_of(std::string_view tenant, std::string_view customer);
/// Those with from <= day < until.
KeyRange days_of(std::string_view tenant, std::string_view customer, Date from, Date until);

/// What a day's key says.
struct DayPlace {
  std::string customer;
  Date day;
};
/// Empty for what is no key of a day of the tenant.
std::optional<DayPlace> read_day_key(std::string_view tenant, std::string_view key);

/// What an event's key says.
struct EventPlace {
  std::string customer;
  Instant time;
  uint64_t position = 0;

  friend bool operator==(const EventPlace&, const EventPlace&) = default;
};
/// Empty for what is no key of an event of the tenant.
std::optional<EventPlace> read_event_key(std::string_view tenant, std::string_view key);

// ---- parts of keys and values ----

uint64_t nanoseconds_of(Instant time);

/// Writes parts where there is room for them.
class RowWriter {
 public:
  explicit RowWriter(char* at) : begin_(at), at_(at) {}
  RowWriter& byte(uint8_t byte);
  RowWriter& number(uint64_t number);
  /// Seven bits a byte, the lowest first.
  RowWriter& short_number(uint64_t number);
  RowWriter& name(std::string_view name);
  RowWriter& bytes(std::string_view bytes);
  char* begin() const { return begin_; }
  std::string_view written() const { return {begin_, static_cast<size_t>(at_ - begin_)}; }

 private:
  char* const begin_;
  char* at_;
};

size_t name_size(std::string_view name);
size_t identity_key_size(std::string_view tenant, std::string_view source, std::string_view id);
size_t event_key_size(std::string_view tenant, std::string_view customer);

void append_number(std::string& out, uint64_t number);
void append_name(std::string& out, std::string_view name);

/// Takes parts off the front of a text. After the first that is not there `good` is false and all
/// else is empty.
class Parts {
 public:
  explicit Parts(std::string_view text) : text_(text) {}
  uint8_t byte();
  uint64_t number();
  uint64_t short_number();
  std::string_view name();
  std::string_view bytes(uint64_t size);
  /// A name that may be missing; names are never empty.
  std::optional<std::string> optional_name();
  std::string_view rest() const { return text_; }
  bool good() const { return good_; }
  bool at_end() const { return good_ && text_.empty(); }

 private:
  std::string_view take(size_t bytes);

  std::string_view text_;
  bool good_ = true;
};

}  // namespace toll::engine
