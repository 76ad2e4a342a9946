// The strict reader of usage documents. Numbers are read from their own digits, never by way of a
// binary fraction; what the contract does not know is refused by name, so that a misspelled field
// cannot change a bill in silence.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/usage.h"

namespace toll::wire {

inline constexpr size_t kDepthMax = 32;         ///< objects and lists inside one another
inline constexpr size_t kNamesMax = 256;        ///< fields of one object
inline constexpr size_t kUsageMax = 100'000;    ///< entries of `usage`
inline constexpr size_t kItemsMax = 1'000'000;  ///< `items` and `days` of all entries together
inline constexpr size_t kUsageFaultsMax = 50;   ///< reading stops at this many

/// Reads one usage document. What is wrong with it is listed in the order of the text, with a JSON
/// pointer to the place; a text that is no JSON also with line and column. Every text of whatever
/// bytes has one outcome; time and memory are linear in its size.
/// `card` is the card that is asked for elsewhere, on a command line: the document may then leave
/// its own out and may not name another. Pure; any thread.
std::expected<runtime::UsageDocument, std::vector<runtime::UsageFault>> read_usage(
    std::string_view text, std::string_view card = {});

/// What of a document with faults was read well.
struct ReadRest {
  runtime::UsageDocument document;  ///< values that are at fault are missing from it
  /// The text stops being JSON somewhere: what follows is missing, too. What was read are the
  /// fields and the whole entries before.
  bool cut = false;
};

/// The same, and of a document with faults the rest, to be held against its card as well. Empty
/// where there is none.
std::expected<runtime::UsageDocument, std::vector<runtime::UsageFault>> read_usage(
    std::string_view text, std::string_view card, std::optional<ReadRest>& rest);

/// The document as JSON on one line, which read_usage reads back. Pure; any thread.
/// REQUIRES: dimensions, meters and commitments are named by words of the language.
std::string to_json(const runtime::UsageDocument& document);

}  // namespace toll::wire
