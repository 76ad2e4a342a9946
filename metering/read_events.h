// The reader of usage events: CloudEvents 1.0 in the JSON event format (cloudevents/formats/
// json-format.md, v1.0.2), one by one or as lines of a file (NDJSON).
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metering/event.h"

namespace toll::metering {

inline constexpr size_t kEventBytesMax = size_t{64} << 10;
inline constexpr size_t kEventDepthMax = 8;     ///< objects inside one another, in `data`
inline constexpr size_t kEventFieldsMax = 256;  ///< of `data`
inline constexpr size_t kEventIdBytesMax = 256;

/// What is wrong with the text of an event, and where.
struct EventFault {
  std::string pointer;  ///< JSON pointer (RFC 6901), e.g. "/data/tokens"; "": the whole
  std::string message;  ///< one sentence, lower case, no full stop
  std::string id = {};  ///< of the event, where its text says one; else empty
};

/// Of an event as a whole.
inline std::unexpected<EventFault> refused_event(std::string message) {
  return std::unexpected(EventFault{"", std::move(message)});
}

/// Reads events. Keeps its buffers from one to the next; not safe for use by several threads.
class EventReader {
 public:
  EventReader();
  ~EventReader();
  EventReader(EventReader&&) noexcept;
  EventReader& operator=(EventReader&&) noexcept;

  /// One event, refused as a whole if anything is wrong with it. `specversion`, `id`, `source`,
  /// `type`, `subject` (the customer, an id: wire/text.h) and `time` must be there; `data` is an
  /// object or absent; of other attributes only `sequence` is looked at. Numbers keep their digits.
  std::expected<UsageEvent, EventFault> read(std::string_view json);

  /// The same, written over an event whose memory is used again. After a fault it is none.
  std::expected<void, EventFault> read_over(UsageEvent& event, std::string_view json);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

/// Events of a file, and the lines that are none.
struct EventLines {
  std::vector<UsageEvent> events;
  std::vector<size_t> line_of_event;  ///< from 1
  struct Fault {
    size_t line;
    EventFault fault;
  };
  std::vector<Fault> faults;
};

/// One event a line; blank lines are skipped. events + faults = lines that are not blank. Pure.
EventLines read_event_lines(std::string_view text);

}  // namespace toll::metering
