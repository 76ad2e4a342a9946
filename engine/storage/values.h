// The values of rows. They are on disks: do not change what is there; a new form has a new first
// byte, and old ones go on being read (tests/unit/engine/rows_test.cc holds one of each).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "engine/storage/keys.h"
#include "engine/subscription.h"
#include "metering/sums.h"

namespace toll::engine {

/// An event as it is kept: its text as it was sent.
struct EventRow {
  bool unmetered = false;            ///< no meter read it when it came
  std::optional<Instant> retracted;  ///< when it was taken back
  std::string_view reason;           ///< why it was, as whoever did so said
  std::string_view text;
};
std::string write_event(const EventRow& row);
/// What stands before the text: event_head_size() bytes.
void write_event_head(const EventRow& row, RowWriter& head);
size_t event_head_size(const EventRow& row);
EventRow read_event_head(Parts& parts);
/// Views into `value`. Empty for what is no such row; so below.
std::optional<EventRow> read_event_row(std::string_view value);

std::string write_place(const EventPlace& place);
/// The same where there is room: place_size() bytes. The position can be set afterwards.
void write_place(std::string_view customer, Instant time, uint64_t position, RowWriter& row);
size_t place_size(std::string_view customer);
/// A place in a block (storage/event_rows.h), which is that of its first event, and which it is.
void write_blocked_place(std::string_view customer, Instant time, uint64_t position, uint8_t index,
                         RowWriter& row);
size_t blocked_place_size(std::string_view customer);
/// Of both.
void set_place_position(char* place, uint64_t position);
std::optional<EventPlace> read_place(std::string_view value);

/// What was ever stored for a tenant.
struct Counts {
  uint64_t events = 0;     ///< accepted, those taken back included
  uint64_t unmetered = 0;  ///< of these those that no meter read when they came
  uint64_t retracted = 0;  ///< of these those that were taken back
  uint64_t conflicts = 0;  ///< kept beside them

  friend bool operator==(const Counts&, const Counts&) = default;
};
std::string write_counts(const Counts& counts);
std::optional<Counts> read_counts(std::string_view value);

/// The events of one customer and day that were not taken back: how many there are, and what they
/// come to by each reading (metering/sums.h) by which every one of them was read when it came.
struct DayRow {
  uint64_t events = 0;
  std::map<std::string, metering::Sums> readings;

  friend bool operator==(const DayRow&, const DayRow&) = default;
};
std::string write_day_row(const DayRow& row);
std::optional<DayRow> read_day_row(std::string_view value);
/// Of such a row how many events there are, without its sums.
std::optional<uint64_t> read_day_events(std::string_view value);

std::string write_position(uint64_t position);
std::optional<uint64_t> read_position(std::string_view value);

std::string write_subscription(const Subscription& subscription);
/// Instead of one that was taken back: rows stay where they are.
std::string write_removed();
bool is_removed(std::string_view value);
/// `id` stands in the key.
std::optional<Subscription> read_subscription(std::string id, std::string_view value);

}  // namespace toll::engine
