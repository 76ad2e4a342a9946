// The rows of Events, read and written as events: whoever reads them need not know how many of them
// lie in one row. They are on disks: do not change what is there.
//
//   1 flags [retracted reason] text                        an event (storage/values.h)
//   2 count { time position flags [retracted reason] size text }
//                                                          a block: events of one customer and hour
//                                                          (of UTC) that came together
//
// The key of a block is that of its first event; its events rise by time and position. A time is
// what was passed since the event before, a position how far it is from that one's, with the sign
// in the lowest bit. Numbers have seven bits a byte, the lowest first; a retraction is written as
// in the first form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "engine/storage/keys.h"
#include "engine/storage/values.h"
#include "engine/store.h"

namespace toll::engine {

/// An event of a row.
struct StoredEvent {
  Instant time;
  uint64_t position = 0;
  EventRow row;
};

/// What a row takes, so that one event can be read or changed without much else.
inline constexpr size_t kBlockEventsMax = 64;
inline constexpr size_t kBlockBytesMax = size_t{16} << 10;  ///< of texts; one event may have more

/// The part of time that no block reaches beyond: a scan begins with it.
using BlockTime = std::chrono::hours;

/// One event has a row of the first form. The texts are then those in the row. REQUIRES: the events
/// rise, and are not empty; positions need only be right among each other.
void write_events(std::span<StoredEvent> events, RowWriter& row);
size_t events_size(std::span<const StoredEvent> events);
std::string write_events(std::vector<StoredEvent> events);

/// Puts the events of a row behind `events`: views into `value`. False where it is no such row.
bool read_events(const EventPlace& first, std::string_view value, std::vector<StoredEvent>& events);
bool is_block(std::string_view value);

/// Where an identity's event is: in which row, and which of its events it is.
struct IdentityRow {
  EventPlace row;                     ///< that of the row's first event
  std::optional<uint8_t> index = {};  ///< empty: the event has a row of its own
};
/// What leads to the event number `index` of a row.
std::string write_identity(const EventPlace& row, bool is_block, size_t index);
std::optional<IdentityRow> read_identity(std::string_view value);
/// Null where the row has none there.
const StoredEvent* event_of(const IdentityRow& identity, std::span<const StoredEvent> events);

/// The events of a customer with from <= time < until, by time and position, until `visit` says
/// false.
using VisitStored = std::function<bool(const StoredEvent&)>;
std::expected<void, StoreError> scan_events(const View& view, std::string_view tenant,
                                            std::string_view customer, Instant from, Instant until,
                                            const VisitStored& visit);

/// Where a damaged row was found.
StoreError damaged(Table table, std::string_view what);

}  // namespace toll::engine
