// Texts that come from outside: which of them may be ids, and how they are shown in a message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace toll::wire {

/// Longest id in bytes of UTF-8: cards, meters, dimensions and their values, customers, plans.
inline constexpr size_t kIdBytesMax = 256;

/// Why a text is no id, as a sentence without subject ("is empty"); empty where it is one. An id is
/// 1..kIdBytesMax bytes of UTF-8 and has no character that cannot be seen: two ids that look alike
/// in a log are then equal, but for letters of different alphabets.
std::string id_fault(std::string_view text);

/// A text to be quoted in a message or on a terminal: what cannot be seen and what is not UTF-8
/// becomes U+FFFD, and what is longer than `bytes_max` is cut, which `…` says.
std::string shown(std::string_view text, size_t bytes_max = 64);

}  // namespace toll::wire
