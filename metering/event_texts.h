// Where one event ends and the next begins: in a file of lines (NDJSON), and in a JSON array
// (cloudevents/formats/json-format.md, section 4).
#pragma once

#include <cstddef>
#include <expected>
#include <string_view>
#include <vector>

#include "metering/read_events.h"

namespace toll::metering {

/// The text of one event, which may be anything: EventReader says whether it is one.
struct EventText {
  size_t place = 0;  ///< its line, from 1, or its index in the array
  std::string_view text;
};

/// One event a line; blank lines are left out. Views into `text`. Pure.
std::vector<EventText> texts_of_lines(std::string_view text);

/// The elements of an array, which need not be JSON themselves. The fault is one of the array:
/// where it ends is then not known. Views into `text`. Pure.
std::expected<std::vector<EventText>, EventFault> texts_of_array(std::string_view text);

}  // namespace toll::metering
