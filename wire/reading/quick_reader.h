// A document without faults, read by the faster of two parsers.
#pragma once

#include <string_view>

namespace toll::wire {

class UsageReader;

/// Tells the reader what the text has, as far as the text is JSON and none of it is told to stop.
/// False where it is not, or may not be, to its end: what the reader has been told is then of no
/// use.
bool read_quickly(std::string_view text, UsageReader& reader);

}  // namespace toll::wire
