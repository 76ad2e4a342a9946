// Many usage documents, one a line: what `toll quote --batch` and POST /v1/quotes/batch have in
// common. Each line gives one line, in order: the answer, or {"line": N, "error": problem}. A line
// that cannot be answered is no reason not to answer the others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/card_set.h"
#include "runtime/usage.h"

namespace toll::server {

/// What a batch of one line after another is read from.
struct BatchLine {
  std::string_view text;  ///< without its line break
  uint64_t number = 0;    ///< the first is 1
};

/// The document of a line; or nothing, and what is wrong with it is appended to `out`. `card` as in
/// wire::read_usage. Pure; any thread.
std::optional<runtime::UsageDocument> read_line(const BatchLine& line, std::string_view card,
                                                std::string& out);

/// Appends the answer, or why there is none: then it returns false.
bool answer_line(const runtime::CardSet& cards, const runtime::UsageDocument& document,
                 uint64_t number, std::string& out);

/// Appends what is said of a line that is longer than it may be.
void refuse_long_line(uint64_t number, std::string& out);

}  // namespace toll::server
